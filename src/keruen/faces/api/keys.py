"""Who calls the API: a signed-in person by session, or a program by its key."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from keruen.model.actor import Actor
from keruen.store.models import ApiKey, User

KEPT = timedelta(seconds=30)
"""How long a key that was found good is not asked for again; a key taken back works so long at most."""
_good: dict[str, tuple[datetime, Actor]] = {}


class KeyAuth(HttpBearer):
    """`Authorization: Bearer <key>`; only the key's hash is known here."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor of a key, or None."""
        del request
        digest = hashlib.sha256(token.encode()).hexdigest()
        now = datetime.now(UTC)
        seen = _good.get(digest)
        if seen is not None and seen[0] > now:
            return seen[1]
        found = ApiKey.objects.select_related("user").filter(sha256=digest).first()
        if found is None or not found.user.is_active or (found.expires_at is not None and found.expires_at < now):
            _good.pop(digest, None)
            return None
        actor = found.user.actor()
        _good[digest] = (now + KEPT, actor)
        return actor


class PersonAuth(SessionAuth):
    """A person signed in to the console; the CSRF token is demanded."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The signed-in user as actor, or None."""
        del key
        user: Any = request.user
        return user.actor() if isinstance(user, User) else None


AUTH = [KeyAuth(), PersonAuth()]
"""Every route that is not public asks for one of these."""
