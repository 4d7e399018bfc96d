"""Tracing goods: text tree, tables, picture, and the same as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from keruen.faces import words
from keruen.faces.desk import desk
from keruen.faces.web.picture import HEIGHT, WIDTH, draw
from keruen.faces.web.shell import for_actors, lang, page, said
from keruen.workflow.trace import as_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from keruen.ledger.trace import LotView, Trace
    from keruen.model.actor import Actor

MOVES_SHOWN = 1000
TREE_SHOWN = 300


@require_safe
@for_actors
def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask for a trace, or show the one asked for."""
    what = request.GET.get("what", "").strip()[:120]
    if not what:
        return page(request, "trace_search.html", actor, {}, title=said("ui.trace.search_title"), here="trace")
    return _page(request, actor, what, said("ui.trace.title", what=what))


@require_safe
@for_actors
def lot(request: HttpRequest, actor: Actor, lot_id: str) -> HttpResponse:
    """A lot: what it is and where it came from and went."""
    desk().lot(actor, lot_id)
    return _page(request, actor, lot_id, said("ui.lot.title", lot=lot_id))


@require_safe
@for_actors
def as_json(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A trace as JSON, to keep."""
    what = request.GET.get("what", "").strip()[:120]
    if not what:
        return redirect("trace")
    found = desk().trace(actor, what)
    name = re.sub(r"[^A-Za-z0-9._-]", "_", what)
    return JsonResponse(
        as_data(found),
        json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers={"Content-Disposition": f'attachment; filename="trace-{name}.json"'},
    )


def _page(request: HttpRequest, actor: Actor, what: str, title: str) -> HttpResponse:
    found = desk().trace(actor, what)
    names = desk().books.names(
        {
            *(row.holder for view in found.lots for row in view.balances),
            *(view.lot.owner for view in found.lots),
            *(place for view in found.lots for move in view.moves for place in (move.source, move.target)),
        }
    )
    stays = _stays(found, names)
    # Soonest first: goods that stay an hour at each of five firms are what the picture should show.
    ages = {
        row["stay"].holder: words.age_text(row["age_s"], lang()) for row in sorted(stays, key=lambda row: -row["age_s"])
    }
    picture = draw(
        found,
        lambda place: words.place_text(place, names, lang()),
        lambda code: words.unit_text(code, lang()),
        lambda holder: ages.get(holder, ""),
    )
    context: dict[str, Any] = {
        "what": what,
        "found": found,
        "picture": picture,
        "box_width": WIDTH,
        "box_height": HEIGHT,
        "shown_places": len(picture.boxes),
        "shown_lots": len(found.lots),
        "tree": _tree(found)[:TREE_SHOWN],
        "moves": _moves(found, names),
        "balances": _balances(found, names),
        "stays": stays,
        "partial": not actor.sees_all,
        "asked_lots": [view for view in found.lots if view.relation == "asked"][:10],
        "json_url": f"{reverse('trace_json')}?{urlencode({'what': what})}",
        "heading": title,
        "names": names,
    }
    return page(request, "trace.html", actor, context, title=title, here="trace")


def _tree(found: Trace) -> list[dict[str, Any]]:
    """Lots as an indented list: what went in above what came out, each once under each child."""
    by_id = {view.lot.lot_id: view for view in found.lots}
    children: dict[str, list[tuple[str, str]]] = {}
    has_parent = set()
    for edge in found.edges:
        children.setdefault(edge.parent, []).append((edge.child, f"{edge.share_numerator}/{edge.share_denominator}"))
        has_parent.add(edge.child)
    rows: list[dict[str, Any]] = []
    expanded: set[str] = set()

    def walk(lot_id: str, level: int, share: str) -> None:
        if len(rows) > TREE_SHOWN:
            return
        rows.append({"view": by_id[lot_id], "level": min(level, 6), "share": share, "again": lot_id in expanded})
        if lot_id in expanded:
            return
        expanded.add(lot_id)
        for child, part in children.get(lot_id, ()):
            walk(child, level + 1, part)

    for view in found.lots:
        if view.lot.lot_id not in has_parent:
            walk(view.lot.lot_id, 0, "")
    return rows


def _place(where: str, names: Mapping[str, str]) -> dict[str, str]:
    return {"name": words.place_text(where, names, lang()), "organisation": "" if where.startswith("world:") else where}


def _moves(found: Trace, names: Mapping[str, str]) -> list[dict[str, Any]]:
    every = sorted(
        (move for view in found.lots for move in view.moves),
        key=lambda move: (move.effective_at, move.recorded_at, move.lot_id),
    )
    return [
        {"move": move, "source": _place(move.source, names), "target": _place(move.target, names)}
        for move in every[:MOVES_SHOWN]
    ]


def _balances(found: Trace, names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"view": view, "row": row, "holder": _place(row.holder, names)} for view in found.lots for row in view.balances
    ]


def _stays(found: Trace, names: Mapping[str, str]) -> list[dict[str, Any]]:
    now = desk().now()

    def rows(view: LotView) -> list[dict[str, Any]]:
        return [
            {
                "view": view,
                "stay": stay,
                "holder": _place(stay.holder, names),
                "age_s": ((stay.until or now) - stay.since).total_seconds(),
            }
            for stay in view.stays
        ]

    return [row for view in found.lots for row in rows(view)][:MOVES_SHOWN]
