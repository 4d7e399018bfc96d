"""Editions of rule sets: drafted, reviewed by a second person, published, retired; never changed in place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from keruen.errors import Conflict, Forbidden, IntegrityFailure, NotFound
from keruen.model.fact import Catalogue
from keruen.rules.ruleset import RuleSet, read
from keruen.store.models import RuleEdition

DRAFT, REVIEWED, PUBLISHED, RETIRED = "draft", "reviewed", "published", "retired"


class Rulebook:
    """The rule sets of an installation.

    Args:
        catalogue: The facts there are.
        kinds: What rules may look at.
        shipped: Bytes of the set that is in force until one is published.
    """

    def __init__(self, catalogue: Catalogue, kinds: Sequence[str], shipped: bytes) -> None:
        self.catalogue, self.kinds = catalogue, kinds
        self.shipped = read(shipped, catalogue, kinds)

    def parse(self, body: bytes) -> RuleSet:
        """Read a set and check all of it.

        Raises:
            InvalidInput: It does not hold; every problem is named.
        """
        return read(body, self.catalogue, self.kinds)

    def mark(self) -> tuple[int, ...]:
        """Changes whenever another edition decides or stands in the shadow."""
        rows = RuleEdition.objects.order_by("id").values_list("id", "in_force", "shadow")
        return tuple(2 * (2 * row + live) + shadow for row, live, shadow in rows if live or shadow)

    def in_force(self) -> RuleSet:
        """What decides: the edition last published, else the shipped one.

        Raises:
            IntegrityFailure: The stored bytes are not those that were reviewed.
        """
        row = RuleEdition.objects.filter(in_force=True).first()
        return self.shipped if row is None else self._set(row)

    def shadow(self) -> RuleSet | None:
        """What runs beside it without effect."""
        row = RuleEdition.objects.filter(shadow=True).first()
        return None if row is None else self._set(row)

    def editions(self) -> list[RuleEdition]:
        """Every edition, newest first."""
        return list(RuleEdition.objects.order_by("-id"))

    def get(self, edition: str) -> RuleSet:
        """A set by its edition, or by the start of its hash.

        Raises:
            NotFound: There is none, or more than one.
        """
        if edition in {self.shipped.edition, "shipped"}:
            return self.shipped
        return self._set(self._row(edition))

    def propose(self, body: bytes, *, by: str, note: str, now: datetime | None = None) -> RuleEdition:
        """Keep a draft.

        Raises:
            InvalidInput: It does not hold.
            Conflict: An edition of that name is there with other content.
        """
        found = self.parse(body)
        row = RuleEdition.objects.filter(name=found.name, edition=found.edition).first()
        if row is not None:
            if row.sha256 == found.sha256:
                return row
            raise Conflict(
                f"edition {found.edition} of {found.name} is there with other content; an edition is never changed, "
                f"give the new one another name",
                code="rules_edition",
                edition=found.edition,
            )
        return RuleEdition.objects.create(
            name=found.name,
            edition=found.edition,
            sha256=found.sha256,
            body=body.decode("utf-8"),
            state=DRAFT,
            drafted_by=by,
            drafted_at=now or datetime.now(UTC),
            note=note,
        )

    def review(self, edition: str, *, by: str, now: datetime | None = None) -> RuleEdition:
        """Sign a draft as its second person.

        Raises:
            Forbidden: The reviewer wrote it.
            Conflict: It is no draft any more.
        """
        with transaction.atomic():
            row = self._row(edition, locked=True)
            if row.state != DRAFT:
                raise Conflict(f"{edition} is {row.state}, not a draft", code="rules_state", edition=edition)
            if row.drafted_by == by:
                raise Forbidden(
                    f"{by} wrote {edition}: a second person reviews it", code="rules_second_person", edition=edition
                )
            row.state, row.reviewed_by, row.reviewed_at = REVIEWED, by, now or datetime.now(UTC)
            row.shadow = False
            row.save()
            return row

    def publish(self, edition: str, *, by: str, now: datetime | None = None) -> RuleEdition:
        """Bring a reviewed edition into force; the one before is retired.

        Raises:
            Conflict: It was not reviewed.
            IntegrityFailure: Its bytes are not those that were reviewed.
        """
        with transaction.atomic():
            row = self._row(edition, locked=True)
            if row.state not in {REVIEWED, RETIRED} or not row.reviewed_by:
                raise Conflict(
                    f"{edition} is {row.state}: a second person reviews a draft before it is published",
                    code="rules_state",
                    edition=edition,
                )
            self._set(row)
            RuleEdition.objects.filter(in_force=True).update(in_force=False, state=RETIRED)
            row.state, row.in_force, row.shadow = PUBLISHED, True, False
            row.published_by, row.published_at = by, now or datetime.now(UTC)
            row.save()
            return row

    def retire(self, edition: str) -> RuleEdition:
        """Take an edition out of force; the shipped one decides until another is published."""
        with transaction.atomic():
            row = self._row(edition, locked=True)
            row.state, row.in_force, row.shadow = RETIRED, False, False
            row.save()
            return row

    def stand_in_shadow(self, edition: str) -> RuleEdition | None:
        """Let an edition run beside the live one; an empty name ends it."""
        with transaction.atomic():
            RuleEdition.objects.filter(shadow=True).update(shadow=False)
            if not edition:
                return None
            row = self._row(edition, locked=True)
            self._set(row)
            row.shadow = True
            row.save()
            return row

    def _row(self, edition: str, *, locked: bool = False) -> RuleEdition:
        rows = RuleEdition.objects.select_for_update() if locked else RuleEdition.objects
        found = list(rows.filter(edition=edition)) or list(rows.filter(sha256__startswith=edition or "-"))
        if len(found) != 1:
            raise NotFound(
                f"{'no' if not found else 'more than one'} edition {edition} of rules; `keruen rules list` shows them",
                code="rules_unknown",
                edition=edition,
            )
        return found[0]

    def _set(self, row: RuleEdition) -> RuleSet:
        body = row.body.encode("utf-8")
        if hashlib.sha256(body).hexdigest() != row.sha256:
            raise IntegrityFailure(
                f"edition {row.edition} of the rules is not what was reviewed: its bytes have another hash. "
                f"It decides nothing until a sound edition is published",
                code="rules_tampered",
                edition=row.edition,
            )
        return self.parse(body)
