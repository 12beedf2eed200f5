"""Work that the server does in the background."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs


@attrs.define
class Pace:
    """How long something takes: it is done when both have passed.

    Attributes:
        polls: how often a client sees it unfinished.
        seconds: time it takes, on the clock of the server.
    """

    polls: int = 1
    seconds: float = 0.0


@attrs.define
class Progress:
    """How far a task has come."""

    created: datetime
    looks: int = 0
    finished: bool = False

    def look(self, pace: Pace, now: datetime) -> bool:
        """Note that a client looks; tell whether the task is ready to finish."""
        self.looks += 1
        waited = now - self.created >= timedelta(seconds=pace.seconds)
        return not self.finished and waited and self.looks > pace.polls

    @property
    def status(self) -> str:
        """Status of a task that is not finished: the first look may still see it waiting."""
        return "processing" if self.looks > 1 else "created"
