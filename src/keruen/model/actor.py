"""Who acts: a person or system, for an organisation, in a role."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What a user of Keruen is; what each may do is in the profile's state tables."""

    FILER = "filer"
    """Files and answers for one organisation: exporter, importer, broker, carrier."""
    GATEWAY = "gateway"
    """A connected system of record that files on behalf of the organisations named in its records."""
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ANALYST = "analyst"
    PARTNER = "partner"
    SYSTEM = "system"


AUTHORITY_ROLES = frozenset({Role.OFFICER, Role.SUPERVISOR})
ALL_SEEING_ROLES = AUTHORITY_ROLES | {Role.AUDITOR, Role.ANALYST, Role.SYSTEM}


class Actor(NamedTuple):
    """The author of a command.

    Args:
        user: Name of the person or system account, unique in this installation.
        organisation: Identifier of the organisation acted for (BIN, IIN or foreign id).
        role: What the user is.
    """

    user: str
    organisation: str
    role: Role

    @property
    def is_authority(self) -> bool:
        """Whether this actor decides for the administration."""
        return self.role in AUTHORITY_ROLES

    @property
    def sees_all(self) -> bool:
        """Whether this actor may read what belongs to any organisation."""
        return self.role in ALL_SEEING_ROLES


SYSTEM = Actor("system", "", Role.SYSTEM)
