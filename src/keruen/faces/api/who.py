"""Who asks the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.errors import Forbidden

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keruen.model.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Whoever `auth` let in; asking again would look the key up a second time.

    Raises:
        Forbidden: Nobody.
    """
    from keruen.store.models import User

    found = getattr(request, "auth", None)
    if not isinstance(found, User):
        raise Forbidden("sign in first, or send a key", code="signed_out")
    return found.actor()
