"""Pages for what went wrong, in the reader's language; they ask the database nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import get_language

from keruen.texts import LANGUAGES, text

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from keruen.errors import KeruenError


def not_found(request: HttpRequest, exception: object) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Nothing there, or not for this reader."""
    return _page(request, 404, "ui.error.404", "ui.error.404_text")


def forbidden(request: HttpRequest, exception: object) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Not for this role."""
    return _page(request, 403, "ui.error.403", "ui.error.403_text")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form that is not from us, or too old."""
    return _page(request, 403, "ui.error.403", "ui.error.csrf_text")


def bad_request(request: HttpRequest, exception: object) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A request that cannot be read."""
    return _page(request, 400, "ui.error.title", "problem.invalid_input")


def failed(request: HttpRequest) -> HttpResponse:
    """Our own fault."""
    return _page(request, 500, "ui.error.500", "ui.error.500_text")


def unavailable(request: HttpRequest, error: KeruenError) -> HttpResponse:  # noqa: ARG001 - a page's code says enough
    """Something needed is not there now."""
    return _page(request, 503, "ui.error.503", "problem.unavailable")


def _page(request: HttpRequest, status: int, title: str, body: str) -> HttpResponse:
    lang = (get_language() or settings.LANGUAGE_CODE)[:2]
    lang = lang if lang in LANGUAGES else "en"
    return render(
        request,
        "keruen/error.html",
        {
            "actor": None,
            "lang": lang,
            "languages": LANGUAGES,
            "here": "",
            "sections": (),
            "demonstration": False,
            "page_title": text(title, lang),
            "title": title,
            "body": body,
        },
        status=status,
    )
