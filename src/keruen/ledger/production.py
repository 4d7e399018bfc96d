"""Production: lots consumed, a lot born with parents, within the bounds of an approved recipe.

For each line of the recipe the inputs must lie between its least and most quantity for one
unit of output, times the output. The edges written beside the postings say how much of which
lot went in, and each parent's exact share of its component.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from keruen.errors import Conflict
from keruen.ledger.allocation import Share, allocate
from keruen.ledger.book import Book, Context
from keruen.ledger.moves import enter
from keruen.model.document import Fields
from keruen.model.lot import WORLD, Edge, Lot, Status, World
from keruen.model.quantity import ZERO, plain


class Component(NamedTuple):
    """One line of a recipe: what one unit of output takes of a commodity."""

    line: int
    commodity_code: str
    unit: str
    least: Decimal
    most: Decimal


def produce(
    book: Book,
    context: Context,
    holder: str,
    inputs: Sequence[Fields],
    outputs: Sequence[Lot],
    recipe: Sequence[Component],
    output_quantity: Decimal,
) -> bool:
    """Consume the inputs and give birth to the outputs.

    Args:
        book: Working set with the maker's lots loaded.
        context: The command.
        holder: The maker.
        inputs: Lines with commodity code, quantity, unit and perhaps a lot.
        outputs: Lots to be born (main product and by-products).
        recipe: Components of the main product.
        output_quantity: Of the main product, in the recipe's unit.

    Returns:
        Whether a lot was chosen for a line that named none.

    Raises:
        Conflict: An input is not in the recipe, or outside its bounds; or nothing is consumed, so
            that the product would come from nowhere.
        Shortage: An input is not covered by free goods.
    """
    _check_bounds(inputs, recipe, output_quantity)
    if not inputs:
        raise Conflict(
            f"{plain(output_quantity)} of the product are made of nothing; state the inputs that went into them",
            code="nothing_consumed",
            found=plain(output_quantity),
        )
    component_of = {(each.commodity_code, each.unit): each.line for each in recipe}
    used: dict[int, list[Share]] = {}
    chosen = False
    for line in inputs:
        shares, ours = allocate(book, holder, line)
        chosen = chosen or ours
        for share in shares:
            book.post(
                context,
                share.lot_id,
                share.quantity,
                line["line"],
                source=(holder, Status.FREE),
                target=(WORLD, World.CONSUMPTION),
            )
            used.setdefault(component_of[line["commodity_code"], line["unit"]], []).append(share)
    for lot in outputs:
        enter(book, context, lot, world=World.PRODUCTION)
    for component, shares in used.items():
        merged: dict[str, Decimal] = {}
        for share in shares:
            merged[share.lot_id] = merged.get(share.lot_id, ZERO) + share.quantity
        total = sum(merged.values(), ZERO)
        for parent, quantity in merged.items():
            part = Fraction(quantity) / Fraction(total)
            for lot in outputs:
                book.changes.edges.append(
                    Edge(
                        lot.lot_id,
                        parent,
                        component,
                        quantity,
                        book.lots[parent].unit,
                        part.numerator,
                        part.denominator,
                        context.document_id,
                        context.recorded_at,
                    )
                )
    return chosen


def _check_bounds(inputs: Sequence[Fields], recipe: Sequence[Component], output: Decimal) -> None:
    totals: dict[tuple[str, str], Decimal] = {}
    for line in inputs:
        key = (line["commodity_code"], line["unit"])
        totals[key] = totals.get(key, ZERO) + line["quantity"]
    for component in recipe:
        total = totals.pop((component.commodity_code, component.unit), ZERO)
        least, most = component.least * output, component.most * output
        if not least <= total <= most:
            raise Conflict(
                f"{plain(output)} of the product take {plain(least)} to {plain(most)} {component.unit} of "
                f"{component.commodity_code} by the recipe, {plain(total)} stated",
                code="outside_recipe",
                commodity_code=component.commodity_code,
                least=plain(least),
                most=plain(most),
                found=plain(total),
                unit=component.unit,
            )
    for code, unit in totals:
        raise Conflict(f"{code} in {unit} is not in the recipe", code="not_in_recipe", commodity_code=code, unit=unit)
