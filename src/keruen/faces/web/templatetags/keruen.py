"""Texts and words in templates, always in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from keruen.faces import words
from keruen.model.quantity import plain
from keruen.texts import LANGUAGES
from keruen.texts import text as catalogue_text

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from django.utils.safestring import SafeString

    from keruen.model.finding import Finding

register = template.Library()


def lang() -> str:
    """The reader's language."""
    found = (get_language() or "en")[:2]
    return found if found in LANGUAGES else "en"


@register.simple_tag(name="text")
def text_tag(code: str, **params: object) -> str:
    """`{% text "ui.queue.title" %}`."""
    return catalogue_text(code, lang(), **params)


@register.filter(name="kind")
def kind_filter(kind: str) -> str:
    """A document kind."""
    return words.kind_text(kind, lang())


@register.simple_tag(name="state")
def state_tag(kind: str, state: str) -> str:
    """A state of a kind."""
    return words.state_text(kind, state, lang())


@register.filter(name="coded")
def coded_filter(value: object, prefix: str) -> str:
    """`{{ role|coded:"role" }}`: the text of a coded value."""
    return catalogue_text(f"{prefix}.{value}", lang())


@register.filter(name="action")
def action_filter(name: str) -> str:
    """A transition as what one does."""
    return words.action_text(name, lang())


@register.filter(name="field")
def field_filter(name: str) -> str:
    """A field's name."""
    return words.field_text(name, lang())


@register.filter(name="path")
def path_filter(path: str) -> str:
    """Where in a document."""
    return words.path_text(path, lang())


@register.filter(name="country")
def country_filter(code: str) -> str:
    """A country."""
    return words.country_text(code, lang())


@register.filter(name="unit")
def unit_filter(code: str) -> str:
    """A unit."""
    return words.unit_text(code, lang())


@register.filter(name="why")
def why_filter(finding: Finding) -> str:
    """A finding in one sentence."""
    return words.finding_text(finding, lang())


@register.filter(name="next_step")
def next_step_filter(finding: Finding) -> str:
    """What an officer does about a finding."""
    return words.officer_text(finding, lang())


@register.filter(name="amount")
def amount_filter(value: Decimal) -> str:
    """An exact amount."""
    return plain(value)


@register.filter(name="age")
def age_filter(seconds: float) -> str:
    """How long."""
    return words.age_text(seconds, lang())


@register.filter(name="moment")
def moment_filter(value: datetime | None) -> SafeString | str:
    """A time, readable by people and programs."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words.time_text(value, lang()))


@register.simple_tag(takes_context=True, name="query")
def query_tag(context: dict[str, Any], **changes: object) -> str:
    """The page's query string with some values changed."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        values[name] = str(value)
    return f"?{values.urlencode()}"
