"""The live line of a download, on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from kobo_async.bulk.report import Progress
from kobo_async.cli.terminal import logs_are_wanted, plain
from kobo_async.events import Event, LimitChanged, Paused, Retrying

if TYPE_CHECKING:
    from rich import progress as rich_progress


class Watch(Protocol):
    """What is told of a download while it runs."""

    def moved(self, progress: Progress, /) -> None:
        """Note how far it is."""
        ...

    def heard(self, event: Event, /) -> None:
        """Note what happens below."""
        ...


class Silent:
    """Shows nothing."""

    def moved(self, progress: Progress, /) -> None:
        """Note how far it is."""

    def heard(self, event: Event, /) -> None:
        """Note what happens below."""


class Bar:
    """Shows rows, or other units, speed, parallel requests and troubles."""

    def __init__(self, bars: rich_progress.Progress, title: str, unit: str = "rows") -> None:
        self._bars = bars
        self._unit = unit
        self._task = bars.add_task(plain(title), total=None, speed="", note="")
        self._limit = 0
        self._retries = 0
        self._last = ""

    def moved(self, progress: Progress, /) -> None:
        """Note how far it is."""
        elapsed = self._bars.tasks[0].elapsed or 0
        speed = f"{progress.delivered / elapsed:,.0f} {self._unit}/s" if elapsed else ""
        total = max(progress.expected, progress.delivered)
        self._bars.update(self._task, completed=progress.delivered, total=total, speed=speed)

    def heard(self, event: Event, /) -> None:
        """Note what happens below."""
        if isinstance(event, LimitChanged):
            self._limit = event.limit
        elif isinstance(event, Retrying):
            self._retries += 1
            self._last = type(event.error).__name__
        elif isinstance(event, Paused):
            self._last = f"asked to wait {event.seconds:.0f} s"
        self._bars.update(self._task, note=self._note())

    def _note(self) -> str:
        parts = [f"{self._limit} at once"] if self._limit else []
        if self._retries:
            parts.append(f"{self._retries} retried ({self._last})")
        return ", ".join(parts)


@contextmanager
def shown(title: str, *, quiet: bool = False, unit: str = "rows") -> Iterator[Watch]:
    """Show the progress of one download as long as the block lasts."""
    if quiet or logs_are_wanted() or not sys.stderr.isatty():
        yield Silent()
        return
    with _bars() as bars:
        yield Bar(bars, title, unit)


def _bars() -> rich_progress.Progress:
    from rich import progress as parts  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415

    return parts.Progress(
        parts.TextColumn("{task.description}", markup=False),
        parts.BarColumn(bar_width=24),
        parts.MofNCompleteColumn(),
        parts.TextColumn("{task.fields[speed]}", style="green", markup=False),
        parts.TimeElapsedColumn(),
        parts.TextColumn("{task.fields[note]}", style="yellow", markup=False),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def waiting(title: str) -> Iterator[None]:
    """Show, on a terminal, that the server is at work as long as the block lasts."""
    if logs_are_wanted() or not (title and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.text import Text  # noqa: PLC0415

    with Console(stderr=True).status(Text(plain(title))):
        yield
