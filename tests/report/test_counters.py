"""Counters say what a list of all cells would say, whatever the batches."""

from __future__ import annotations

import math
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.report import counters, scales
from kobo_async.report.counters import (
    ChoiceCounter,
    Counting,
    FirstCounter,
    NameCounter,
    PlaceCounter,
    TextCounter,
)
from kobo_async.report.facts import Bar, Choices, Days, Hours, Numbers, Places, Texts
from kobo_async.report.scales import DayCounter, HourCounter, NumberCounter

numbers = st.floats(-1e9, 1e9, width=32) | st.integers(-1000, 1000)


def batches(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Any]]]:
    return st.lists(st.lists(st.none() | cells, max_size=20), max_size=6)


def counted(counter: Counting, parts: list[list[Any]]) -> Any:
    for part in parts:
        counter.add(part)
    return counter.found()


def given_cells(parts: list[list[Any]]) -> list[Any]:
    return [cell for part in parts for cell in part if cell is not None]


@given(batches(st.sampled_from("abcx")))
def test_choices_are_counted_in_the_order_of_the_form(parts: list[list[Any]]):
    found = counted(ChoiceCounter({"c": "Third", "a": "First", "b": "Second"}), parts)
    truth = Counter(given_cells(parts))
    if not truth:
        assert found is None
        return
    assert found.bars == tuple(
        Bar(name, label, truth[name])
        for name, label in zip("cab", ("Third", "First", "Second"), strict=True)
    )
    assert found.others == truth["x"]


def test_of_several_choices_each_counts():
    found = counted(ChoiceCounter({"a": "A", "b": "B"}), [[["a", "b"], None, ["b", "else"]]])
    assert found == Choices((Bar("a", "A", 1), Bar("b", "B", 2)), 1)


def test_of_a_ranking_the_first_counts():
    found = counted(FirstCounter({"a": "A", "b": "B"}), [[["a", "b"], None, ["a"]]])
    assert found == Choices((Bar("a", "A", 2), Bar("b", "B", 0)), told="ranked first")


@given(batches(numbers))
def test_numbers_are_measured_exactly_while_they_are_few(parts: list[list[Any]]):
    cells = given_cells(parts)
    found = counted(NumberCounter(), parts)
    if not cells:
        assert found is None
        return
    assert isinstance(found, Numbers)
    assert (found.least, found.most) == (min(cells), max(cells))
    assert found.median == pytest.approx(median(cells), rel=1e-12)
    assert found.mean == pytest.approx(fmean(cells), rel=1e-9, abs=1e-6)
    assert sum(one.count for one in found.bins) == len(cells)
    assert found.exact


@given(st.lists(numbers, min_size=1))
def test_bins_join_and_hold_all_numbers(cells: list[float]):
    found = counted(NumberCounter(), [cells])
    assert len(found.bins) <= scales.MOST_BINS + 1
    for one, other in zip(found.bins, found.bins[1:], strict=False):
        assert one.end == other.start
    slack = 1e-9 * max(1.0, abs(found.least), abs(found.most))
    assert found.bins[0].start <= found.least + slack
    assert found.most <= found.bins[-1].end + slack


def test_numbers_of_any_size_have_bins():
    found = counted(NumberCounter(), [[-1.7e308, 1.7e308, 5e-324]])
    assert sum(one.count for one in found.bins) == 3
    assert all(math.isfinite(one.start) for one in found.bins)


@pytest.mark.parametrize("size", [1, 7, 1000, 30_000])
def test_of_many_numbers_a_sample_is_kept(size: int):
    counter = NumberCounter()
    cells = [float(number % 1000) for number in range(90_000)]
    for start in range(0, len(cells), size):
        counter.add(cells[start : start + size])
    found = counter.found()
    assert found
    assert not found.exact
    assert (found.least, found.most, found.mean) == (0, 999, pytest.approx(499.5))
    assert found.median == pytest.approx(499.5, abs=10)
    assert sum(one.count for one in found.bins) == pytest.approx(len(cells), rel=0.01)


