"""A desk over the PostgreSQL of the tests, people who sign in, and a small story to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from builders import (
    BUYER,
    GATEWAY,
    IMPORTER,
    KZ,
    TRADER,
    TestClock,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    filed,
    one,
)
from keruen.faces import desk as desks
from keruen.faces.desk import Desk
from keruen.model.actor import Role
from keruen.settings import Settings
from keruen.workflow.submit import Office

if TYPE_CHECKING:
    from django.test import Client

    from keruen.store.models import User
    from keruen.store.postgres import PostgresStore

PASSWORD = "a long enough passphrase"


@pytest.fixture
def desk(postgres: PostgresStore, settings: Settings, clock: TestClock) -> Iterator[Desk]:
    """The desk the views work with; sessions of earlier tests are gone."""
    from django.contrib.sessions.models import Session
    from django.test import override_settings

    Session.objects.all().delete()
    found = Desk(settings, Office(postgres, KZ, clock, lambda: b"s" * 16))
    desks.use(found)
    # The test client calls itself testserver; a real hasher takes a tenth of a second each time on purpose.
    with override_settings(
        ALLOWED_HOSTS=["testserver"], PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
    ):
        yield found
    desks._desks.clear()


@pytest.fixture
def person(desk: Desk) -> Callable[..., User]:
    """Makes a user."""

    def make(name: str, role: Role = Role.OFFICER, organisation: str = "authority", language: str = "en") -> User:
        from keruen.store.models import User

        found = User(username=name, role=role.value, organisation_id=organisation, language=language)
        found.set_password(PASSWORD)
        found.save()
        return found

    return make


@pytest.fixture
def client_of(person: Callable[..., User]) -> Callable[..., Client]:
    """A browser somebody has signed in with."""

    def make(name: str, role: Role = Role.OFFICER, organisation: str = "authority", language: str = "en") -> Client:
        from django.test import Client

        client = Client(headers={"accept-language": language})
        client.force_login(person(name, role, organisation, language))
        return client

    return make


@pytest.fixture
def officer(client_of: Callable[..., Client]) -> Client:
    """An officer's browser."""
    return client_of("officer")


@pytest.fixture
def importer(client_of: Callable[..., Client]) -> Client:
    """The browser of the firm whose goods the story is about."""
    return client_of("importer", Role.FILER, IMPORTER)


@pytest.fixture
def stranger(client_of: Callable[..., Client]) -> Client:
    """The browser of a firm that has no part in it."""
    return client_of("stranger", Role.FILER, TRADER)


@pytest.fixture
def key_of(person: Callable[..., User]) -> Callable[..., dict[str, str]]:
    """The header with which a program acts as somebody."""

    def make(name: str, role: Role = Role.FILER, organisation: str = IMPORTER) -> dict[str, str]:
        from keruen.store.models import ApiKey

        token = f"krn_{name}"
        digest = hashlib.sha256(token.encode()).hexdigest()
        ApiKey.objects.create(user=person(name, role, organisation), name="test", sha256=digest)
        return {"authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def story(desk: Desk) -> Desk:
    """A hundred chips come in; two applications to export some of them wait for an officer, one is refused."""
    for document in (
        an_entry(),
        an_invoice("INV-1", receiver=BUYER, country="UZ"),
        an_application(),
        an_application("EA-2"),
        an_application("EA-3", an_application_line(entered="90")),
    ):
        outcome = one(desk.office, filed(document, GATEWAY))
        assert outcome.problem is None, outcome
    return desk
