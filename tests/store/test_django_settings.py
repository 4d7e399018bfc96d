"""Django's settings follow from ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.settings import Settings
from keruen.store.django_settings import database, options

if TYPE_CHECKING:
    from pathlib import Path


def test_a_url_becomes_a_django_database() -> None:
    found = database("postgresql://k%40:p%2F@db.example:6432/keruen?sslmode=verify-full&connect_timeout=5")
    assert {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "keruen",
        "USER": "k@",
        "PASSWORD": "p/",
        "HOST": "db.example",
        "PORT": "6432",
    }
    assert found["OPTIONS"] == {
        "application_name": "keruen",
        "server_side_binding": True,
        "prepare_threshold": 3,
        "sslmode": "verify-full",
        "connect_timeout": "5",
    }


def test_a_socket_folder_is_a_host() -> None:
    found = database("postgresql://keruen@/keruen?host=%2Ftmp%2Fa%20b&port=5432")
    assert (found["HOST"], found["PASSWORD"]) == ("/tmp/a b", "")


def test_no_key_is_made_until_it_is_needed(tmp_path: Path) -> None:
    found = options(Settings(home=tmp_path), "postgresql:///keruen")
    assert list(tmp_path.iterdir()) == []
    assert len(str(found["SECRET_KEY"])) >= 50
    assert (tmp_path / "secret").exists()


def test_cookies_need_tls_only_where_there_is_tls(tmp_path: Path) -> None:
    plain = options(Settings(home=tmp_path), "postgresql:///keruen")
    behind_tls = options(Settings(home=tmp_path, https=True), "postgresql:///keruen")
    assert not plain["SESSION_COOKIE_SECURE"]
    assert "SECURE_PROXY_SSL_HEADER" not in plain
    assert behind_tls["SESSION_COOKIE_SECURE"]
    assert behind_tls["CSRF_COOKIE_SECURE"]
    assert behind_tls["SECURE_HSTS_SECONDS"] > 0
