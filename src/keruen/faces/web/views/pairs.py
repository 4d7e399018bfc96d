"""A finding of screening on its page: the words that paired, what agrees and differs, an officer's word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from keruen.errors import InvalidInput, NotFound
from keruen.faces import pairs, words
from keruen.faces.desk import desk
from keruen.faces.web.shell import for_actors, lang, said
from keruen.screening import explain
from keruen.texts import text
from keruen.workflow.screen import parties_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from keruen.model.actor import Actor
    from keruen.model.document import StoredDocument
    from keruen.model.finding import Finding
    from keruen.model.party import Party
    from keruen.screening.screener import Hit, PairDecision

SCREENED = frozenset({"listed_party", "owned_by_listed", "controlled_by_listed", "address_of_listed"})
REASON_MAX = 2000


class Shown(NamedTuple):
    """A finding with what its page says of it; `pair` is None where no list is behind it."""

    finding: Finding
    pair: PairView | None


class PairView(NamedTuple):
    """A party of the document beside a listed one, as the lists in force stand."""

    number: int
    path: str
    party: str
    source: str
    entry: str
    edition: str
    """Empty where the lists in force no longer give this pair."""
    names: tuple[str, ...]
    programmes: tuple[str, ...]
    words: tuple[tuple[str, str, str, str], ...]
    """Here, on the list, how they pair, how alike."""
    remarks: tuple[str, ...]
    decision: PairDecision | None
    standing: str
    failure: str
    """What was wrong with the word just sent on this pair."""
    sent: dict[str, str]


def shown(
    actor: Actor, stored: StoredDocument, findings: Sequence[Finding], failure: dict[str, str] | None = None
) -> tuple[list[Shown], list[PairView]]:
    """Findings with their pairs, and pairs that officers decided on which are no finding; for officers alone.

    The comparison is made anew against the lists in force, for these are what an officer decides about today.
    """
    if not actor.sees_all:
        return [Shown(each, None) for each in findings], []
    hits = _hits(stored)
    views: list[Shown] = []
    for number, finding in enumerate(findings):
        if finding.code not in SCREENED:
            views.append(Shown(finding, None))
            continue
        key = (finding.path, finding.params.get("list", ""), finding.params.get("entry", ""))
        hit = hits.pop(key, None)
        views.append(Shown(finding, _view(number, key, finding.params.get("name", ""), hit, failure)))
    decided = [
        _view(len(views) + number, key, hit.match.detail.our_name, hit, failure)
        for number, (key, hit) in enumerate(hits.items())
        if hit.decision is not None
    ]
    return views, decided


def _hits(stored: StoredDocument) -> dict[tuple[str, str, str], Hit]:
    """What the lists in force give for the document's parties, by path, list and entry; nothing without lists."""
    try:
        screener = pairs.screener()
    except NotFound:
        return {}
    today = desk().now().date()
    return {
        (path, hit.match.source, hit.match.party.id): hit
        for path, party in parties_of(stored.document)
        for hit in screener.screen(party, today, purpose=stored.document.kind, everything=True)
    }


def _view(
    number: int, key: tuple[str, str, str], name: str, hit: Hit | None, failure: dict[str, str] | None
) -> PairView:
    path, source, entry = key
    mine = failure is not None and (failure["path"], failure["list"], failure["entry"]) == key
    sent = failure if failure is not None and mine else {}
    if hit is None:
        return PairView(number, path, name, source, entry, "", (), (), (), (), None, "", sent.get("text", ""), sent)
    match = hit.match
    paired = explain.words(match.detail)["pairs"]
    return PairView(
        number,
        path,
        name,
        source,
        entry,
        match.edition,
        tuple(each.text for each in match.party.names[:NAMES_SHOWN]),
        match.party.programmes[:PROGRAMMES_SHOWN],
        tuple(
            (each["asked"], each["listed"], text(f"screening.how.{each['how']}", lang()), f"{each['likeness']:.2f}")
            for each in paired
        ),
        tuple(explain.remarks(hit, lang())),
        hit.decision,
        text(f"screening.standing.{hit.standing.value}", lang(), author=hit.decision.author if hit.decision else ""),
        sent.get("text", ""),
        sent,
    )


NAMES_SHOWN = 8
PROGRAMMES_SHOWN = 3


@require_POST
@for_actors
def decide(request: HttpRequest, actor: Actor, document_id: str) -> HttpResponse:
    """Keep an officer's word on a party of the document and a listed one; a refusal comes back with what was typed."""
    stored = desk().document(actor, document_id)
    pairs.may_decide(actor)
    given = {name: request.POST.get(name, "").strip() for name in ("path", "list", "entry", "verdict", "expires_on")}
    given["reason"] = request.POST.get("reason", "").strip()[:REASON_MAX]
    party = _party_at(stored, given["path"])
    try:
        made = pairs.decide(
            actor,
            party,
            source=given["list"],
            entry=given["entry"],
            verdict=given["verdict"],
            reason=given["reason"],
            expires_on=given["expires_on"],
        )
    except InvalidInput as error:
        from keruen.faces.web.views import document

        failure = {**given, "text": words.problem_text(error, lang())}
        return document.page_of(request, actor, stored, pair_failure=failure, status=422)
    messages.success(request, said(f"ui.pair.done.{made.verdict.value}", name=party.names[0]))
    return redirect("document", document_id=document_id)


def _party_at(stored: StoredDocument, path: str) -> Party:
    """The party as it was screened, by the place of its name.

    Raises:
        NotFound: The document names nobody there.
    """
    for place, party in parties_of(stored.document):
        if place == path:
            return party
    raise NotFound(f"{stored.id} names no party at {path}", code="not_found")
