"""Pages decoded for one form give the tables that dicts give."""

from __future__ import annotations

import gc
import json
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings

from kobo_async.forms.columns import TableOptions
from kobo_async.forms.compiled import PageDecoder
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.schema import Form
from kobo_async.forms.tabulate import Tabulator

from .generated import FORMS
from .test_round_trip import EXACT, TYPED, broken, drawn

Row = dict[str, Any]
CONTENT = {
    "survey": [
        {"type": "text", "name": "village"},
        {"type": "image", "name": "photo"},
        {"type": "begin_repeat", "name": "wells"},
        {"type": "integer", "name": "depth"},
        {"type": "begin_repeat", "name": "pumps"},
        {"type": "decimal", "name": "litres"},
        {"type": "end_repeat"},
        {"type": "end_repeat"},
    ]
}
FORM = read_form(CONTENT, "Water points")
WELLS = [
    {"wells/depth": "12", "wells/pumps": [{"wells/pumps/litres": "1.5"}]},
    {"wells/depth": "deep"},
]
FILES = [{"question_xpath": "photo", "filename": "a/p.jpg", "download_url": "https://x/é"}]
ROWS: list[Row] = [
    {"_id": 1, "village": "Goma", "photo": "p.jpg", "wells": WELLS, "_attachments": FILES},
    {"_id": 2, "village": None, "_validation_status": {"uid": "x"}, "_submitted_by": None},
    {"_id": 3, "_notes": [], "wells": [], "_geolocation": [None, 1.5], "__version__": "v1"},
]


def body(rows: Any) -> bytes:
    return json.dumps({"count": 9, "next": None, "results": rows}).encode()


def fits(rows: Any, options: TableOptions | None = None) -> bool:
    return PageDecoder(lay_out(FORM, options)).decode(body(rows)) is not None


@settings(max_examples=FORMS // 5)
@given(drawn() | drawn(strange=True) | broken(), EXACT | TYPED)
def test_both_ways_give_the_same_tables_and_the_same_bad_cells(
    case: tuple[Form, list[Row]], options: TableOptions
):
    form, rows = case
    layout, page = lay_out(form, options), body(rows)
    decoder = PageDecoder(layout)
    if (found := decoder.decode(page)) is None:
        return
    ids, parts = found
    fast, slow = Tabulator(layout, decoder.shapes), Tabulator(layout)
    dicts = orjson.loads(page)["results"]
    assert fast.add(parts["results"]) == slow.add(dicts)
    assert fast.bad == slow.bad
    assert ids == [row["_id"] for row in dicts]
    assert fast.add(dicts) == slow.add(dicts)


@pytest.mark.parametrize(
    "options",
    [
        TableOptions(),
        TableOptions(system="all", media=True, repeat_system=True),
        TableOptions(system=["_id"], only=["village"]),
        TableOptions(numbering="submission", only=["wells/pumps"]),
    ],
)
def test_rows_of_the_form_fit_whatever_is_wanted_of_them(options: TableOptions):
    layout = lay_out(FORM, options)
    decoder = PageDecoder(layout)
    found = decoder.decode(body(ROWS))
    assert found is not None
    ids, parts = found
    assert ids == [1, 2, 3]
    assert (parts["count"], parts["next"]) == (9, None)
    assert Tabulator(layout, decoder.shapes).add(parts["results"]) == Tabulator(layout).add(ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        [{"_id": 1, "village": 5}],
        [{"_id": 1, "new": "x"}],
        [{"_id": 1, "wells": [{"wells/new": "x"}]}],
        [{"_id": 1, "wells": "none"}],
        [{"_id": 1, "wells": ["none"]}],
        [{"_id": 2**64}],
        [{"_id": "1"}],
        [{}],
        None,
    ],
)
def test_what_is_not_as_the_form_has_it_is_left_to_dicts(rows: Any):
    assert not fits(rows)


@pytest.mark.parametrize("key", ["village", "_attachments", "_notes", "wells"])
def test_texts_that_are_no_utf8_are_not_passed_over(key: str):
    page = b'{"results":[{"_id":1,"%b":"\xff"}]}' % key.encode()
    assert PageDecoder(lay_out(FORM, TableOptions(only=["photo"]))).decode(page) is None


def test_what_was_asked_as_a_question_and_as_a_repeat_is_left_to_dicts():
    asked = {"survey": [{"type": "text", "name": "wells"}]}
    both = read_form({"survey": [*asked["survey"], *CONTENT["survey"]]}, "Water points")
    decoder = PageDecoder(lay_out(both))
    assert decoder.decode(body([{"_id": 1, "wells": "two"}])) is None
    assert decoder.decode(body([{"_id": 1, "village": "Goma"}])) is not None


def test_questions_may_be_called_as_what_the_server_adds():
    layout = lay_out(read_form({"survey": [{"type": "integer", "name": "_notes"}]}))
    decoder = PageDecoder(layout)
    found = decoder.decode(body([{"_id": 1, "_notes": "5"}]))
    assert found is not None
    assert Tabulator(layout, decoder.shapes).add(found[1]["results"])[0].cells[0] == [5]
    assert decoder.decode(body([{"_id": 1, "_notes": []}])) is None


def test_no_page_at_all_is_left_to_what_tells_what_it_is():
    decoder = PageDecoder(lay_out(FORM))
    assert decoder.decode(b"<html>") is None
    assert decoder.decode(b'{"results": ' + b"[" * 100_000) is None


def types_of_rows() -> int:
    gc.collect()
    return sum(type(one) is type(msgspec.Struct) for one in gc.get_objects())


def test_who_makes_tables_for_months_keeps_no_types_of_rows():
    assert fits(ROWS)
    before = types_of_rows()
    for _ in range(3):
        assert fits(ROWS)
    assert types_of_rows() <= before
