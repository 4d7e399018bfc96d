"""The six kinds of failure a caller may want to tell apart.

Each carries a code and its values beside the English sentence, so that a face can say the same
thing in the reader's language. How a kind becomes an HTTP status or an exit code is the face's
business (one table each).
"""

from __future__ import annotations


class KeruenError(Exception):
    """Base of every failure Keruen raises on purpose.

    Args:
        text: One English sentence that says what, where and how to mend it.
        code: Stable name of the failure, key into the catalogue of texts.
        params: The values the sentence was made from, by name.
    """

    default_code = "error"

    def __init__(self, text: str, *, code: str | None = None, **params: object) -> None:
        super().__init__(text)
        self.text = text
        self.code = code or self.default_code
        self.params = params


class InvalidInput(KeruenError):
    """What was given cannot be right, whatever the state of the books."""

    default_code = "invalid_input"


class NotFound(KeruenError):
    """What was named does not exist, or not for this reader."""

    default_code = "not_found"


class Conflict(KeruenError):
    """What was asked is well formed, but the state of the books does not allow it."""

    default_code = "conflict"


class Forbidden(KeruenError):
    """The asker may not do or see this."""

    default_code = "forbidden"


class Unavailable(KeruenError):
    """Something needed is not there now; the same call may succeed later."""

    default_code = "unavailable"


class IntegrityFailure(KeruenError):
    """Our own evidence or ledger does not verify: nothing may be built on it."""

    default_code = "integrity_failure"
