"""What a large form takes grows with its size, and not with the square of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import TableOptions
from kobo_async.forms.compiled import PageDecoder
from kobo_async.forms.content import paths_of, read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged


def content(size: int, names: Callable[[int], str] = "r{}".format) -> Any:
    """Ask one question in each of many repeats, half of which stand in others."""
    survey: list[dict[str, str]] = []
    for number in range(0, size, 2):
        outer, inner = names(number), names(number + 1)
        for name in (outer, inner):
            survey += {"type": "begin_repeat", "name": name}, {"type": "text", "name": f"q{name}"}
        survey += {"type": "end_repeat"}, {"type": "end_repeat"}
    return {"survey": survey}


def alike(number: int) -> str:
    """Give the same name in many groups: columns and tables are numbered then."""
    return f"g{number // 2}/r"


def choosing(size: int, kind: str = "select_one") -> Any:
    """Ask many questions that share one list of as many choices."""
    asked = {"type": kind, "select_from_list_name": "all"}
    listed = [{"list_name": "all", "name": f"c{number}"} for number in range(size)]
    survey = [{**asked, "name": f"q{number}"} for number in range(size)]
    return {"survey": survey, "choices": listed}


FEW, MANY = 50, 200
LAID_OUT = {size: lay_out(read_form(content(size))) for size in (FEW, MANY)}
WORK: dict[str, Callable[[int], object]] = {
    "laid out": lambda size: lay_out(read_form(content(size))),
    "laid out, names alike": lambda size: lay_out(read_form(content(size, alike))),
    "laid out, half of it": lambda size: lay_out(
        read_form(content(size)), TableOptions(only=["r0", "r2", "r4"])
    ),
    "laid out, one list of choices": lambda size: lay_out(read_form(choosing(size))),
    "merged": lambda size: merged([content(size), content(size)]),
    "asked for its paths": lambda size: paths_of(read_form(content(size))),
    "ready for submissions": lambda size: Tabulator(lay_out(read_form(content(size)))),
    "ready for pages": lambda size: PageDecoder(LAID_OUT[size]),
}


def steps(work: Callable[[int], object], size: int) -> int:
    """Count the lines that are run; a loop in one line counts once for each round."""
    count = 0

    def trace(*_: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(size)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_four_times_the_repeats_take_four_times_the_steps(work: Callable[[int], object]):
    few, many = steps(work, FEW), steps(work, MANY)
    assert few > 1000
    assert many < 5 * few


def test_more_columns_than_anything_takes_are_refused_with_a_way_out():
    form = read_form(choosing(600, "select_multiple"))
    with pytest.raises(ConfigError, match="360,000 columns") as caught:
        lay_out(form)
    assert "select_multiple='list'" in str(caught.value)
    assert len(lay_out(form, TableOptions(select_multiple="list")).tables[0].fields) > 600
    assert len(lay_out(form, TableOptions(only=["q1"])).tables[0].columns) > 600


def test_repeats_of_one_name_are_numbered_in_the_order_of_the_form():
    layout = lay_out(read_form(content(6, alike), "R"))
    assert [table.name for table in layout.tables] == ["R", *(f"r_{n}" for n in range(2, 8))]
    assert [table.parent for table in layout.tables[1:]] == ["R", "r_2", "R", "r_4", "R", "r_6"]
