"""Model editions as files in the home folder, and which of them ranks: champion, challenger, and those before."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from keruen.errors import Conflict, Forbidden, IntegrityFailure, InvalidInput, NotFound
from keruen.risk.model import Model

STATE: Final = "state.json"
NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,60}")


class RiskModels:
    """The models of an installation.

    Args:
        folder: Where they are kept; a file is never changed once written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, model: Model, name: str) -> Path:
        """Keep a model under a name.

        Raises:
            InvalidInput: The name is none.
            Conflict: Another model has it.
        """
        if not NAME.fullmatch(name) or name == STATE.removesuffix(".json"):
            raise InvalidInput(f"{name!r} is no name for a model: letters, digits, . _ -", code="risk_name")
        path = self.folder / f"{name}.json"
        body = model.as_bytes()
        if path.exists():
            if path.read_bytes() == body:
                return path
            raise Conflict(f"a model {name} is there with other content; give it another name", code="risk_name_taken")
        self._write(path, body)
        return path

    def get(self, name: str = "") -> Model:
        """A model by name; unset, the champion, else the one trained last.

        Raises:
            NotFound: There is none.
        """
        name = name or self.state()["champion"] or self._newest()
        path = self.folder / f"{name}.json"
        if not name or not NAME.fullmatch(name) or not path.exists():
            raise NotFound(
                f"no model {name or 'at all'}; `keruen risk train` makes one, `keruen risk list` shows them",
                code="risk_no_model",
            )
        return Model.from_bytes(path.read_bytes())

    def names(self) -> list[str]:
        """Every model, oldest first."""
        paths = [path for path in self.folder.glob("*.json") if path.name != STATE]
        return [path.stem for path in sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))]

    def state(self) -> dict[str, Any]:
        """Which model ranks, which runs beside it, and what was promoted when by whom."""
        path = self.folder / STATE
        if not path.exists():
            return {"champion": "", "challenger": "", "history": []}
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return found

    def standing(self, role: str) -> Model | None:
        """The model that stands as `champion` or `challenger`, None where none does.

        Raises:
            IntegrityFailure: It is not the one that was promoted: its file was changed or changed for another.
            InvalidInput: It is of another form.
            NotFound: Its file is gone.
        """
        state = self.state()
        name = state[role]
        if not name:
            return None
        model = self.get(name)
        promoted = [row["sha256"] for row in state["history"] if (row["model"], row["as"]) == (name, role)]
        if not promoted or promoted[-1] != model.sha256:
            raise IntegrityFailure(
                f"model {name} is not the one that was promoted: its hash is another", code="risk_model_tampered"
            )
        return model

    def retire(self, *, by: str, challenger: bool = False) -> dict[str, Any]:
        """Let nothing rank, or nothing run beside the champion, until another is promoted."""
        state = self.state()
        role = "challenger" if challenger else "champion"
        state["history"].append(self._row("", "", role, by, ""))
        state[role] = ""
        self._write(self.folder / STATE, orjson.dumps(state, option=orjson.OPT_INDENT_2))
        return state

    def promote(self, name: str, *, by: str, reviewed_by: str, challenger: bool = False) -> dict[str, Any]:
        """Let a model rank, or run beside the champion without effect.

        Raises:
            NotFound: There is no such model.
            Forbidden: Both names are the same person's.
        """
        model = self.get(name)
        if not challenger and (not reviewed_by or by == reviewed_by):
            raise Forbidden(f"a second person reviews {name}: --reviewed-by is not --by", code="risk_second_person")
        state = self.state()
        state["challenger" if challenger else "champion"] = name
        if not challenger and state["challenger"] == name:
            state["challenger"] = ""
        role = "challenger" if challenger else "champion"
        state["history"].append(self._row(name, model.sha256, role, by, reviewed_by))
        self._write(self.folder / STATE, orjson.dumps(state, option=orjson.OPT_INDENT_2))
        return state

    def roll_back(self, *, by: str, reviewed_by: str) -> dict[str, Any]:
        """Let the champion before this one rank again.

        Raises:
            NotFound: There was none before.
        """
        state = self.state()
        past = [row["model"] for row in state["history"] if row["as"] == "champion" and row["model"]]
        before = next((name for name in reversed(past) if name != state["champion"]), "")
        if not before:
            raise NotFound("no champion stood before this one", code="risk_no_model")
        return self.promote(before, by=by, reviewed_by=reviewed_by)

    @staticmethod
    def _row(name: str, sha256: str, role: str, by: str, reviewed_by: str) -> dict[str, str]:
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "model": name,
            "sha256": sha256,
            "as": role,
            "by": by,
            "reviewed_by": reviewed_by,
        }

    def _newest(self) -> str:
        names = self.names()
        return names[-1] if names else ""

    def _write(self, path: Path, body: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