@given(batches(st.dates()))
def test_days_are_counted(parts: list[list[Any]]):
    cells = given_cells(parts)
    found = counted(DayCounter(), parts)
    if not cells:
        assert found is None
        return
    assert isinstance(found, Days)
    assert (found.first, found.last) == (min(cells), max(cells))
    assert {one.start: one.count for one in found.spans} == Counter(cells)


def test_too_many_days_are_counted_by_months():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(40)]
    counter = DayCounter(most_days=30)
    found = counted(counter, [days, [date(2026, 2, 28)]])
    assert found.unit == "month"
    assert [(one.start.month, one.count) for one in found.spans] == [(1, 31), (2, 10)]
    assert (found.first, found.last) == (date(2026, 1, 1), date(2026, 2, 28))


def test_a_moment_counts_on_the_day_of_its_own_clock():
    late = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    assert counted(DayCounter(), [[late]]).first == date(2026, 1, 1)


@given(batches(st.times()))
def test_hours_are_counted(parts: list[list[time]]):
    found = counted(HourCounter(), parts)
    truth = Counter(cell.hour for cell in given_cells(parts))
    assert found == (Hours(tuple(truth[hour] for hour in range(24))) if truth else None)


@given(batches(st.text(max_size=3)))
def test_a_few_texts_are_told_apart_exactly(parts: list[list[Any]]):
    cells = given_cells(parts)
    assert counted(TextCounter(), parts) == (Texts(len(set(cells)), exact=True) if cells else None)


def test_many_texts_are_told_apart_nearly():
    counter = TextCounter()
    for start in range(0, 200_000, 1000):
        counter.add([f"text {number % 50_000}" for number in range(start, start + 1000)])
    found = counter.found()
    assert found
    assert not found.exact
    assert found.distinct == pytest.approx(50_000, rel=0.1)


def test_names_are_counted_and_too_many_of_them_together():
    counter = NameCounter()
    counter.add(
        [*[f"name {number}" for number in range(counters.MOST_NAMES)], "late", "later", None]
    )
    counter.add(["name 7"])
    first, second, *_ = counter.bars()
    assert {(first.name, first.count), (second.name, second.count)} == {("name 7", 2), ("…", 2)}
    assert len(counter.bars()) == counters.MOST_NAMES + 1


places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(batches(places))
def test_every_place_lies_in_a_square(parts: list[list[Any]]):
    pairs = [[pair or (None, None) for pair in part] for part in parts]
    found = counted(PlaceCounter(1.0), pairs)
    cells = given_cells(parts)
    assert sum(spot.count for spot in found.spots) == len(cells) if cells else found is None
    for latitude, longitude in cells:
        assert any(
            abs(spot.latitude - latitude) <= 0.5 and abs(spot.longitude - longitude) <= 0.5
            for spot in found.spots
        )


def test_too_many_squares_become_larger():
    grid = [(x / 10, y / 10) for x in range(100) for y in range(100)]
    found = counted(PlaceCounter(0.01), [grid])
    assert isinstance(found, Places)
    assert found.step > 0.01
    assert len(found.spots) <= counters.MOST_SPOTS
    assert sum(spot.count for spot in found.spots) == len(grid)


@pytest.mark.parametrize(
    ("counter", "cell"),
    [
        (NumberCounter(), float),
        (TextCounter(), str),
        (NameCounter(), str),
        (DayCounter(), lambda number: date.fromordinal(1 + number)),
        (PlaceCounter(), lambda number: (number % 170 - 85 + number / 1e7, number / 1e4)),
        (ChoiceCounter({"a": "A"}), str),
    ],
    ids=lambda value: type(value).__name__,
)
def test_counters_stay_small(counter: Counting, cell: Callable[[int], object]):
    for start in range(0, 200_000, 1000):
        counter.add([cell(number) for number in range(start, start + 1000)])
    assert len(pickle.dumps(counter)) < 300_000
