"""Measures numbers, days and hours, batch by batch, in bounded memory, as `counters` do."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from statistics import median
from typing import Any, Final

from kobo_async.report.facts import Bin, Days, Hours, Numbers, Span

LARGEST_SAMPLE: Final = 20_000
MOST_BINS: Final = 20
MOST_DAYS: Final = 4_000


class NumberCounter:
    """Measures numbers.

    Beyond 20,000 of them only every second one is kept, then every fourth, and so on: enough for
    a median and a histogram.
    """

    def __init__(self) -> None:
        self._sample = array("d")
        self._every = 1
        self._count = 0
        self._sum = 0.0
        self._least = math.inf
        self._most = -math.inf

    def add(self, cells: Sequence[Any], /) -> None:
        """Take numbers."""
        numbers = [float(cell) for cell in cells if cell is not None]
        if not numbers:
            return
        self._sample.extend(numbers[-self._count % self._every :: self._every])
        self._count += len(numbers)
        self._sum += math.fsum(numbers)
        self._least = min(self._least, *numbers)
        self._most = max(self._most, *numbers)
        while len(self._sample) > LARGEST_SAMPLE:
            self._sample = self._sample[::2]
            self._every *= 2

    def found(self) -> Numbers | None:
        """Tell where the numbers lie."""
        if not self._count:
            return None
        return Numbers(
            least=self._least,
            median=median(self._sample),
            mean=self._sum / self._count,
            most=self._most,
            bins=tuple(self._bins()),
            exact=self._every == 1,
        )

    def _bins(self) -> Iterator[Bin]:
        step = step_of(self._least, self._most)
        first = math.floor(self._least / step)
        counts = Counter(math.floor(number / step) - first for number in self._sample)
        for place in range(math.floor(self._most / step) - first + 1):
            start = (first + place) * step
            yield Bin(_short(start), _short(start + step), counts[place] * self._every)


def _short(number: float) -> float:
    """Drop what comes from counting in fractions that have no end in binary."""
    return float(f"{number:.12g}")


def step_of(least: float, most: float) -> float:
    """Return a width of bins that people count in, so that there are at most 21 of them."""
    width = (most - least) / MOST_BINS
    if width == 0 or not math.isfinite(width):
        return max(1.0, abs(most))
    power = 10.0 ** math.floor(math.log10(width))
    rounded = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= width)
    whole = least.is_integer() and most.is_integer()
    return max(rounded, 1.0) if whole and rounded < 1 else rounded


class DayCounter:
    """Counts days, by months where there are too many of them."""

    def __init__(self, most_days: int = MOST_DAYS) -> None:
        self._counts: Counter[date] = Counter()
        self._most_days = most_days
        self._by_month = False
        self._first, self._last = date.max, date.min

    def add(self, cells: Sequence[Any], /) -> None:
        """Take dates, or moments, which count on the day that their clock showed."""
        days = [_day(cell) for cell in cells if cell is not None]
        if not days:
            return
        self._first, self._last = min(self._first, *days), max(self._last, *days)
        self._counts.update(_months(days) if self._by_month else days)
        if len(self._counts) > self._most_days and not self._by_month:
            self._by_month = True
            self._counts = _by_month(self._counts)

    def found(self) -> Days | None:
        """Tell how many there are of each day that has any."""
        if not self._counts:
            return None
        spans = tuple(Span(*pair) for pair in sorted(self._counts.items()))
        return Days(self._first, self._last, "month" if self._by_month else "day", spans)


def _day(cell: date) -> date:
    return cell.date() if isinstance(cell, datetime) else cell


def _months(days: Iterable[date]) -> Iterator[date]:
    return (day.replace(day=1) for day in days)


def _by_month(counts: Mapping[date, int]) -> Counter[date]:
    months: Counter[date] = Counter()
    for day, count in counts.items():
        months[day.replace(day=1)] += count
    return months


class HourCounter:
    """Counts the hours of the day."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, cells: Sequence[time | None], /) -> None:
        """Take times of the day."""
        self._counts.update(cell.hour for cell in cells if cell is not None)

    def found(self) -> Hours | None:
        """Tell how many there are of each hour."""
        return Hours(tuple(self._counts[hour] for hour in range(24))) if self._counts else None
