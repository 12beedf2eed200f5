"""Doing something again and again, at intervals that differ a little."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from kobo_async.clock import Clock

JITTER: Final = 0.1
SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
DURATIONS: Final = "a time such as 30s, 5m, 12h or 7d"
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def duration(text: Any) -> float:
    """Read a time as seconds.

    Raises:
        ValueError: for something else, and for no time at all.
    """
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found or not float(found[1]):
        raise ValueError(text)
    return float(found[1]) * SECONDS[found[2]]


def duration_option(text: str) -> float:
    """Read a time on the command line."""
    try:
        return duration(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not {DURATIONS}") from None


async def repeat(
    work: Callable[[], Awaitable[object]],
    every: float,
    clock: Clock,
    chance: Callable[[float, float], float] = random.uniform,
) -> None:
    """Work until cancelled, each time `every` seconds after it began, give or take a tenth.

    Work that takes longer is not begun again before it has ended. The jitter keeps many
    machines from asking a server at the same moment.
    """
    while True:
        began = clock.monotonic()
        await work()
        spent = clock.monotonic() - began
        await clock.sleep(max(every * chance(1 - JITTER, 1 + JITTER) - spent, 0.0))
