"""Reading a console page in a test."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client


class Page(HTMLParser):
    """What of a page its accessibility and safety can be read off."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.lang = ""
        self.headings: list[int] = []
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str]] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.inline: list[str] = []
        self.scripts = 0
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "html":
            self.lang = found.get("lang", "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.labelled.add(found["for"])
        if tag in {"input", "select", "textarea"} and found.get("type") != "hidden":
            self.fields.append(found)
        if "id" in found:
            self.ids.append(found["id"])
        if tag in {"script", "style"}:
            self.scripts += 1
        self.inline += [name for name in found if name == "style" or name.startswith("on")]


def get(client: Client, path: str, status: int = 200, **more: Any) -> str:
    response = client.get(path, **more)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()
