"""What a language model can look at: the right thing, and never too much of it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from mcp import Client

from kobo_async import KoboClient
from kobo_async.assistant.bounds import LONGEST_LIST, LONGEST_TEXT, MOST_BYTES
from kobo_async.assistant.server import server
from kobo_async.testing import FakeForm, FakeKobo

from .conftest import Refused, asked

pytestmark = pytest.mark.anyio

READING = [
    *("list_projects", "describe_project", "describe_columns", "count_submissions"),
    *("get_submissions", "get_submission", "export_rows", "summarise"),
]
WRITING = ["set_validation_status", "edit_submissions", "delete_submissions"]


@pytest.mark.parametrize("allow_writes", [False, True])
async def test_tools_that_write_are_there_only_where_that_is_allowed(
    client: KoboClient, allow_writes: bool
):
    async with Client(server(client, allow_writes=allow_writes)) as model:
        tools = (await model.list_tools()).tools
    assert [tool.name for tool in tools] == READING + (WRITING if allow_writes else [])
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (tool.name in READING)
        assert tool.description


async def test_programs_that_speak_the_older_protocol_are_understood(
    client: KoboClient, form: FakeForm
):
    async with Client(server(client), mode="legacy") as model:
        assert len((await model.list_tools()).tools) == len(READING)
        reply = await model.call_tool("count_submissions", {"uid": form.uid})
    assert reply.structured_content == {"count": 250}


async def test_projects_are_found_by_a_part_of_their_name(client: KoboClient, fake: FakeKobo):
    for name in ("Wells north", "Wells south", "Schools"):
        fake.add_form(name, rows=3)
    async with asked(client) as ask:
        wells = await ask("list_projects", search="wells")
        few = await ask("list_projects", limit=1)
    assert {one["name"] for one in wells["projects"]} == {"Wells north", "Wells south"}
    assert wells["more"] is False
    assert (len(few["projects"]), few["more"]) == (1, True)


async def test_a_project_tells_its_state_and_what_the_account_may_do(
    client: KoboClient, form: FakeForm
):
    async with asked(client) as ask:
        facts = await ask("describe_project", uid=form.uid)
    assert (facts["name"], facts["status"]) == ("Household survey", "deployed")
    assert facts["submissions"] == 250
    assert "view_submissions" in facts["you_may"]


async def test_columns_are_found_by_path_or_label(client: KoboClient, form: FakeForm):
    async with asked(client) as ask:
        told = await ask("describe_columns", uid=form.uid, search="region", labels="fr")
        members = await ask("describe_columns", uid=form.uid, table="members")
        with pytest.raises(Refused, match="no table 'nothing'; there are Household survey, m"):
            await ask("describe_columns", uid=form.uid, table="nothing")
    (region,) = told["columns"]
    assert (region["path"], region["type"]) == ("household/region", "select_one")
    assert region["choices"]
    assert {one["table"] for one in members["columns"]} == {"members"}
    assert [one["table"] for one in told["tables"]] == ["Household survey", "members"]


async def test_submissions_are_counted_by_a_query_that_the_form_understands(
    client: KoboClient, form: FakeForm
):
    east = sum(row["household/region"] == "east" for row in form.rows.values())
    old = next(iter(form.rows.values()))["members"][0]["members/member_age"]
    in_repeat = {"members": {"$elemMatch": {"members/member_age": old}}}
    async with asked(client) as ask:
        assert await ask("count_submissions", uid=form.uid) == {"count": 250}
        counted = await ask("count_submissions", uid=form.uid, where={"household/region": "east"})
        assert counted == {"count": east}
        assert (await ask("count_submissions", uid=form.uid, where=in_repeat))["count"] > 0


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"region": "east"}, "the form has no 'region'; did you mean household/region"),
        ({"hh_size": 5}, "answers are stored as text"),
        ({"hh_size": {"$eq": "5"}}, r"\$eq matches nothing"),
        ({"members/member_age": "5"}, "found only with in_repeat"),
    ],
)
@pytest.mark.parametrize("tool", ["count_submissions", "get_submissions", "export_rows"])
async def test_a_query_that_would_match_nothing_whatever_there_is_is_refused(
    client: KoboClient, form: FakeForm, tool: str, where: dict[str, Any], says: str
):
    async with asked(client) as ask:
        with pytest.raises(Refused, match=says):
            await ask(tool, uid=form.uid, where=where)


async def test_submissions_come_page_by_page_until_there_are_no_more(
    client: KoboClient, form: FakeForm
):
    seen, after = [], 0
    async with asked(client) as ask:
        while after is not None:
            told = await ask(
                "get_submissions", uid=form.uid, fields=["hh_size"], after=after, limit=100
            )
            assert told["count"] == 250 - len(seen)
            seen += told["submissions"]
            after = told["next_after"]
        newest = await ask("get_submissions", uid=form.uid, limit=1, order="newest")
    assert [row["_id"] for row in seen] == list(form.rows)
    assert "household/region" not in seen[0]
    assert newest["submissions"][0]["_id"] == max(form.rows)


async def test_where_nothing_matches_there_is_nothing_to_go_on_with(
    client: KoboClient, form: FakeForm
):
    async with asked(client) as ask:
        for tool, rows in (("get_submissions", "submissions"), ("export_rows", "rows")):
            told = await ask(tool, uid=form.uid, where={"hh_size": "-1"})
            assert (told[rows], told["next_after"]) == ([], None)


async def test_one_submission_is_told_whole(client: KoboClient, form: FakeForm):
    first = min(form.rows)
    async with asked(client) as ask:
        told = await ask("get_submission", uid=form.uid, id=first)
        with pytest.raises(Refused, match="404"):
            await ask("get_submission", uid=form.uid, id=10**9)
    assert told["household/head_name"] == form.rows[first]["household/head_name"]


@pytest.mark.parametrize("table", ["", "members"])
async def test_rows_are_exported_typed_and_all_of_them(
    client: KoboClient, form: FakeForm, table: str
):
    rows, after = [], 0
    async with asked(client) as ask:
        while after is not None:
            told = await ask("export_rows", uid=form.uid, table=table, after=after, limit=200)
            rows += [dict(zip(told["columns"], row, strict=True)) for row in told["rows"]]
            after = told["next_after"]
    if table:
        assert len(rows) == sum(len(row.get("members", ())) for row in form.rows.values())
        assert {type(row["members/member_age"]) for row in rows} <= {int, type(None)}
    else:
        assert [row["_id"] for row in rows] == list(form.rows)
        assert isinstance(rows[0]["household/assets_owned"], list)


async def test_a_table_with_too_many_columns_is_exported_by_its_fields(
    client: KoboClient, fake: FakeKobo
):
    names = [f"q{number}" for number in range(600)]
    survey = [{"type": "integer", "name": name, "$autoname": name, "$kuid": name} for name in names]
    wide = fake.add_form("Wide", rows=2, content={"survey": survey})
    async with asked(client) as ask:
        with pytest.raises(Refused, match="columns: name `fields`"):
            await ask("export_rows", uid=wide.uid)
        told = await ask("export_rows", uid=wide.uid, fields=["q7"])
    assert "q7" in told["columns"]
    assert "q8" not in told["columns"]
    assert len(told["rows"]) == 2


async def test_a_summary_counts_every_submission(client: KoboClient, form: FakeForm):
    async with asked(client) as ask:
        told = await ask("summarise", uid=form.uid)
        east = await ask("summarise", uid=form.uid, where={"household/region": "east"})
    assert (told["submissions"], told["left_off"]) == (250, 0)
    assert 0 < east["submissions"] < 250
    regions = next(one for one in told["questions"] if one["path"] == "household/region")
    assert sum(bar["count"] for bar in regions["distribution"]["bars"]) == regions["answered"]


@pytest.mark.parametrize("limit", [0, 201])
async def test_nobody_gets_more_rows_than_one_answer_holds(
    client: KoboClient, form: FakeForm, limit: int
):
    async with asked(client) as ask:
        with pytest.raises(Refused, match="limit is 1 to 200"):
            await ask("get_submissions", uid=form.uid, limit=limit)


async def test_long_texts_and_lists_are_cut_and_say_so(client: KoboClient, form: FakeForm):
    first = min(form.rows)
    many = [{"members/member_age": "1"}] * 2_000
    form.edit(first, comment="a" * 10_000_000, members=many)
    async with asked(client) as ask:
        told = await ask("get_submission", uid=form.uid, id=first)
    assert told["comment"] == "a" * LONGEST_TEXT + "… (10,000,000 characters)"
    assert told["members"][LONGEST_LIST:] == ["… (2,000 items)"]


async def test_an_answer_stays_within_its_bounds_and_the_rest_comes_later(
    client: KoboClient, form: FakeForm
):
    for number in form.rows:
        form.edit(number, comment="é" * LONGEST_TEXT)
    async with asked(client) as ask:
        told = await ask("get_submissions", uid=form.uid, limit=200)
        further = await ask("get_submissions", uid=form.uid, limit=1, after=told["next_after"])
    assert 0 < len(told["submissions"]) < 200
    assert len(orjson.dumps(told["submissions"])) < MOST_BYTES * 1.1
    last = told["submissions"][-1]["_id"]
    assert further["submissions"][0]["_id"] == list(form.rows)[list(form.rows).index(last) + 1]


async def test_a_submission_too_large_for_an_answer_says_what_to_do(
    client: KoboClient, form: FakeForm
):
    first = min(form.rows)
    form.edit(first, **{f"question_{n}": "x" * LONGEST_TEXT for n in range(100)})
    async with asked(client) as ask:
        with pytest.raises(Refused, match="ask for fewer fields"):
            await ask("get_submission", uid=form.uid, id=first)
        few = await ask("get_submissions", uid=form.uid, fields=["hh_size"], limit=1)
    assert few["submissions"][0]["_id"] == first
