"""The log, the state of the system, and help."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from keruen.codes import lists
from keruen.errors import IntegrityFailure, NotFound
from keruen.faces.desk import desk
from keruen.faces.people import actor_of
from keruen.faces.web.shell import for_actors, page, said

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from keruen.journal.checkpoint import Checkpoint
    from keruen.model.actor import Actor


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The checkpoint and how to verify; open to everybody, as the log is."""
    checkpoint: Checkpoint | None = None
    unverified, published_at = False, None
    try:
        checkpoint = desk().journal.checkpoint()
        written = (desk().settings.log_dir / "checkpoint").stat().st_mtime
        published_at = datetime.fromtimestamp(written, UTC)
    except NotFound:
        pass
    except IntegrityFailure:
        unverified = True
    context = {
        "checkpoint": checkpoint,
        "root": checkpoint.root.hex() if checkpoint else "",
        "unverified": unverified,
        "vkey": desk().journal.vkey,
        "published_at": published_at,
    }
    return page(request, "log.html", actor_of(request), context, title=said("ui.log.title"), here="log")


@require_safe
@for_actors
def status(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Which lists are in force and how old they are; for the administration also how much is kept."""
    today = datetime.now(UTC).date()
    names = sorted({edition.list_name for edition in lists.editions()})
    in_force = [edition for name in names if (edition := lists.edition_in_force(name, today)) is not None]
    totals = desk().books.totals() if actor.sees_all else {}
    context = {
        "editions": [(edition, (today - edition.edition_on).days * 86400) for edition in in_force],
        "totals": [
            (name, totals[name]) for name in ("documents", "lots", "postings", "edges", "leaves") if name in totals
        ],
        "by_state": [(*name.split("/", 1), count) for name, count in sorted(totals.items()) if "/" in name],
        "profile": desk().profile,
    }
    return page(request, "status.html", actor, context, title=said("ui.status.title"), here="status")


@require_safe
def manual(request: HttpRequest) -> HttpResponse:
    """What the pages are for, in a few sentences."""
    return page(request, "help.html", actor_of(request), {}, title=said("ui.help.title"), here="help")
