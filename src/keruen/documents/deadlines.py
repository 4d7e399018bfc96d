"""When a document is due: calendar days, working days, or days from a date it states.

A deadline that passes is shown as late. Where the profile names a transition the clock may
take it (a waybill lapses, an exit is asked after); no such transition ever releases goods.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from keruen.model.calendar import Calendar
from keruen.model.document import Fields
from keruen.model.profile import Kind, Profile


def calendar_of(profile: Profile) -> Calendar:
    """The working days of the profile's country."""
    return Calendar(profile.working_days, profile.holidays)


def is_working_day(profile: Profile, day: date) -> bool:
    """Whether offices work on that day in the profile's country."""
    return calendar_of(profile).is_working(day)


def add_working_days(profile: Profile, start: date, count: int) -> date:
    """The date `count` working days after `start`, which itself is not counted."""
    return calendar_of(profile).add(start, count)


def due(profile: Profile, kind: Kind, state: str, header: Fields, since: datetime) -> tuple[datetime | None, str]:
    """When a document that entered a state is due, and the transition the clock then takes.

    Args:
        profile: For working days.
        kind: Of the document.
        state: The state entered.
        header: Of the document; a deadline may count from a date in it.
        since: When the state was entered, aware UTC.

    Returns:
        The instant from which it is late, and the transition's name or an empty text; (None, "")
        where nothing is due. Days counted from a date in the header end as that last day begins.
    """
    deadline = kind.deadline(state)
    if deadline is None:
        return None, ""
    if deadline.field:
        start = header.get(deadline.field)
        if not isinstance(start, date):
            return None, ""
        end = start + timedelta(days=deadline.days or 0)
        return datetime.combine(end, time(), UTC), deadline.then
    if deadline.working_days is not None:
        end = add_working_days(profile, since.date(), deadline.working_days)
        return datetime.combine(end + timedelta(days=1), time(), UTC), deadline.then
    return since + timedelta(days=deadline.days or 0), deadline.then
