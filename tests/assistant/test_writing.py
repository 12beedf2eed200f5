"""What a language model can change: just as many submissions as were expected, or none."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import KoboClient
from kobo_async.testing import FakeForm

from .conftest import Refused, asked

pytestmark = pytest.mark.anyio

APPROVED = "validation_status_approved"


def approved(form: FakeForm) -> set[int]:
    return {
        number
        for number, row in form.rows.items()
        if row["_validation_status"].get("uid") == APPROVED
    }


def answers(form: FakeForm) -> dict[int, str]:
    return {number: row["hh_size"] for number, row in form.rows.items()}


async def test_the_status_is_set_for_as_many_as_expected(client: KoboClient, form: FakeForm):
    east = {n for n, row in form.rows.items() if row["household/region"] == "east"}
    where = {"household/region": "east"}
    async with asked(client, allow_writes=True) as ask:
        told = await ask(
            "set_validation_status",
            uid=form.uid,
            status="approved",
            expect=len(east),
            where=where,
        )
        assert told == {"done": len(east), "failed": 0, "why": []}
        assert approved(form) == east
        first = min(east)
        await ask(
            "set_validation_status", uid=form.uid, status="none", expect=1, ids=[first, first]
        )
    assert approved(form) == east - {first}


async def test_answers_are_changed_and_others_stay(client: KoboClient, form: FakeForm):
    first, second, *_ = form.rows
    region = form.rows[first]["household/region"]
    async with asked(client, allow_writes=True) as ask:
        told = await ask(
            "edit_submissions",
            uid=form.uid,
            changes={str(first): {"hh_size": "77"}, str(second): {"hh_size": None}},
            expect=2,
        )
        with pytest.raises(Refused, match="no question 'nothing'"):
            await ask(
                "edit_submissions", uid=form.uid, changes={str(first): {"nothing": "1"}}, expect=1
            )
    assert told["done"] == 2
    assert form.rows[first]["hh_size"] == "77"
    assert "hh_size" not in form.rows[second]
    assert form.rows[first]["household/region"] == region


async def test_submissions_are_deleted_by_ids_or_by_a_query(client: KoboClient, form: FakeForm):
    ids = list(form.rows)[:3]
    async with asked(client, allow_writes=True) as ask:
        assert await ask("delete_submissions", uid=form.uid, expect=3, ids=ids) == {"deleted": 3}
        west = sum(row["household/region"] == "west" for row in form.rows.values())
        where = {"household/region": "west"}
        told = await ask("delete_submissions", uid=form.uid, expect=west, where=where)
    assert told == {"deleted": west}
    assert len(form.rows) == 250 - 3 - west


@pytest.mark.parametrize("expect", [0, 1, 3, 250])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("delete_submissions", {"ids": [1, 2]}),
        ("delete_submissions", {"where": {"_id": {"$in": [1, 2]}}}),
        ("set_validation_status", {"ids": [1, 2], "status": "approved"}),
        ("set_validation_status", {"where": {"_id": {"$in": [1, 2]}}, "status": "approved"}),
        ("edit_submissions", {"changes": {"1": {"hh_size": "1"}, "2": {"hh_size": "1"}}}),
    ],
)
async def test_another_number_than_expected_changes_nothing(
    client: KoboClient, form: FakeForm, tool: str, arguments: dict[str, Any], expect: int
):
    before = answers(form)
    async with asked(client, allow_writes=True) as ask:
        with pytest.raises(Refused, match=f"2 submissions would .*, {expect} were expected"):
            await ask(tool, uid=form.uid, expect=expect, **arguments)
    assert answers(form) == before
    assert not approved(form)


async def test_ids_that_are_not_there_do_not_make_up_the_number(client: KoboClient, form: FakeForm):
    for_one = {"uid": form.uid, "ids": [1, 10**9], "status": "approved"}
    async with asked(client, allow_writes=True) as ask:
        for expect in (1, 2):
            with pytest.raises(Refused, match="were expected: nothing changed"):
                await ask("set_validation_status", **for_one, expect=expect)
    assert not approved(form)


@pytest.mark.parametrize(
    "named", [{}, {"where": {}}, {"ids": []}, {"ids": [1], "where": {"_id": 1}}]
)
async def test_all_submissions_are_never_meant_by_saying_nothing(
    client: KoboClient, form: FakeForm, named: dict[str, Any]
):
    async with asked(client, allow_writes=True) as ask:
        with pytest.raises(Refused, match="say which submissions"):
            await ask("delete_submissions", uid=form.uid, expect=250, **named)
        with pytest.raises(Refused, match="say what to change"):
            await ask("edit_submissions", uid=form.uid, changes={}, expect=0)
    assert len(form.rows) == 250


async def test_without_leave_there_is_no_tool_that_writes(client: KoboClient, form: FakeForm):
    async with asked(client) as ask:
        with pytest.raises(Refused, match="delete_submissions"):
            await ask("delete_submissions", uid=form.uid, expect=250, where={"_id": {"$gt": 0}})
    assert len(form.rows) == 250
