"""Changing answers, of one submission or of many."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import Gone, KoboClient, NotFound, QueryError, instance
from kobo_async.testing import FakeForm, FakeKobo, Fault
from tests.verbs.journal import Journal, saying

pytestmark = pytest.mark.anyio
HEAD = "household/head_name"
BULK = "PATCH .*/data/bulk/"


def members(row: dict[str, Any]) -> list[str]:
    return [one["members/member_name"] for one in row["members"]]


async def add_roster(client: KoboClient, form: FakeForm, *named: str) -> int:
    roster = [{"members/member_name": name} for name in named]
    receipt = await client.submissions.submit(form.uid, {"members": roster})
    row = await client.submissions.get(form.uid, receipt.instanceID)
    return int(row["_id"])


async def test_an_edit_changes_only_what_it_names(client: KoboClient, form: FakeForm):
    number = min(form.rows)
    before = form.rows[number]
    await client.submissions.edit(form.uid, number, changes={HEAD: "corrected"})
    after = form.rows[number]
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    assert changed == {HEAD, "_uuid", "meta/instanceID", "meta/deprecatedID"}
    assert after["meta/rootUuid"] == before["meta/rootUuid"]


async def test_an_edit_of_what_somebody_else_edited_in_between_is_refused(
    client: KoboClient, form: FakeForm
):
    number = min(form.rows)
    document = await client.submissions.document(form.uid, number)
    await client.submissions.edit(form.uid, number, changes={HEAD: "first"})
    stale = instance.edited(document, {HEAD: "second"}, instance.new_instance_id())
    with pytest.raises(Gone, match="somebody else edited"):
        await client.submissions.submit(form.uid, stale)


async def test_an_instance_of_a_repeat_is_named_by_its_number(client: KoboClient, form: FakeForm):
    number = await add_roster(client, form, "Ada", "Bo")
    changes = {"members[2]/member_name": "Bob"}
    await client.submissions.edit(form.uid, number, changes=changes)
    assert members(form.rows[number]) == ["Ada", "Bob"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"household/headname": "x"}, f"did you mean {HEAD}"),
        ({"members[1]/name": "x"}, "no question 'members/name'"),
        ({"members/member_name": "x"}, "which instance"),
        ({"members": []}, "is a repeat"),
    ],
)
async def test_changes_that_miss_the_form_are_refused_before_anything_is_sent(
    client: KoboClient, form: FakeForm, journal: Journal, changes: dict[str, Any], said: str
):
    number = min(form.rows)
    with pytest.raises(QueryError, match=said):
        await client.submissions.edit(form.uid, number, changes=changes)
    with pytest.raises(QueryError, match=said):
        await client.submissions.edit_many(form.uid, {number: changes, number + 1: {HEAD: "x"}})
    assert journal.writes == []


async def test_an_unchecked_edit_does_not_read_the_form(
    client: KoboClient, form: FakeForm, journal: Journal
):
    number = min(form.rows)
    await client.submissions.edit(form.uid, number, changes={"strange": "x"}, check=False)
    await client.submissions.edit_many(form.uid, {number: {"strange": "y"}}, check=False)
    assert form.rows[number]["strange"] == "y"
    assert journal.of(f"GET /api/v2/assets/{form.uid}/") == []


async def test_an_unknown_submission_is_not_found(client: KoboClient, form: FakeForm):
    with pytest.raises(NotFound):
        await client.submissions.edit(form.uid, 999_999, changes={HEAD: "x"})


async def test_many_are_edited_each_in_its_own_way(
    client: KoboClient, form: FakeForm, journal: Journal
):
    first, second, third, fourth = form.rows
    outcomes = await client.submissions.edit_many(
        form.uid,
        {
            first: {HEAD: "x"},
            second: {HEAD: "x"},
            third: {"hh_size": 3},
            999_999: {HEAD: "x"},
            fourth: {"comment": None},
        },
    )
    assert [one.id for one in outcomes] == [first, second, third, 999_999, fourth]
    assert [one.done for one in outcomes] == [True, True, True, False, True]
    assert "no such submission" in outcomes[3].message
    assert [form.rows[n][HEAD] for n in (first, second)] == ["x", "x"]
    assert form.rows[third]["hh_size"] == "3"
    assert "comment" not in form.rows[fourth]
    assert len(journal.of(BULK)) == 3
    assert len(journal.of(f"GET /api/v2/assets/{form.uid}/")) == 1


async def test_equal_changes_go_in_portions(client: KoboClient, fake: FakeKobo, journal: Journal):
    form = fake.add_form("Large", rows=120)
    changes = {number: {HEAD: "same"} for number in form.rows}
    outcomes = await client.submissions.edit_many(form.uid, changes)
    assert all(one.done for one in outcomes)
    sizes = [len(body["payload"]["submission_ids"]) for body in journal.bodies(BULK)]
    assert sizes == [50, 50, 20]


async def test_repeats_of_many_are_edited_one_by_one(
    client: KoboClient, form: FakeForm, journal: Journal
):
    one = await add_roster(client, form, "Ada", "Bo")
    two = await add_roster(client, form, "Cy")
    changes: dict[int, dict[str, Any]] = {
        one: {"members[2]/member_name": "Bob", HEAD: "Ada"},
        two: {"members": [{"members/member_name": "Di"}, {"members/member_name": "Ed"}]},
        999_999: {"members[1]/member_name": "x"},
    }
    outcomes = await client.submissions.edit_many(form.uid, changes)
    assert [one.done for one in outcomes] == [True, True, False]
    assert members(form.rows[one]) == ["Ada", "Bob"]
    assert form.rows[one][HEAD] == "Ada"
    assert members(form.rows[two]) == ["Di", "Ed"]
    assert form.rows[two]["meta/deprecatedID"]
    assert journal.of(BULK) == []


async def test_an_instance_that_is_not_there_is_told_of_its_row(client: KoboClient, form: FakeForm):
    number = await add_roster(client, form, "Ada")
    (outcome,) = await client.submissions.edit_many(
        form.uid, {number: {"members[3]/member_name": "x"}}
    )
    assert not outcome.done
    assert "1 instances of 'members'" in outcome.message


async def test_a_row_that_the_server_did_not_store_is_not_done(client: KoboClient, form: FakeForm):
    first, second, *_ = form.rows
    form.locked.add(first)
    outcomes = await client.submissions.edit_many(
        form.uid, {first: {HEAD: "x"}, second: {HEAD: "x"}}
    )
    assert [one.done for one in outcomes] == [False, True]
    assert outcomes[0].message.startswith("not stored: ")
    assert form.rows[first][HEAD] != "x"


async def test_rows_that_hold_what_was_wanted_are_done_whatever_the_server_said(
    client: KoboClient, form: FakeForm
):
    first, second, *_ = form.rows
    form.edit(first, **{HEAD: "x"})
    form.locked.add(first)
    outcomes = await client.submissions.edit_many(
        form.uid, {first: {HEAD: "x"}, second: {HEAD: "x"}}
    )
    assert [one.done for one in outcomes] == [True, True]


async def test_after_a_lost_reply_the_rows_tell_how_it_went(
    client: KoboClient, fake: FakeKobo, form: FakeForm, journal: Journal
):
    fake.faults.add(Fault.truncate(0.1, match=BULK, times=1))
    changes = {number: {HEAD: "x"} for number in form.rows}
    outcomes = await client.submissions.edit_many(form.uid, changes)
    assert all(one.done for one in outcomes)
    assert len(journal.of(BULK)) == 1


async def test_a_crash_in_the_middle_is_told_row_by_row(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    first, *others = form.rows
    form.edit(first, **{HEAD: "x"})
    fake.faults.add(Fault.status(500, match=BULK))
    changes = {number: {HEAD: "x"} for number in form.rows}
    outcomes = await client.submissions.edit_many(form.uid, changes)
    assert [one.done for one in outcomes] == [True] + [False] * len(others)
    assert "500" in outcomes[1].message


async def test_rows_that_cannot_be_read_again_are_not_known_to_be_stored(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    first, *_ = form.rows
    fake.faults.add(Fault.status(500, match=BULK), Fault.status(403, match="GET .*/data/", after=1))
    (outcome,) = await client.submissions.edit_many(form.uid, {first: {HEAD: "x"}})
    assert not outcome.done
    assert outcome.message.startswith("unknown whether stored")


async def test_a_refused_portion_does_not_hide_the_others(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    first, second, *_ = form.rows
    fake.faults.add(saying({"detail": "You may not."}, BULK, status=403, times=1))
    outcomes = await client.submissions.edit_many(
        form.uid, {first: {HEAD: "x"}, second: {HEAD: "y"}}
    )
    assert [one.done for one in outcomes] == [False, True]
    assert "You may not." in outcomes[0].message
