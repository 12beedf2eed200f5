"""Cells as texts: many at a time they are what each is alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.sinks.once import dated, decimals, each, integers, singly

OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.lists(st.datetimes(timezones=OFFSETS), min_size=1))
def test_moments_are_written_as_each_is(moments: list[datetime]):
    assert dated(moments) == list(map(datetime.isoformat, moments))


@given(st.lists(st.dates(), min_size=1))
def test_dates_are_written_as_each_is(days: list[date]):
    assert dated(days) == list(map(date.isoformat, days))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none()))
def test_numbers_are_written_as_each_is(numbers: list[float | None]):
    assert decimals(numbers) == ["" if one is None else repr(one) for one in numbers]


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none()))
def test_whole_numbers_are_written_as_each_is(numbers: list[int | None]):
    assert integers(numbers, "-") == ["-" if one is None else str(one) for one in numbers]


@pytest.mark.parametrize("edge", [1e-5, 9.9e-5, 1e-4, 9999999999999998.0, 1e16, -0.0, 5e-324])
def test_a_number_where_forms_change_is_written_as_it_is(edge: float):
    assert decimals([0.5, edge, -edge]) == ["0.5", repr(edge), repr(-edge)]


@pytest.mark.parametrize(
    "cells",
    [[], [None], [None, None], [1.5], [1.5, None], [0.0, -0.0, None, 0.0], [2.5, 3.5], [2.5] * 3],
)
def test_nothing_becomes_what_stands_for_it(cells: list[Any]):
    wanted = ["-" if cell is None else repr(cell) for cell in cells]
    assert each(decimals, cells, "-") == wanted
    assert each(singly(repr), cells, "-") == wanted
