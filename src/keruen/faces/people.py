"""Who asks: a person by session, a program by key."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keruen.model.actor import Actor
    from keruen.store.models import ApiKey, User

BEARER = "Bearer "


KEY_KEPT_S = 5.0
"""How long a key found good is not asked for again: a key taken back, or its blocked user, works so long at most."""
KEYS_KEPT = 4096
_good: dict[str, tuple[float, ApiKey]] = {}


def user_by_key(token: str) -> User | None:
    """The active user a key stands for, or None; keys are kept as hashes, so a stolen table opens nothing.

    A good answer is kept for `KEY_KEPT_S`, since programs file many documents one by one and the question
    cost more than half of their time; a key that is unknown or blocked is asked for anew. Expiry is looked at
    each time.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    kept = _good.get(digest)
    found = kept[1] if kept is not None and monotonic() - kept[0] < KEY_KEPT_S else _asked_for(digest)
    if found is None or (found.expires_at is not None and found.expires_at <= datetime.now(UTC)):
        return None
    return found.user


def _asked_for(digest: str) -> ApiKey | None:
    """The key as it stands in the books, kept if it is good."""
    from keruen.store.models import ApiKey

    _good.pop(digest, None)
    found = ApiKey.objects.select_related("user").filter(sha256=digest, user__is_active=True).first()
    if found is not None:
        if len(_good) >= KEYS_KEPT:
            _good.clear()
        _good[digest] = (monotonic(), found)
    return found


def actor_of(request: HttpRequest) -> Actor | None:
    """Whoever asks, by key or session, or None."""
    from keruen.store.models import User

    header = request.headers.get("Authorization", "")
    if header.startswith(BEARER):
        found = user_by_key(header.removeprefix(BEARER).strip())
        return found.actor() if found is not None else None
    user = request.user
    return user.actor() if isinstance(user, User) and user.is_active else None
