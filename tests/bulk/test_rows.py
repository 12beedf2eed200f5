"""Pages as dicts and as bytes: the same rows, the same errors, by whatever library."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async import KoboClient, MalformedReply, UnexpectedShape
from kobo_async.bulk import rows
from kobo_async.bulk.rows import Numbered, as_dicts, encoded
from kobo_async.call import Call
from kobo_async.resources.submissions import LIST, UnreadPage
from kobo_async.testing import FakeKobo

splitting = pytest.importorskip("kobo_async.bulk.splitting")
READERS: dict[str, Callable[[UnreadPage], Numbered[Any]]] = {
    "dicts": as_dicts,
    "encoded": encoded,
    "split": splitting.split,
}
RAW = {name: READERS[name] for name in ("encoded", "split")}
CALL: Call[Any] = LIST.at("aX")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(st.text().filter(lambda key: key != "_id"), JSON), max_size=6)


def page(body: bytes) -> UnreadPage:
    return UnreadPage(CALL, body)


def results(*texts: str) -> bytes:
    return f'{{"count": {len(texts)}, "next": null, "results": [{",".join(texts)}]}}'.encode()


@given(ROWS, st.sampled_from([None, 2]), st.booleans())
def test_all_ways_read_the_same_rows(found: list[Any], indent: int | None, ascii_only: bool):
    numbered = [{"before": 1, "_id": number, **row} for number, row in enumerate(found, 1)]
    envelope = {"count": 99, "next": "x", "previous": None, "results": numbered}
    text = json.dumps(envelope, indent=indent, ensure_ascii=ascii_only)
    body = text.encode("utf-8", "surrogatepass")
    for read in READERS.values():
        got = read(page(body))
        items = [json.loads(row) if isinstance(row, bytes) else row for row in got.items]
        assert items == numbered
        assert [*got.ids] == [row["_id"] for row in numbered]
        assert (got.count, got.more) == (99, True)


@pytest.mark.parametrize(
    "row", ['{"_id":1, "a":1.0e2,\n"b":"\\u00e9é","c":[ ]}', '{"a":1,"_id":7}']
)
def test_split_rows_are_the_bytes_of_the_server(row: str):
    assert [*splitting.split(page(results(row))).items] == [row.encode()]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", MalformedReply),
        (b"{", MalformedReply),
        (b"<html>", MalformedReply),
        (b'{"results": [{"_id": 1}]', MalformedReply),
        (b'{"results": [{"_id": 1}, ]}', MalformedReply),
        (b'{"results": [{"_id": 1, "a": NaN}]}', MalformedReply),
        (b'{"results": [{"_id": 1, "a": "\n"}]}', MalformedReply),
        (b'{"results": [{"_id": 1, "a": "\xff"}]}', MalformedReply),
        (b'{"results": [{"_id": 1, "a": "\\ud800"}]}', MalformedReply),
        (b"[]", UnexpectedShape),
        (b"{}", UnexpectedShape),
        (b'{"results": null}', UnexpectedShape),
        (b'{"results": {}}', UnexpectedShape),
        (b'{"results": [], "count": -1}', UnexpectedShape),
        (b'{"results": [], "count": "1"}', UnexpectedShape),
        (b'{"results": [[]]}', UnexpectedShape),
        (b'{"results": [{"a": {"_id": 1}}]}', UnexpectedShape),
    ],
)
def test_what_is_no_page_is_an_error_of_the_same_type(read: str, body: bytes, kind: type):
    with pytest.raises(kind) as caught:
        READERS[read](page(body))
    assert type(caught.value) is kind
    assert "/data/" in str(caught.value)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "ids",
    [
        *([2, 1], [1, 1], [0, 1], [5, 11], [1, 2, 4, 3, 5]),
        *(["1"], [1.0], [True], [None], [-1], [10**30]),
    ],
)
def test_ids_that_do_not_rise_within_the_bounds_are_not_believed(read: str, ids: list[Any]):
    body = results(*(json.dumps({"_id": number}) for number in ids))
    with pytest.raises(UnexpectedShape):
        READERS[read](page(body)).check_order(0, 10)


def test_the_first_id_out_of_place_is_named():
    with pytest.raises(UnexpectedShape, match="did not sort by _id: 3 after 4, up to 9"):
        Numbered([1, 4, 3, 2], [None] * 4, None, more=False).check_order(0, 9)


@pytest.mark.parametrize(
    ("row", "ids"),
    [
        ('{"_id": 1, "_id": 2}', {"dicts": 2, "encoded": 2, "split": 1}),
        ('{"a": 0, "_id": 1, "_id": 2}', {"dicts": 2, "encoded": 2, "split": 2}),
    ],
)
def test_of_ids_that_come_twice_the_last_counts_or_the_one_that_opens_a_raw_row(
    row: str, ids: dict[str, int]
):
    body = page(results(row))
    assert {name: READERS[name](body).ids for name in READERS} == {k: [v] for k, v in ids.items()}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("row", ['{"_id": 007}', '{"_id": 7', '{"_id": 7.5}', '{"_id": 7e2}'])
def test_ids_that_are_no_whole_numbers_are_refused(read: str, row: str):
    with pytest.raises((MalformedReply, UnexpectedShape)):
        READERS[read](page(results(row))).check_order(0, 10)


@pytest.mark.parametrize("read", READERS)
def test_ids_are_found_wherever_they_stand(read: str):
    rows_ = ('{"_id":1,"a":{"_id":9}}', '{ "_id" :\n2 }', '{"a":"{\\"_id\\":8,","_id":3}')
    assert [*READERS[read](page(results(*rows_))).ids] == [1, 2, 3]


def test_without_msgspec_rows_are_encoded_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "kobo_async.bulk.splitting", None)
    rows._splitter.cache_clear()
    try:
        assert rows.reader("raw") is encoded
    finally:
        rows._splitter.cache_clear()


@pytest.mark.anyio
@pytest.mark.parametrize("read", RAW)
async def test_a_download_is_the_same_by_either(
    client: KoboClient, fake: FakeKobo, read: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rows, "_splitter", lambda: RAW[read])
    fake.max_page = 100
    form = fake.add_form("Survey", rows=350)
    async with client.submissions.pages(form.uid, as_="raw") as pages:
        got = [json.loads(row) async for page in pages for row in page]
    assert got == list(form.rows.values())


@pytest.mark.anyio
async def test_rows_come_in_no_other_form(client: KoboClient, fake: FakeKobo):
    form = fake.add_form("Survey", rows=1)
    with pytest.raises(ValueError, match="'dicts' or 'raw'"):
        async with client.submissions.stream(form.uid, as_="tuples"):  # type: ignore[call-overload]
            pass
    assert fake.requests == []


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["dicts", "raw"])
async def test_all_returns_what_is_left(client: KoboClient, fake: FakeKobo, form: Any):
    fake.max_page = 100
    survey = fake.add_form("Survey", rows=250)
    async with client.submissions.stream(survey.uid, as_=form) as stream:
        first = await anext(stream)
        others = await stream.all()
        assert await stream.all() == []
    assert len([first, *others]) == 250
    assert others[0] not in ([first], first)
    assert stream.report is not None
    assert stream.report.complete
