"""What all pages share: who reads, in which language, and the frame around the page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from keruen.errors import Forbidden, KeruenError, NotFound, Unavailable
from keruen.faces.desk import desk
from keruen.faces.people import actor_of
from keruen.faces.web.views import errors
from keruen.texts import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from keruen.model.actor import Actor

P = ParamSpec("P")


def lang() -> str:
    """The reader's language."""
    found = (get_language() or settings.LANGUAGE_CODE)[:2]
    return found if found in LANGUAGES else "en"


def page(
    request: HttpRequest,
    template: str,
    actor: Actor | None,
    context: dict[str, Any],
    *,
    title: str,
    here: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page in its frame.

    Args:
        request: Whose page.
        template: Under templates/keruen/.
        actor: Who reads; None before signing in.
        context: Of the template.
        title: What stands in the tab, already in the reader's language.
        here: The section of the navigation it belongs to.
        status: HTTP status.
    """
    found = desk()
    names = found.books.names([actor.organisation]) if actor is not None and actor.organisation else {}
    frame = {
        "actor": actor,
        "lang": lang(),
        "languages": LANGUAGES,
        "here": here,
        "page_title": title,
        "sections": sections(actor),
        "demonstration": found.is_demonstration,
        "organisation": names.get(actor.organisation, actor.organisation) if actor is not None else "",
    }
    return render(request, f"keruen/{template}", {**frame, **context}, status=status)


def sections(actor: Actor | None) -> list[str]:
    """Sections of the navigation open to a reader."""
    if actor is None:
        return ["log", "help"]
    if actor.sees_all:
        return ["queue", "cases", "documents", "trace", "log", "status", "help"]
    return ["documents", "questions", "trace", "log", "status", "help"]


def for_actors(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for those who signed in; others are sent to do so and come back. Failures become pages."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = actor_of(request)
        if actor is None:
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('sign_in')}?{query}")
        try:
            return view(request, actor, *args, **kwargs)
        except NotFound:
            return errors.not_found(request, None)
        except Forbidden:
            return errors.forbidden(request, None)
        except Unavailable as error:
            return errors.unavailable(request, error)

    return wrapped  # type: ignore[return-value]  # wraps() keeps the name of the first argument, which Concatenate has not


def only_desk(actor: Actor) -> None:
    """Refuse a page of the administration to others.

    Raises:
        PermissionDenied: The actor sees only their own.
    """
    if not actor.sees_all:
        raise PermissionDenied


def said(code: str, **params: object) -> str:
    """A text in the reader's language."""
    return text(code, lang(), **params)


__all__ = ["KeruenError", "for_actors", "lang", "only_desk", "page", "said", "sections"]
