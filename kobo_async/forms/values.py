"""One answer, from the text that the server keeps to a Python value.

Every function takes a text and raises ValueError, with the reason, for one that it cannot read
exactly. `each` reads many.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Final

from kobo_async.forms.columns import Cells

WHOLE: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)?", re.ASCII)
HOUR: Final = re.compile(r"[0-9]{2}:[0-9]{2}[0-9:.]*(Z|[+-][0-9:]+)?", re.ASCII)
BITS: Final = 63

Report = Callable[[int, str], None]


def integer(text: str) -> int:
    """Read a whole number that fits 64 bits."""
    if not WHOLE.fullmatch(text):
        raise ValueError("not a whole number")
    number = int(text)
    if number.bit_length() > BITS:
        raise ValueError("does not fit 64 bits")
    return number


def decimal(text: str) -> float:
    """Read a number."""
    if not NUMBER.fullmatch(text):
        raise ValueError("not a number")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large for a number")
    return number


def day(text: str) -> date:
    """Read a date, such as 2026-11-21."""
    if not DAY.fullmatch(text):
        raise ValueError("not a date")
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """Read a date and time with its offset from UTC."""
    if not MOMENT.fullmatch(text):
        raise ValueError("not a date and time")
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("no offset from UTC")
    return read


def hour(text: str) -> time:
    """Read a time of the day; its offset may be left out."""
    if not HOUR.fullmatch(text):
        raise ValueError("not a time")
    return time.fromisoformat(text)


def agreed(text: str) -> bool:
    """Read the answer to an `acknowledge`: `OK`."""
    if text != "OK":
        raise ValueError("not OK")
    return True


def text(value: str) -> str:
    """Take a text as it is."""
    return value


def words(value: str) -> list[str]:
    """Read the names of several choices."""
    return value.split(" ")


def each(read: Callable[[str], Any], cells: Cells, report: Report) -> Cells:
    """Read many answers; one that does not fit is reported, and its cell is empty."""
    return [
        None if cell is None else _one(read, cell, place, report)
        for place, cell in enumerate(cells)
    ]


def _one(read: Callable[[str], Any], cell: Any, place: int, report: Report) -> Any:
    if not isinstance(cell, str):
        report(place, f"a {type(cell).__name__} instead of a text")
        return None
    try:
        return read(cell)
    except ValueError as error:
        report(place, str(error))
        return None
