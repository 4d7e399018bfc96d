"""The page's policy lets nothing in from elsewhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from keruen.faces.web.csp import POLICY, ContentSecurityPolicy


def test_the_policy_has_no_unsafe_source_and_no_other_host() -> None:
    assert POLICY.startswith("default-src 'self'")
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "*" not in POLICY


def test_every_answer_carries_it() -> None:
    def site(_: Any) -> Any:
        return SimpleNamespace(headers={})

    request: Any = None
    assert ContentSecurityPolicy(site)(request).headers == {"Content-Security-Policy": POLICY}
