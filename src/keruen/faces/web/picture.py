"""The picture of a trace: places as boxes from left to right, moves as lines between them.

Pure: a trace and words in, boxes and lines with their coordinates out; the template draws them as SVG.
Layers follow the goods: what gives stands left of what takes. Goods that go round in a circle are drawn
back to the left, so that a layer is never undefined. Sizes are in units of the drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from keruen.model.quantity import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from keruen.ledger.trace import Move, Trace

LIMIT = 50
"""Boxes drawn; more cannot be read, the table has them all."""
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 168, 74, 72, 24, 12
LETTERS = 19
"""What fits into a box."""
LABEL_GAP = 8
FITTING = 1650
"""Drawings up to this width are shrunk to the page; wider ones are scrolled."""


class Box(NamedTuple):
    """A place in the picture."""

    x: int
    y: int
    css: str
    title: str
    first: str
    second: str
    third: str
    target: str
    """Kind of thing the box leads to: `organisation`, `document` or nothing."""
    target_id: str

    @property
    def middle(self) -> int:
        """Where its first line of text stands."""
        return self.x + WIDTH // 2


class Link(NamedTuple):
    """Goods between two places."""

    path: str
    title: str
    label: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, with how much was left out."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    width: int
    height: int
    total: int
    """Places in the trace; more than boxes where the picture was cut."""

    @property
    def fits(self) -> bool:
        """Whether it can be made as wide as a page and still be read."""
        return self.width <= FITTING


class _Node(NamedTuple):
    css: str
    name: str
    generation: int


def draw(found: Trace, place: Callable[[str], str], unit: Callable[[str], str], stay: Callable[[str], str]) -> Picture:
    """Lay out a trace.

    Args:
        found: What to draw.
        place: A holder's or world account's name.
        unit: A unit's name.
        stay: How long a holder had the goods; empty where that is not known.
    """
    makings = {edge.document_id for edge in found.edges}
    generation = _generations(found)
    flows: dict[tuple[_Node, _Node], list[Move]] = {}
    for view in found.lots:
        depth = generation[view.lot.lot_id]
        for move in view.moves:
            if move.reversal:
                continue
            source, target = _node(move.source, move, makings, depth), _node(move.target, move, makings, depth)
            flows.setdefault((source, target), []).append(move)
    layers = _layers(list(flows))
    order = sorted(layers, key=lambda node: (layers[node], node.generation, node.css, node.name))
    kept = order[:LIMIT]
    at: dict[_Node, tuple[int, int]] = {}
    columns = sorted({layers[node] for node in kept})
    rows: dict[int, int] = {}
    for node in kept:
        column = columns.index(layers[node])
        row = rows.get(column, 0)
        rows[column] = row + 1
        at[node] = (MARGIN + column * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
    boxes = tuple(_box(node, at[node], place, stay) for node in kept)
    links = tuple(
        _link(at[source], at[target], moves, (place(_place(source)), place(_place(target))), unit)
        for (source, target), moves in flows.items()
        if source in at and target in at
    )
    return Picture(
        boxes,
        links,
        2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X if columns else 0,
        2 * MARGIN + max(rows.values(), default=0) * (HEIGHT + GAP_Y) - GAP_Y,
        len(order),
    )


def _node(where: str, move: Move, makings: set[str], depth: int) -> _Node:
    if where in {"world:production", "world:consumption"} and move.document_id in makings:
        # What a production took in and what it gave out meet in one box.
        return _Node("production", move.document_id, 0)
    if where.startswith("world:"):
        return _Node(where.removeprefix("world:"), move.document_id, depth)
    return _Node("holder", where, depth)


def _place(node: _Node) -> str:
    return node.name if node.css == "holder" else f"world:{node.css}"


def _generations(found: Trace) -> dict[str, int]:
    """How many productions lie before each lot: a firm that makes B from A has a box for each."""
    depth = {view.lot.lot_id: 0 for view in found.lots}
    for _ in range(len(depth)):
        changed = False
        for edge in found.edges:
            if edge.child in depth and depth[edge.child] < depth.get(edge.parent, 0) + 1:
                depth[edge.child] = depth.get(edge.parent, 0) + 1
                changed = True
        if not changed:
            break
    return depth


def _layers(flows: list[tuple[_Node, _Node]]) -> dict[_Node, int]:
    after: dict[_Node, list[_Node]] = {}
    incoming: dict[_Node, int] = {}
    for source, target in flows:
        after.setdefault(source, []).append(target)
        incoming[target] = incoming.get(target, 0) + 1
        incoming.setdefault(source, 0)
    layer = dict.fromkeys(incoming, 0)
    left, ready = dict(incoming), [node for node, count in incoming.items() if count == 0]
    done: set[_Node] = set()
    while len(done) < len(layer):
        if not ready:
            # A circle: go on with whichever of its places is furthest left.
            ready = [min((node for node in layer if node not in done), key=lambda node: (layer[node], node))]
        node = ready.pop(0)
        if node in done:
            continue
        done.add(node)
        for other in after.get(node, ()):
            if other in done:
                continue
            layer[other] = max(layer[other], layer[node] + 1)
            left[other] -= 1
            if left[other] == 0:
                ready.append(other)
    return layer


def _box(node: _Node, at: tuple[int, int], place: Callable[[str], str], stay: Callable[[str], str]) -> Box:
    name = place(_place(node))
    second = node.name if node.name != name else ""
    third = stay(node.name) if node.css == "holder" else ""
    return Box(
        at[0],
        at[1],
        node.css,
        " ".join(each for each in (name, second, third) if each),
        _short(name),
        _short(second),
        third,
        "organisation" if node.css == "holder" else "document",
        node.name,
    )


def _link(
    source: tuple[int, int],
    target: tuple[int, int],
    moves: list[Move],
    names: tuple[str, str],
    unit: Callable[[str], str],
) -> Link:
    sums: dict[str, Decimal] = {}
    for move in moves:
        sums[move.unit] = sums.get(move.unit, Decimal(0)) + move.quantity
    label = ", ".join(f"{plain(amount)} {unit(code)}" for code, amount in sums.items())
    x1, y1 = source[0] + WIDTH, source[1] + HEIGHT // 2
    x2, y2 = target[0], target[1] + HEIGHT // 2
    if x2 <= x1:
        # Back to the left: below both boxes, so that it is not taken for a way forward.
        low = max(y1, y2) + HEIGHT // 2 + GAP_Y // 2
        path = f"M{x1} {y1} C{x1 + GAP_X // 2} {low} {x2 - GAP_X // 2} {low} {x2} {y2}"
        return Link(path, f"{names[0]} → {names[1]}: {label}", _short(label), (x1 + x2) // 2, low)
    bend = (x2 - x1) // 2
    path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    # Labels stand at the end of a line: lines part from one box more often than they meet in one.
    return Link(path, f"{names[0]} → {names[1]}: {label}", _short(label), x2 - GAP_X // 2, y2 - LABEL_GAP)


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
