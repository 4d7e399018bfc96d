"""The log as files over HTTP, where any client of C2SP tlog-tiles looks for them.

The checkpoint and the hash tiles are for everybody: they prove and tell nothing else. Entry bundles
hold what was done, and are for the administration and its auditors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from keruen.errors import InvalidInput, NotFound
from keruen.faces.desk import desk
from keruen.faces.people import actor_of
from keruen.journal.tiles import Bundle, parse_path
from keruen.model.actor import Role

if TYPE_CHECKING:
    from django.http import HttpRequest

READERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR})
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The signed checkpoint."""
    try:
        content = desk().log.read("checkpoint")
    except NotFound:
        return HttpResponseNotFound("nothing was published yet\n", content_type="text/plain")
    return HttpResponse(content, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A hash tile, or for those who may read them a bundle of entries."""
    try:
        named = parse_path(path)
        if isinstance(named, Bundle):
            actor = actor_of(request)
            if actor is None or actor.role not in READERS:
                return HttpResponse(
                    "entries are for the administration and its auditors\n", status=403, content_type="text/plain"
                )
            return HttpResponse(
                desk().log.read(path),
                content_type="application/octet-stream",
                headers={"Cache-Control": "private, no-store"},
            )
        return HttpResponse(
            desk().log.read(path), content_type="application/octet-stream", headers={"Cache-Control": FOR_EVER}
        )
    except (InvalidInput, NotFound):
        return HttpResponseNotFound("the log has no such file\n", content_type="text/plain")
