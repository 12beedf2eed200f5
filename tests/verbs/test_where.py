"""Conditions: what they are, what they refuse, and what a server finds by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from kobo_async import KoboClient
from kobo_async.errors import QueryError
from kobo_async.models.export import ExportOptions
from kobo_async.query import checked
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.where import (
    Condition,
    edited,
    field,
    ids,
    in_repeat,
    status,
    submitted_after,
    submitted_before,
    submitted_by,
)

MOMENT = datetime(2026, 11, 21, 1, 20, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("condition", "query"),
    [
        (field("g/region") == "north", {"g/region": "north"}),
        (field("g/region") != "north", {"g/region": {"$ne": "north"}}),
        (field("a").one_of(["1", "2"]), {"a": {"$in": ["1", "2"]}}),
        (field("a").none_of(["1"]), {"a": {"$nin": ["1"]}}),
        (field("a").exists(), {"a": {"$exists": True}}),
        (field("a").absent(), {"a": {"$exists": False}}),
        (field("a").matches("^x"), {"a": {"$regex": "^x"}}),
        (field("a").contains("1.5", ignore_case=True), {"a": {"$regex": r"1\.5", "$options": "i"}}),
        (field("a").chose("radio"), {"a": {"$regex": "(^| )radio( |$)"}}),
        (field("a").text_gt("5"), {"a": {"$gt": "5"}}),
        (field("a").text_gte("5"), {"a": {"$gte": "5"}}),
        (field("a").text_lt("5"), {"a": {"$lt": "5"}}),
        (field("a").text_lte("5"), {"a": {"$lte": "5"}}),
        (field("_id") == 5, {"_id": 5}),
        (ids(3, 1, 3), {"_id": {"$in": [3, 1]}}),
        (submitted_after(MOMENT), {"_submission_time": {"$gte": "2026-11-21T00:20:00"}}),
        (submitted_before(MOMENT), {"_submission_time": {"$lt": "2026-11-21T00:20:00"}}),
        (submitted_by("bob", None), {"_submitted_by": {"$in": ["bob", None]}}),
        (status(None), {"_validation_status.uid": None}),
        (
            status("validation_status_approved"),
            {"_validation_status.uid": "validation_status_approved"},
        ),
        (edited(), {"meta/deprecatedID": {"$exists": True}}),
        (
            in_repeat("members", field("members/age") == "5"),
            {"members": {"$elemMatch": {"members/age": "5"}}},
        ),
        (
            in_repeat("_attachments", {"mimetype": "image/jpeg"}),
            {"_attachments": {"$elemMatch": {"mimetype": "image/jpeg"}}},
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_condition_is_a_query_that_passes_the_checks(condition: Condition, query: dict[str, Any]):
    assert condition.query == query
    assert checked(condition) == query == checked(condition.query)


def test_conditions_combine_without_needless_nesting():
    one, two, three = (field(name) == "1" for name in "abc")
    assert (one & two & three).query == {"$and": [{"a": "1"}, {"b": "1"}, {"c": "1"}]}
    assert (one | two | three).query == {"$or": [{"a": "1"}, {"b": "1"}, {"c": "1"}]}
    both = {"$and": [{"$or": [{"a": "1"}, {"b": "1"}]}, {"c": "1"}]}
    assert ((one | two) & three).query == both


def test_conditions_do_not_combine_by_words_that_drop_a_part():
    one, two = field("a") == "1", field("b") == "2"
    for words in (lambda: one and two, lambda: one or two, lambda: not one):
        with pytest.raises(TypeError, match="& and"):
            words()


def test_a_condition_shows_its_query():
    assert repr(field("a") == "1") == "Condition({'a': '1'})"


def test_a_condition_is_taken_by_exports():
    assert ExportOptions("csv", query=field("a") == "1").as_json()["query"] == {"a": "1"}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: field("hh_size") == 3, "answers are stored as text"),
        (lambda: field("a") == "", "absent()"),
        (lambda: field("a") != "", "absent()"),
        (lambda: field("a") == ["1"], "one_of"),
        (lambda: field("a") == {"$gt": "1"}, "one_of"),
        (lambda: field("a") == date(2026, 1, 1), "dates as text"),
        (lambda: field("a.b") == "1", "escapes dots"),
        (lambda: field("") == "1", "by its path"),
        (lambda: field("$where") == "1", "by its path"),
        (lambda: field("a") < "5", "text_gt"),
        (lambda: field("a") >= "5", "text_gt"),
        (lambda: field("a").text_gt(5), "stored as text"),
        (lambda: field("a").one_of([]), "list of answers"),
        (lambda: field("a").one_of("ab"), "list of answers"),
        (lambda: field("a").one_of(["", "b"]), "absent()"),
        (lambda: field("a").matches("("), "no regular expression"),
        (lambda: field("_id").matches("1"), "integer"),
        (lambda: field("a").chose("radio tv"), "one word"),
        (lambda: field("_submission_time") == "2026-11-21T00:20:00Z", "without zone"),
        (ids, "submission_ids"),
        (lambda: ids("5"), "integer"),
        (lambda: submitted_after(datetime(2026, 1, 1)), "zone"),  # noqa: DTZ001 - the point
        (lambda: submitted_before(date(2026, 1, 1)), "zone"),
        (submitted_by, "user names"),
        (lambda: submitted_by("AnonymousUser"), "None"),
        (lambda: status("approved"), "no status"),
        (lambda: in_repeat("members", field("age") == "5"), "members/age"),
        (lambda: in_repeat("members", {"members.age": "5"}), "dots"),
        (lambda: Condition({"$eq": 1}), "matches nothing"),
    ],
)
def test_what_would_match_nothing_is_refused(make: Callable[[], object], said: str):
    with pytest.raises(QueryError, match=re.escape(said)):
        make()


CONTENT = {
    "survey": [
        {"type": "start", "name": "start"},
        {"type": "begin_group", "name": "general"},
        {"type": "select_one", "$autoname": "region", "_or_other": True},
        {"type": "end_group"},
        {"type": "begin_repeat", "name": "members"},
        {"type": "text", "name": "name"},
        {"type": "begin_group", "name": "health"},
        {"type": "text", "name": "conditions"},
        {"type": "end_group"},
        {"type": "begin_repeat", "name": "toys"},
        {"type": "text", "name": "colour"},
        {"type": "end_repeat"},
        {"type": "end_repeat"},
        {"type": "text", "name": "remark"},
        {"type": "begin_kobomatrix", "name": "needs", "kobo--matrix_list": "goods"},
        {"type": "integer", "name": "cost"},
        {"type": "end_kobomatrix"},
    ],
    "choices": [{"list_name": "goods", "name": "tent"}],
}


@pytest.mark.parametrize(
    "condition",
    [
        field("general/region") == "north",
        field("general/region_other").exists(),
        field("needs_tent/needs_tent_cost") == "3",
        field("remark").exists() & edited() & ids(1) & field("today").exists(),
        in_repeat("members", field("members/health/conditions") == "none"),
        in_repeat("members", in_repeat("members/toys", field("members/toys/colour") == "red")),
        in_repeat("_attachments", {"mimetype": "image/png"}),
    ],
    ids=str,
)
def test_paths_of_the_form_pass_its_check(condition: Condition):
    assert condition.check(CONTENT) is condition


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (field("region") == "north", "no 'region'; did you mean general/region?"),
        (field("nowhere").exists() | edited(), "no 'nowhere'"),
        (field("members/name") == "Ngozi", "in_repeat('members', …)"),
        (
            in_repeat("members", field("members/toys/colour") == "red"),
            "in_repeat('members/toys', …)",
        ),
        (in_repeat("general", field("general/region") == "north"), "outside of the repeat"),
    ],
)
def test_paths_that_the_form_does_not_have_fail_its_check(condition: Condition, said: str):
    with pytest.raises(QueryError, match=re.escape(said)):
        condition.check(CONTENT)


def test_a_form_without_content_has_no_paths():
    with pytest.raises(QueryError, match="no 'a'"):
        field("a").exists().check(None)


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=60)


@pytest.mark.anyio
async def test_a_server_finds_by_conditions_what_they_say(client: KoboClient, form: FakeForm):
    rows = [dict(form.rows[number]) for number in form.rows]
    path = next(one for one in rows[0] if one.endswith("region"))
    some = rows[5][path]
    middle = datetime.fromisoformat(rows[30]["_submission_time"]).replace(tzinfo=UTC)
    later = [row["_id"] for row in rows if row["_submission_time"] >= rows[30]["_submission_time"]]
    numbers = [row["_id"] for row in rows]
    has = [row["_id"] for row in rows if row[path] == some]
    expected: list[tuple[Condition, list[int]]] = [
        (field(path) == some, has),
        (field(path) != some, [one for one in numbers if one not in has]),
        (field(path).one_of([some]), has),
        (field(path).contains(some[1:]), has),
        (field(path).chose(some), has),
        ((field(path) == some) & submitted_after(middle), [one for one in has if one in later]),
        (submitted_before(middle), [one for one in numbers if one not in later]),
        (submitted_before(middle) | submitted_after(middle), numbers),
        (ids(*numbers[:3]), numbers[:3]),
        (status(None), numbers),
        (edited(), []),
    ]
    for condition, wanted in expected:
        found = client.submissions.list(form.uid, where=condition, page_size=7)
        assert [row["_id"] async for row in found] == wanted, condition


@pytest.mark.anyio
async def test_a_server_finds_rows_by_what_one_instance_of_a_repeat_holds(
    client: KoboClient, form: FakeForm
):
    rows = [dict(form.rows[number]) for number in form.rows]
    repeat = next(
        name for name, value in rows[0].items() if isinstance(value, list) and name[0] != "_"
    )
    path, value = next(iter(next(row for row in rows if row.get(repeat))[repeat][0].items()))
    wanted = [
        row["_id"] for row in rows if any(one.get(path) == value for one in row.get(repeat, ()))
    ]
    condition = in_repeat(repeat, field(path) == value).check(form.asset["content"])
    async with client.submissions.stream(form.uid, where=condition) as found:
        assert [row["_id"] async for row in found] == wanted
    assert wanted
