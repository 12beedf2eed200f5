"""What a receiver does, told to whoever wants to know: metrics, traces, logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs


@attrs.frozen
class Received:
    """A delivery came in and is kept; `known` tells that it had come before."""

    asset: str
    known: bool


@attrs.frozen
class Refused:
    """A request was answered with an error, by its HTTP status."""

    status: int


@attrs.frozen
class Worked:
    """Submissions were copied one by one (`take`), or the mirror was brought up to date (`run`).

    Attributes:
        asset: uid of the project.
        what: `take` or `run`.
        submissions: how many were asked for, or how many changed.
        began: seconds since 1970.
        seconds: how long it took.
        error: name of the exception that ended it; empty where it went well.
    """

    asset: str
    what: Literal["take", "run"]
    submissions: int
    began: float
    seconds: float
    error: str = ""


@attrs.frozen
class SetAside:
    """A delivery was given up. The next run finds what it was about."""

    asset: str
    root_uuid: str
    error: str


Event: TypeAlias = Received | Refused | Worked | SetAside
Observer: TypeAlias = Callable[[Event], None]
