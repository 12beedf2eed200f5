"""Answers, from the texts that the server keeps to Python values, many at a time.

Every function takes texts and gives columns with a cell for each. It raises Misfit, with the
reason, if one of them cannot be read exactly; given one text alone it says which. So there is one
meaning of a text, whether it is read alone or among a million others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, Final, TypeAlias, TypeVar

import orjson

from kobo_async.forms.columns import Cells

T = TypeVar("T")
Columns: TypeAlias = Sequence[Cells]
Many: TypeAlias = Callable[[list[str]], Columns]

DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
HOUR: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
OFFSET: Final = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
ZEROS: Final = str.maketrans("123456789", "000000000")
BITS: Final = 63


class Misfit(ValueError):
    """A text that does not fit, and what can be shown of it nevertheless."""

    def __init__(self, reason: str, cells: Sequence[Any] | None = None) -> None:
        super().__init__(reason)
        self.cells = cells


def made_of(characters: str, reason: str) -> Callable[[Sequence[str]], None]:
    """Make a check that texts consist of some characters, which is faster than a pattern."""
    without = str.maketrans("", "", characters)

    def check(texts: Sequence[str]) -> None:
        joined = "".join(texts)
        if not joined.isascii() or joined.translate(without):
            raise Misfit(reason)

    return check


def all_fit(pattern: str, reason: str) -> Callable[[Sequence[str]], None]:
    """Make a check that every text fits a pattern to which all digits are alike.

    With zeros for digits, many texts have few shapes, and those alone are compared.
    """
    fits = re.compile(pattern).fullmatch

    def check(texts: Sequence[str]) -> None:
        joined = "\n".join(texts)
        shapes = joined.translate(ZEROS).split("\n")
        if len(shapes) != len(texts) or not all(map(fits, set(shapes))):
            raise Misfit(reason)

    return check


# What else int() and float() read is not made of these: spaces, underscores, inf and nan.
_are_whole = made_of("0123456789+-", "not a whole number")
_are_numbers = made_of("0123456789+.eE-", "not a number")
_are_days = all_fit(DAY, "not a date")
_are_hours = all_fit(f"{HOUR}{OFFSET}?", "not a time")
_are_moments = all_fit(f"{DAY}T{HOUR}{OFFSET}", "not a date and time with its offset from UTC")
_are_in_utc = all_fit(f"{DAY}T{HOUR}", "not a date and time in UTC")


def integers(texts: list[str]) -> Columns:
    """Read whole numbers that fit 64 bits."""
    _are_whole(texts)
    numbers = _converted(int, texts, "not a whole number")
    if not fit(numbers):
        raise Misfit("does not fit 64 bits")
    return (numbers,)


def fit(numbers: Sequence[int]) -> bool:
    """Tell whether all numbers fit 64 bits."""
    return max(numbers).bit_length() <= BITS and min(numbers).bit_length() <= BITS


def decimals(texts: list[str]) -> Columns:
    """Read numbers."""
    _are_numbers(texts)
    return (floats(texts),)


def floats(texts: Sequence[str]) -> list[float]:
    """Read numbers out of texts that are made of their characters."""
    numbers = _as_json(texts) or _converted(float, texts, "not a number")
    # A sum is much faster than a look at every number; it is finite only if they all are.
    if not math.isfinite(sum(numbers)) and not all(map(math.isfinite, numbers)):
        raise Misfit("too large for a number")
    return numbers


def _as_json(texts: Sequence[str]) -> list[float] | None:
    """Read numbers that JSON knows, too, which takes half the time; None if one has no fraction."""
    try:
        numbers: list[float] = orjson.loads(f"[{','.join(texts)}]")
    except orjson.JSONDecodeError:
        return None
    return numbers if {*map(type, numbers)} == {float} else None


def _converted(read: Callable[[str], T], texts: Sequence[str], reason: str) -> list[T]:
    try:
        return list(map(read, texts))
    except ValueError:
        raise Misfit(reason) from None


def days(texts: list[str]) -> Columns:
    """Read dates, such as 2026-11-21."""
    _are_days(texts)
    return (list(map(date.fromisoformat, texts)),)


def moments(texts: list[str]) -> Columns:
    """Read dates with times, and their offsets from UTC in minutes."""
    _are_moments(texts)
    return list(map(datetime.fromisoformat, texts)), _offsets(texts)


def utc_moments(texts: list[str]) -> Columns:
    """Read dates with times in UTC, which the server writes without saying so."""
    _are_in_utc(texts)
    return ([datetime.fromisoformat(text + "Z") for text in texts],)


def hours(texts: list[str]) -> Columns:
    """Read times of the day, and their offsets from UTC in minutes, which may be left out."""
    _are_hours(texts)
    found = map(time.fromisoformat, texts)
    return [one.replace(tzinfo=None) for one in found], _offsets(texts)


def _offsets(texts: Sequence[str]) -> Cells:
    """Read the ends of times, of which there are few: `+02:00`, `Z`, or no offset."""
    ends = [text[-len("+02:00") :] for text in texts]
    known = {end: offset(end) for end in set(ends)}
    return list(map(known.__getitem__, ends))


def offset(end: str) -> int | None:
    """Read the end of a time: minutes, or None if it says nothing of an offset."""
    if end[0] in "+-":
        minutes = int(end[1:3]) * 60 + int(end[4:])
        return -minutes if end[0] == "-" else minutes
    return 0 if end[-1] == "Z" else None


def agreed(texts: list[str]) -> Columns:
    """Read answers to an `acknowledge`: `OK`."""
    if set(texts) != {"OK"}:
        raise Misfit("not OK")
    return ([True] * len(texts),)
