"""Laws of columns that Arrow reads: they are those that their readers would make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.forms import geometry, values
from kobo_async.forms.schema import Kind
from kobo_async.forms.values import Many
from kobo_async.tables.casting import CASTS, MOMENT, TEXT, Kernels, cast
from tests.forms.generated import STRANGE, VALUES

WKT = geometry.points("wkt")
LINE = geometry.shapes(Kind.GEOTRACE, "wkt")
OUTLINE = geometry.shapes(Kind.GEOSHAPE, "wkt")
TYPES: Mapping[Many, Sequence[pa.DataType]] = {
    values.integers: [pa.int64()],
    values.decimals: [pa.float64()],
    values.days: [pa.date32()],
    values.moments: [MOMENT, pa.int64()],
    values.utc_moments: [MOMENT],
    WKT: [TEXT, *[pa.float64()] * 4],
    LINE: [TEXT],
    OUTLINE: [TEXT],
}
POINTS = "1.5 -36.8 12 4", "-90 180 0 0", "1.50 2 3.0 4.5", "0 0 0 0"
USUAL: Mapping[Many, Sequence[str]] = {
    values.integers: ["17", "-3", "007", "-0", str(2**63 - 1), str(-(2**63) + 1)],
    values.decimals: ["1.5", "-0", "1e5", "+.5", "5.", "0.1"],
    values.days: ["2026-11-21", "0001-01-01", "9999-12-31", "2024-02-29"],
    values.moments: [
        "2026-01-07T08:00:00.000+02:00",
        "2026-01-07T08:00:00-05:30",
        "2026-01-07T08:00:00.123456Z",
        "9999-12-31T23:59:59.9-23:59",
    ],
    values.utc_moments: ["2026-11-21T00:16:20", "2026-11-21T00:16:20.5", "9999-12-31T23:59:59"],
    WKT: POINTS,
    LINE: [";".join(POINTS), ";".join(POINTS[1:])],
    OUTLINE: [";".join([*POINTS, POINTS[0]]), ";".join([POINTS[3], *POINTS[1:]])],
}
ODD: Mapping[Many, Sequence[str]] = {
    values.integers: [
        "0x10",
        "0X1f",
        "+5",
        " 5",
        "1_0",
        "",
        "1.0",
        "--5",
        str(2**63),
        str(-(2**63)),
        "٣",
    ],
    values.decimals: ["inf", "nan", "-Infinity", "1e999", "0x10", " 1", "1_0", "1.5f", "", "१"],
    values.days: ["0000-01-01", "2026-02-29", "20261121", "2026-11-21T00:16:20", "2026-1-1"],
    values.moments: [
        "0000-01-07T08:00:00Z",
        "0001-01-01T00:00:00+02:00",
        "2026-01-07 08:00:00+02:00",
        "2026-01-07T08:00+02:00",
        "2026-01-07T08:00:00+0200",
        "2026-01-07T08:00:00+02",
        "2026-01-07T08:00:00+02:99",
        "2026-01-07T08:00:00+24:00",
        "2026-01-07T08:00:00.1234567Z",
        "2026-01-07T24:00:00Z",
        "2026-01-07T08:00:60Z",
        "2026-01-07T08:00:00z",
        "2026-01-07T08:00:00",
    ],
    values.utc_moments: ["2026-11-21", "2026-11-21T00:16", "2026-11-21 00:16:20", "2026-11-21T00Z"],
    WKT: ["1 2", "1  2 3", "1 2 3", "91 0 0 0", "0 181 0 0", "nan 0 0 0", "0 0 inf 0", "1 2 3 4 5"],
    LINE: ["0 0 0 0", "0 0 0 0;1 1", "0 0 0 0;1 1 1 1;", "1 1 1 1; 2 2 2 2", "1 1 1 1;;2 2 2 2"],
    OUTLINE: [";".join(POINTS), "0 0 0 0;1 1 1 1;0 0 0 0", "0 0 0 0;1 1 1 1;2 2 2 2;0 0 1 0"],
}
NOISE = st.text("0123456789+-.eE :;TZinfaxX", max_size=12)
DRAWN: Mapping[Many, st.SearchStrategy[str]] = {
    values.integers: VALUES["integer"],
    values.decimals: VALUES["decimal"],
    values.days: VALUES["date"],
    values.moments: VALUES["datetime"],
    values.utc_moments: st.datetimes().map(lambda one: one.isoformat()),
    WKT: VALUES["geopoint"],
    LINE: VALUES["geotrace"],
    OUTLINE: VALUES["geoshape"],
}


@st.composite
def spoilt(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """Draw a text with a piece of it cut out, and something else in its place."""
    text = draw(texts)
    start, stop = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    return text[:start] + draw(NOISE) + text[stop:]


def quickly(many: Many, texts: Sequence[str | None]) -> Sequence[pa.Array] | None:
    """Cast texts, if Arrow takes them."""
    with suppress(pa.ArrowInvalid):
        found = cast(Kernels(), many, pa.array(texts, TEXT))
        return found and [*found]
    return None


def slowly(many: Many, texts: Sequence[str | None]) -> Sequence[pa.Array]:
    """Make the arrays of Python values."""
    there = [text for text in texts if text is not None]
    columns: list[list[Any]] = []
    for column in many(there):
        cells = iter(column)
        columns.append([None if text is None else next(cells) for text in texts])
    return [pa.array(c, type_) for c, type_ in zip(columns, TYPES[many], strict=True)]


def test_every_cast_is_held_to_its_reader():
    assert CASTS.keys() == TYPES.keys() == USUAL.keys() == ODD.keys() == DRAWN.keys()


@pytest.mark.parametrize("many", CASTS)
def test_what_is_usual_is_cast(many: Many):
    for texts in (USUAL[many], [None, *USUAL[many], None]):
        assert quickly(many, texts) == slowly(many, texts)


@pytest.mark.parametrize("many", CASTS)
def test_what_is_odd_is_left_to_the_reader_or_means_the_same(many: Many):
    for odd in ODD[many]:
        for texts in ([odd], [*USUAL[many], odd]):
            if (found := quickly(many, texts)) is not None:
                assert found == slowly(many, texts)


@pytest.mark.parametrize("many", CASTS)
@given(data=st.data())
def test_what_arrow_reads_is_what_the_reader_reads(many: Many, data: st.DataObject):
    one = DRAWN[many] | spoilt(DRAWN[many]) | spoilt(st.sampled_from(ODD[many])) | NOISE | STRANGE
    texts = data.draw(st.lists(one, min_size=1, max_size=3))
    if (found := quickly(many, texts)) is not None:
        assert found == slowly(many, texts)
