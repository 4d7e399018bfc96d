"""Group commit: what arrives while a batch runs goes into the next one, and each still gets its own answer.

A single filing costs a transaction of its own, most of it waiting for the disk. Where many arrive at
once, one thread takes everything that waits and runs it as one batch, as `submit` does for a file. It is
always the same thread, so that one connection has every statement prepared and threads that answer
callers never stand in the way of a commit. Nobody waits for company: a filing that arrives alone runs
at once, alone.
"""

from __future__ import annotations

import logging
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING

from keruen.errors import Unavailable
from keruen.workflow.submit import submit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.model.document import Command
    from keruen.model.outcome import Outcome
    from keruen.workflow.submit import Office

LOG = logging.getLogger(__name__)

BATCH = 500
"""Commands taken into one batch at most; a request that is longer by itself runs alone."""


class _Request:
    """The commands of one caller, and their answer."""

    __slots__ = ("commands", "failure", "outcomes", "woken")

    def __init__(self, commands: Sequence[Command]) -> None:
        self.commands = commands
        self.woken = Event()
        """Set when the answer is there."""
        self.outcomes: list[Outcome] | None = None
        self.failure: BaseException | None = None

    @property
    def answered(self) -> bool:
        return self.outcomes is not None or self.failure is not None


class Gatherer:
    """Gathers concurrent submissions of one process into batches.

    Args:
        office: The books. All batches run on the database connection of one thread, begun with the first filing.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self._arrived = Condition()
        self._waiting: list[_Request] = []
        self._worker: Thread | None = None
        self.batches = 0
        """Batches run so far, for those who watch."""

    def submit_one(self, command: Command) -> Outcome:
        """Submit one command; see `submit_all`."""
        return self.submit_all([command])[0]

    def submit_all(self, commands: Sequence[Command]) -> list[Outcome]:
        """Submit commands that belong to one caller, in order, perhaps in a batch with others.

        Returns:
            One outcome each, durable.

        Raises:
            Unavailable: As `submit`, and only if these commands by themselves cannot be written.
            IntegrityFailure: The same.
        """
        if not commands:
            return []
        request = _Request(commands)
        with self._arrived:
            self._waiting.append(request)
            # Not before the first filing: a server that forks takes no thread along.
            if self._worker is None or not self._worker.is_alive():
                self._worker = Thread(target=self._work, name="keruen-submits", daemon=True)
                self._worker.start()
            self._arrived.notify()
        request.woken.wait()
        if request.failure is not None:
            raise request.failure
        assert request.outcomes is not None
        return request.outcomes

    def _work(self) -> None:
        while True:
            batch = self._take()
            try:
                self._run(batch)
            except BaseException:
                LOG.exception("a batch of %s requests was broken off", len(batch))
            finally:
                # Whatever happened, nobody is left waiting.
                for each in batch:
                    if not each.answered:
                        each.failure = Unavailable("the batch was broken off; try again", code="retry")
                    each.woken.set()

    def _take(self) -> list[_Request]:
        """What waits, once something does."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting)
            count, fits = 0, 0
            for each in self._waiting:
                count += len(each.commands)
                if fits and count > BATCH:
                    break
                fits += 1
            batch, self._waiting = self._waiting[:fits], self._waiting[fits:]
        return batch

    def _run(self, batch: list[_Request]) -> None:
        self.batches += 1
        if len(batch) > 1:
            commands = [_own_group(command, number) for number, each in enumerate(batch) for command in each.commands]
            try:
                outcomes = submit(self.office, commands)
            except Exception:  # noqa: BLE001, S110 - whose fault it was shows when each runs alone
                pass
            else:
                done = 0
                for each in batch:
                    each.outcomes = outcomes[done : done + len(each.commands)]
                    done += len(each.commands)
                return
        for each in batch:
            try:
                each.outcomes = submit(self.office, each.commands)
            except BaseException as error:  # noqa: BLE001 - raised where it belongs, in the caller's thread
                each.failure = error


def _own_group(command: Command, number: int) -> Command:
    """The command with a group that no other caller's command shares."""
    return command._replace(group=f"{number}:{command.group}") if command.group else command
