"""What happens below, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs


@attrs.frozen
class Replied:
    """A request came back, with an HTTP status, or None where no reply arrived."""

    request: str
    status: int | None
    seconds: float


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


Event: TypeAlias = Replied | Retrying | Paused | LimitChanged | BreakerChanged
Observer: TypeAlias = Callable[[Event], None]
