"""What happens below, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs


@attrs.frozen
class Replied:
    """A request came back, with an HTTP status, or None where no reply arrived.

    `operation` is the request with placeholders in its path, the same for every project.
    """

    request: str
    status: int | None
    seconds: float
    operation: str = ""


@attrs.frozen
class Retrying:
    """A request failed and will be sent again after `wait` seconds."""

    request: str
    error: Exception
    attempt: int
    wait: float


@attrs.frozen
class Paused:
    """The server asked to wait: nobody sends for `seconds`."""

    seconds: float


@attrs.frozen
class LimitChanged:
    """The number of requests allowed at the same time changed."""

    limit: int


@attrs.frozen
class BreakerChanged:
    """The circuit breaker opened or closed."""

    open: bool


@attrs.frozen
class DownloadBegan:
    """The submissions of a project begin to be downloaded; `number` names the download."""

    number: int
    asset: str


@attrs.frozen
class DownloadEnded:
    """A download is over; `error` names the exception that ended it, if one did.

    It is complete where every row was delivered to the end.
    """

    number: int
    asset: str
    delivered: int
    complete: bool
    seconds: float
    error: str = ""


Event: TypeAlias = (
    Replied | Retrying | Paused | LimitChanged | BreakerChanged | DownloadBegan | DownloadEnded
)
Observer: TypeAlias = Callable[[Event], None]


def told_to(*observers: Observer) -> Observer:
    """Make one observer of several."""

    def tell(event: Event) -> None:
        for observer in observers:
            observer(event)

    return tell
