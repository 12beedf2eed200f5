"""The words and figures of the page and of the terminal: numbers, days, shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from kobo_async.report.facts import (
    Choices,
    Days,
    Distribution,
    Hours,
    Numbers,
    Places,
    QuestionFacts,
    Span,
    Texts,
)

MOST_FREQUENT: Final = 3
METRES_IN_A_DEGREE: Final = 111_320


def number(value: float) -> str:
    """Write a number: thousands apart, and no more than two decimals where it is large."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}"


def day(value: date) -> str:
    """Write a day, such as 3 May 2026."""
    return f"{value.day} {value:%b %Y}"


def month(value: date) -> str:
    """Write a month, such as May 2026."""
    return f"{value:%b %Y}"


def span(days: Days, one: Span) -> str:
    """Write the day or the month of a span."""
    return (day if days.unit == "day" else month)(one.start)


def busiest(days: Days) -> str:
    """Write when there were most answers, and how many."""
    most = max(days.spans, key=lambda one: one.count)
    return f"{most.count:,} {'on' if days.unit == 'day' else 'in'} {span(days, most)}"


def period(days: Days) -> str:
    """Write from when to when."""
    return day(days.first) if days.first == days.last else f"{day(days.first)} to {day(days.last)}"


def share(part: float, whole: float) -> str:
    """Write a part in hundredths; what is there is never 0 %, what is not all never 100 %."""
    if not whole:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "< 1 %"
    return f"{min(round(percent), 99) if part < whole else 100} %"


def distinct(texts: Texts) -> str:
    """Write how many texts differ."""
    return f"{'' if texts.exact else 'about '}{texts.distinct:,}"


def square(places: Places) -> str:
    """Write how large the squares are."""
    metres = places.step * METRES_IN_A_DEGREE
    return f"{round(metres / 1000):,} km" if metres >= 1000 else f"{round(metres):,} m"


def told(question: QuestionFacts) -> str:
    """Tell a distribution in one line."""
    found: Any = question.distribution
    if isinstance(found, Choices):
        return _choices(found, question.answered)
    return "" if found is None else _TOLD[type(found)](found)


def _choices(found: Choices, whole: int) -> str:
    first = sorted(found.bars, key=lambda bar: -bar.count)[:MOST_FREQUENT]
    named = [f"{bar.label} {share(bar.count, whole)}" for bar in first if bar.count]
    left = len([bar for bar in found.bars if bar.count]) - len(named)
    named += [f"{left} more"] * bool(left)
    named += [f"others {share(found.others, whole)}"] * bool(found.others)
    return ", ".join(named)


def _numbers(found: Numbers) -> str:
    about = "" if found.exact else "about "
    return (
        f"{number(found.least)} to {number(found.most)}, "
        f"median {about}{number(found.median)}, mean {number(found.mean)}"
    )


def _hours(found: Hours) -> str:
    return f"most at {found.counts.index(max(found.counts)):02}:00"


_TOLD: Final[Mapping[type[Distribution], Callable[[Any], str]]] = {
    Numbers: _numbers,
    Days: period,
    Hours: _hours,
    Texts: lambda found: f"{distinct(found)} different",
    Places: lambda found: f"in {len(found.spots):,} squares of {square(found)}",
}
