"""The life of rows: made from a seed, inserted, edited, deleted."""

from __future__ import annotations

import json
import random
import time
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.identity import UuidSequence
from kobo_async.testing.mongo import compile_query, safe

from .conftest import NOW, client_of


def test_the_same_seed_gives_the_same_rows() -> None:
    def rows(seed: int) -> list[object]:
        form = FakeKobo(seed=seed, now=lambda: NOW).add_form("Survey", rows=90)
        return [form.asset, *form.rows.values()]

    assert rows(3) == rows(3)
    assert rows(3) != rows(4)


def test_a_generated_row_looks_like_a_real_one(form: FakeForm) -> None:
    row = form.rows[3]
    assert row["meta/instanceID"] == row["meta/rootUuid"] == f"uuid:{row['_uuid']}"
    assert row["_xform_id_string"] == form.uid
    assert row["__version__"] == form.asset["deployed_version_id"]
    assert row["_validation_status"] == {}
    assert all(isinstance(row[path], str) for path in row if path.startswith("household/"))
    kinds = {question["type"] for question in form.content["survey"]}
    assert {"begin_group", "begin_repeat", "image", "geopoint", "select_multiple"} <= kinds
    assert any("members" not in one for one in form.rows.values())
    assert len({one["_uuid"] for one in form.rows.values()}) == 250
    assert form.rows[4]["_submission_time"] > row["_submission_time"]


@pytest.mark.parametrize("size", [600, 1200, 2500, 6000])
def test_rows_have_the_size_asked_for(fake: FakeKobo, size: int) -> None:
    form = fake.add_form("Sized", rows=200, row_bytes=size)
    average = sum(len(form.store.encoded(number)) for number in form.rows) / 200
    assert abs(average - size) < 0.15 * size


def test_every_type_of_question_gets_an_answer(fake: FakeKobo) -> None:
    types = [
        *("text", "integer", "decimal", "range", "date", "time", "datetime", "acknowledge"),
        *("geopoint", "geotrace", "geoshape", "barcode", "username", "deviceid", "audio"),
        *("video", "note", "select_one"),
    ]
    survey = [
        {"type": one, "name": one, "$autoname": one, "$xpath": one, "$kuid": one} for one in types
    ]
    form = fake.add_form("Everything", rows=64, content={"survey": survey})
    answered = {path for row in form.rows.values() for path in row}
    assert set(types) - answered == {"note", "select_one"}


def test_repeats_inside_repeats_are_filled(fake: FakeKobo) -> None:
    survey = [
        {"type": "begin_repeat", "name": "a", "$xpath": "a", "$kuid": "1"},
        {"type": "begin_repeat", "name": "b", "$xpath": "a/b", "$kuid": "2"},
        {"type": "integer", "name": "n", "$xpath": "a/b/n", "$kuid": "3"},
        {"type": "image", "name": "i", "$xpath": "a/b/i", "$kuid": "4"},
        {"type": "end_repeat", "$kuid": "5"},
        {"type": "end_repeat", "$kuid": "6"},
    ]
    form = fake.add_form("Nested", rows=64, content={"survey": survey})
    inner = [item for row in form.rows.values() for item in row.get("a", []) if "a/b" in item]
    assert inner
    assert set(inner[0]["a/b"][0]) == {"a/b/n"}


def test_forms_share_one_sequence_of_ids(fake: FakeKobo) -> None:
    first = fake.add_form("One", rows=3)
    second = fake.add_form("Two", rows=2)
    late = fake.add_form("Three", rows=2, first_id=100)
    empty = fake.add_form("Four")
    assert (list(first.rows), list(second.rows)) == ([1, 2, 3], [4, 5])
    assert first.insert() == [102]
    assert empty.insert(2) == [103, 104]
    assert list(late.rows) == [100, 101]
    with pytest.raises(ValueError, match="starts at 1"):
        fake.add_form("Zero", rows=1, first_id=0)
    with pytest.raises(ValueError, match="deployed survey"):
        fake.add_form("Draft", rows=1, deployed=False)


def test_gaps_leave_ids_to_other_forms(fake: FakeKobo) -> None:
    form = fake.add_form("Gaps", rows=100, first_id=50, id_gaps=3)
    numbers = list(form.rows)
    steps = {b - a for a, b in pairwise(numbers)}
    assert numbers[0] == 50
    assert steps == {1, 2, 3, 4}


def test_a_late_row_appears_below_the_highest_id(fake: FakeKobo) -> None:
    form = fake.add_form("Gaps", rows=50, id_gaps=2)
    highest, before = max(form.rows), set(form.rows)
    (late,) = form.insert(below=True)
    assert late < highest
    assert late not in before
    form.delete(late)
    assert form.insert(below=True)[0] < late
    assert max(form.rows) == highest
    assert form.rows[highest]["_id"] == highest


def test_a_late_row_needs_a_free_id(form: FakeForm, fake: FakeKobo) -> None:
    with pytest.raises(ValueError, match="id_gaps"):
        form.insert(below=True)
    form.delete(100)
    with pytest.raises(ValueError, match="id_gaps"):
        form.insert(below=True)
    with pytest.raises(ValueError, match="id_gaps"):
        fake.add_form("Empty").insert(below=True)


def test_an_inserted_row_is_submitted_now(form: FakeForm) -> None:
    (number,) = form.insert()
    assert form.rows[number]["_submission_time"] == "2026-03-04T05:06:07"
    assert form.asset["deployment__submission_count"] == 251
    assert form.asset["deployment__last_submission_time"] == "2026-03-04T05:06:07.890000Z"


