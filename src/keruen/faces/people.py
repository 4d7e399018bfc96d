"""Who asks: a person by session, a program by key."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keruen.model.actor import Actor
    from keruen.store.models import User

BEARER = "Bearer "


def user_by_key(token: str) -> User | None:
    """The active user a key stands for, or None; keys are kept as hashes, so a stolen table opens nothing."""
    from keruen.store.models import ApiKey

    digest = hashlib.sha256(token.encode()).hexdigest()
    found = ApiKey.objects.select_related("user").filter(sha256=digest).first()
    if found is None or not found.user.is_active:
        return None
    if found.expires_at is not None and found.expires_at <= datetime.now(UTC):
        return None
    return found.user


def actor_of(request: HttpRequest) -> Actor | None:
    """Whoever asks, by key or session, or None."""
    from keruen.store.models import User

    header = request.headers.get("Authorization", "")
    if header.startswith(BEARER):
        found = user_by_key(header.removeprefix(BEARER).strip())
        return found.actor() if found is not None else None
    user = request.user
    return user.actor() if isinstance(user, User) and user.is_active else None
