"""Every text a person reads, by code, in Kazakh, Russian and English.

A text is asked for by its code and the values it names. It never fails: a language that has not the
text falls back to English, a code nobody has to the code itself, and a value that was not given is
left out. The three files have the same codes and the same values; a test sees to it.
"""

from __future__ import annotations

import string
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

LANGUAGES: Final = ("kk", "ru", "en")
FALLBACK: Final = "en"


def text(code: str, lang: str, /, **params: object) -> str:
    """The text of a code in a language, with values put in.

    Args:
        code: Such as `ui.queue.title` or `finding.not_covered`.
        lang: `kk`, `ru` or `en`; any other reads English.
        params: Values by name; superfluous ones are passed over, missing ones read as nothing.
    """
    found = catalogue(lang).get(code) or catalogue(FALLBACK).get(code)
    if found is None:
        return code
    if not params and "{" not in found:
        return found
    return _FORMATTER.vformat(found, (), params)


def known(code: str) -> bool:
    """Whether there is a text of that code at all."""
    return code in catalogue(FALLBACK)


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All texts of a language, code to text; empty for a language that has none."""
    if lang not in LANGUAGES:
        return {}
    data = tomllib.loads((resources.files(__name__) / f"{lang}.toml").read_text(encoding="utf-8"))
    return dict(_flat(data, ""))


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", str(value)))
    return found


class _Lenient(string.Formatter):
    """Puts values in by name alone; a name without a value reads as nothing."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:  # noqa: ANN401, ARG002 - as inherited
        return kwargs.get(field_name, ""), field_name

    def convert_field(self, value: Any, conversion: Any) -> Any:  # noqa: ANN401, ARG002 - as inherited
        return value

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401, ARG002 - as inherited
        return str(value)


_FORMATTER: Final = _Lenient()