def test_an_edit_changes_the_uuid_and_keeps_the_root(form: FakeForm) -> None:
    before = form.rows[5]
    uuid = form.edit(5, hh_size=12, **{"household/gps": "1 2 0 0", "comment": None})
    after = form.rows[5]
    assert after["_uuid"] == uuid != before["_uuid"]
    assert after["meta/instanceID"] == f"uuid:{uuid}"
    assert after["meta/deprecatedID"] == before["meta/instanceID"]
    for same in ("_id", "meta/rootUuid", "_submission_time", "_submitted_by"):
        assert after[same] == before[same]
    assert after["hh_size"] == "12"
    assert after["_geolocation"] == [1.0, 2.0]
    assert "comment" not in after
    form.edit(5, **{"household/gps": None, "members": []})
    assert form.rows[5]["_geolocation"] == [None, None]
    assert form.rows[5]["meta/deprecatedID"] == f"uuid:{uuid}"


def test_a_status_changes_nothing_else(form: FakeForm) -> None:
    before = form.rows[5]
    form.set_status(5, "validation_status_approved", by="carol")
    status = form.rows[5]["_validation_status"]
    assert status == {
        "timestamp": int(NOW.timestamp()),
        "uid": "validation_status_approved",
        "by_whom": "carol",
        "label": "Approved",
    }
    form.set_status(5, None)
    assert form.rows[5] == before
    with pytest.raises(KeyError):
        form.set_status(5, "validation_status_bogus")


def test_a_deleted_row_is_gone_for_good(form: FakeForm) -> None:
    form.edit(9, hh_size="1")
    uuid = form.rows[9]["_uuid"]
    form.delete(9)
    assert 9 not in form.rows
    assert form.store.find_uuid(uuid) is None
    assert len(form.rows) == form.asset["deployment__submission_count"] == 249
    for act in (form.delete, form.edit, form.rows.__getitem__, form.store.__getitem__):
        with pytest.raises(KeyError):
            act(9)
    assert form.insert() == [251]


def test_rows_cannot_be_changed_from_outside(form: FakeForm) -> None:
    form.rows[1]["hh_size"] = "changed"
    assert form.rows[1]["hh_size"] != "changed"
    assert "1" not in form.rows
    assert list(form.store) == list(form.rows)


@pytest.mark.anyio
async def test_rows_link_to_where_the_server_was_last_asked(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, data: str
) -> None:
    number = next(n for n, row in form.rows.items() if row["_attachments"])
    assert (await client.get(f"{data}{number}/")).json() == form.rows[number]
    assert form.rows[number]["_attachments"][0]["download_url"].startswith("http://kobo.test/")
    assert fake.origin == "http://kobo.test"


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_four_hundred_thousand_rows_are_cheap(fake: FakeKobo) -> None:
    began = time.process_time()
    form = fake.add_form("Large", rows=400_000, row_bytes=2500)
    url = f"/api/v2/assets/{form.uid}/data/"
    ranges = {"_id": {"$gt": 200_000, "$lte": 200_500}}
    uuid = form.rows[123_456]["_uuid"]
    async with client_of(fake, fake.token) as client:
        for params, count in (
            ({"start": 399_000, "limit": 1000}, 400_000),
            ({"query": json.dumps(ranges)}, 500),
            ({"query": json.dumps({"$and": [ranges, {"_id": {"$gt": 200_400}}]})}, 100),
            ({"query": json.dumps({"_uuid": uuid})}, 1),
            ({"query": json.dumps({"meta/rootUuid": {"$in": [f"uuid:{uuid}", "x", 5]}})}, 1),
        ):
            assert (await client.get(url, params=params)).json()["count"] == count
        assert (await client.get(f"{url}{uuid}/")).json()["_id"] == 123_456
    assert time.process_time() - began < 5


def test_the_cache_of_encoded_rows_and_of_queries_is_bounded(fake: FakeKobo) -> None:
    form = fake.add_form("Large", rows=20_050)
    for number in form.rows:
        form.store.encoded(number)
    assert len(form.store._encoded) == 20_000
    for number in range(20):
        form.store.select({"_id": number})
    assert len(form.store._selected) == 8


@given(st.integers(0, 2**40), st.integers())
def test_uuids_can_be_turned_back_into_their_number(number: int, seed: int) -> None:
    uuids = UuidSequence(random.Random(seed))  # noqa: S311 - test data
    text = uuids.text(number)
    assert text[14] == "4"
    assert uuids.number(text) == number


BOUND = st.integers(-5, 70) | st.floats(-5, 70) | st.sampled_from(["10", None, True])
CONDITION = st.dictionaries(
    st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$ne", "$exists"]), BOUND, max_size=3
) | st.fixed_dictionaries({"$in": st.lists(BOUND, max_size=4)})
ID_QUERY = st.fixed_dictionaries({"_id": CONDITION | st.integers(-5, 70)})


@given(st.lists(ID_QUERY, min_size=1, max_size=3), st.booleans())
def test_looking_only_at_likely_rows_finds_what_looking_at_all_finds(
    queries: list[dict[str, object]], extra: bool
) -> None:
    form = FakeKobo(now=lambda: NOW).add_form("Survey", rows=40, first_id=5, id_gaps=1)
    query = safe({"$and": [*queries, {"hh_size": {"$exists": True}}] if extra else queries})
    test = compile_query(query)
    found = form.store.select(query)
    expected = [number for number, row in form.rows.items() if test(row)]
    assert list(found.page(0, None)) == expected
    assert found.count == len(expected)
    assert list(found.page(1, 2, descending=True)) == expected[::-1][1:3]


def test_the_clock_of_the_server_can_run(fake: FakeKobo, form: FakeForm) -> None:
    times = iter([NOW, NOW + timedelta(hours=1)])

    def now() -> datetime:
        return next(times)

    fake.now = now
    first, second = form.insert(2)
    assert form.rows[first]["_submission_time"] < form.rows[second]["_submission_time"]
