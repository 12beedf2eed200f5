"""Cuts leave nothing out, however wrong the guesses behind them are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kobo_async.bulk.cuts import Cut, Offsets, Ranges

AFTER = st.integers(0, 10**9)
WIDTH = st.integers(1, 10**5)
ROWS = st.integers(1, 10**4)
SIZE = st.integers(2, 1000)


def seamless(cuts: list[Cut], after: int, upto: int) -> bool:
    bounds = [after, *(cut.upto for cut in cuts)]
    return [(cut.after, cut.upto) for cut in cuts] == [*pairwise(bounds)] and bounds[-1] == upto


@given(AFTER, WIDTH, ROWS, SIZE, st.lists(st.integers(0, 10**4), min_size=100, max_size=100))
def test_ranges_follow_each_other_whatever_they_turn_out_to_hold(after, width, rows, size, found):
    ranges = Ranges(after, after + width, rows, size)
    cuts = []
    for cut, held in zip(ranges, found, strict=False):
        cuts.append(cut)
        ranges.learn(cut, held)

    assert seamless(cuts, after, cuts[-1].upto)
    assert all(cut.after < cut.upto for cut in cuts)
    assert len(cuts) == len(found) or cuts[-1].upto == after + width


@given(AFTER, WIDTH, ROWS, SIZE, st.integers(0, 10**5))
def test_the_rest_of_a_range_is_cut_without_a_seam(first, width, rows, size, further):
    last = first + width
    ranges = Ranges(first, last + further, rows, size)

    cuts = ranges.rest([first, last], last + further, rows)

    assert seamless(cuts, last, last + further)


def test_a_rest_that_fits_into_a_page_is_one_range():
    assert Ranges(0, 900, 150, 100).rest([1, 100], 900, 100) == [Cut(100, 900)]


def test_a_rest_is_cut_as_densely_as_the_page_before_it_lay():
    first, *_, last = Ranges(0, 10**6, 1000, 100).rest(range(1, 101), 10**6, 400)

    assert (first.after, first.upto) == (100, 180)
    assert last.upto == 10**6


@given(ROWS, SIZE)
def test_pages_by_offset_reach_all_rows_and_overlap(rows, size):
    starts = [cut.start for cut in Offsets(5, 9, rows, size)]

    assert starts[0] == 0
    assert starts[-1] + size >= rows
    assert all(low < high < low + size for low, high in pairwise(starts))
