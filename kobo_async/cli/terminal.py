"""What is shown to people. Text from servers may hold anything, also commands to the terminal."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO, Final

import click
import orjson

LOG_JSON: Final = "kobo_async.log_json"
LOGGER: Final = "kobo_async"
JOINERS: Final = frozenset("\u200c\u200d\u200e\u200f")
"""Invisible, harmless, and needed to write Persian, Hindi or Arabic."""


def plain(value: object) -> str:
    """Return text with all that could move the cursor, or turn the line around, made visible."""
    return _without_controls(str(value), lambda char: ascii(char)[1:-1])


def json_line(value: Any) -> str:
    """Return one line of JSON that is safe to show."""
    return json_text(orjson.dumps(value).decode())


def json_text(text: str) -> str:
    """Return the same JSON with all that terminals act upon written as escapes."""
    return _without_controls(text, lambda char: json.dumps(char)[1:-1])


def _without_controls(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in JOINERS else escape(c) for c in text)


class TerminalBytes:
    """Shows lines of JSON on a terminal, without what terminals act upon."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        """Write lines of JSON."""
        lines = data.decode().split("\n")
        self._file.write("\n".join(json_text(line) for line in lines).encode())

    def flush(self) -> None:
        """Hand on what was written."""
        self._file.flush()


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on a terminal, lines with tabs to anything else."""
    if sys.stdout.isatty():
        _draw(columns, rows)
        return
    for row in (columns, *rows):
        click.echo("\t".join(plain(cell) for cell in row))


def _draw(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in columns:  # a uid is there to be copied: it stays on one line
        table.add_column(name, no_wrap=name == "uid", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell), justify=_side(cell)) for cell in row))
    Console().print(table)


def _side(cell: object) -> Any:
    return "right" if isinstance(cell, int | float) else "left"


def say(text: str) -> None:
    """Print a line for people on stderr."""
    if not logged(logging.INFO, text):
        click.echo(plain(text), err=True)


def logged(level: int, text: str, **more: Any) -> bool:
    """Log a line instead of showing it, if that is wanted, and tell whether it is."""
    if not logs_are_wanted():
        return False
    logging.getLogger(LOGGER).log(level, "%s", text, **more)
    return True


def logs_are_wanted() -> bool:
    """Tell whether stderr is for machines, by --log-json."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and LOG_JSON in ctx.meta


def counted(number: int, noun: str) -> str:
    """Return a number and what there are so many of."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def can_ask() -> bool:
    """Tell whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()
