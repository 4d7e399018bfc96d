"""Content-Security-Policy: a page may use what this server serves and nothing else.

With no `unsafe-` source, a script that slipped into a goods description or a firm's name does not run.
Whatever a page needs must therefore be a file of ours: no style attribute, no inline handler, no CDN. A
setting could only weaken this, so there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

SOURCES: Final = (
    "default-src 'self'",
    # `data:` pictures cannot run; the style sheets' small icons and the map's symbols are such.
    "img-src 'self' data:",
    "object-src 'none'",
    # These do not fall back to default-src.
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
POLICY: Final = "; ".join(SOURCES)


class ContentSecurityPolicy:
    """Middleware that puts the policy on every answer, refusals and failures included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the site does, with the policy beside it."""
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response
