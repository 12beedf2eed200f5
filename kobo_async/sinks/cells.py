"""What Excel can hold: names of sheets, and values of cells. Knows no library."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from itertools import chain, count
from typing import Any, Final, TypeAlias

from kobo_async.forms.columns import Holds

Value: TypeAlias = str | bool | int | float | date | time
MOST_CHARACTERS: Final = 32_767
EXACT: Final = 10**15
FIRST_YEAR: Final = 1900
LONGEST_NAME: Final = 31
FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\ufffe\uffff]")
RESERVED: Final = "history"


def shown(holds: Holds, cell: Any) -> tuple[Value, str | None]:
    """Return what a cell is in Excel, and what must be told of it."""
    match holds:
        case Holds.TEXTS:
            return fitting(" ".join(cell))
        case Holds.TEXT | Holds.JSON:
            return fitting(cell)
        case Holds.INTEGER if not -EXACT < cell < EXACT:
            return str(cell), f"{cell} stands as a text, Excel would round it"
        case Holds.DATE | Holds.TIMESTAMP:
            return _day(cell)
    value: Value = cell
    return value, None


def fitting(text: str) -> tuple[str, str | None]:
    """Cut a text to what a cell holds; characters beyond U+FFFF count twice there."""
    if len(text) <= MOST_CHARACTERS // 2:
        return text, None
    units = text.encode("utf-16-le")
    length = len(units) // 2
    if length <= MOST_CHARACTERS:
        return text, None
    kept = units[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", errors="ignore")
    return f"{kept}…", f"{length:,} characters were cut to {MOST_CHARACTERS:,}"


def _day(cell: date) -> tuple[Value, str | None]:
    try:
        in_utc = cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else cell
    except OverflowError:
        in_utc = date.min
    if in_utc.year < FIRST_YEAR:
        return cell.isoformat(), f"{cell.isoformat()} stands as a text, Excel has no such date"
    return in_utc, None


class SheetNames:
    """Names of sheets, unique whatever the case of their letters."""

    def __init__(self) -> None:
        self._taken: set[str] = {RESERVED}

    def free(self, name: str) -> str:
        """Return a name that Excel takes: `name`, or `name (2)` if that is taken."""
        plain = FORBIDDEN.sub("_", name).strip("' ") or "table"
        numbered = (_cut(plain, f" ({number})") for number in count(2))
        free = next(
            one for one in chain((_cut(plain, ""),), numbered) if one.casefold() not in self._taken
        )
        self._taken.add(free.casefold())
        return free


def _cut(name: str, end: str) -> str:
    room = LONGEST_NAME - len(end)
    return (
        name.encode("utf-16-le")[: 2 * room].decode("utf-16-le", errors="ignore").strip("'") + end
    )
