"""Submitting, deleting and validating, one or many, so that repeating it does no harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kobo_async import Filled, KoboClient, QueryError, Submitted, Upload
from kobo_async.errors import Conflict, KoboError, MethodNotAllowed, NotFound, UnexpectedShape
from kobo_async.testing import FakeForm, FakeKobo, Fault
from tests.verbs.journal import Journal

pytestmark = pytest.mark.anyio
APPROVED, ON_HOLD = "validation_status_approved", "validation_status_on_hold"
HEAD = "household/head_name"
BARE = "<html><head><model><instance><x/></instance></model></head></html>"


async def test_answers_by_path_become_a_submission(client: KoboClient, form: FakeForm):
    receipt = await client.submissions.submit(
        form.uid, {HEAD: "a & b <c>", "members": [{"members/member_name": "Zoë"}]}
    )
    assert not receipt.duplicate
    row = await client.submissions.get(form.uid, receipt.instanceID)
    assert row[HEAD] == "a & b <c>"
    assert row["members"] == [{"members/member_name": "Zoë"}]
    assert row["__version__"] == form.asset["deployed_version_id"]


async def test_a_submission_whose_reply_was_lost_is_not_doubled(
    client: KoboClient, fake: FakeKobo, form: FakeForm, journal: Journal
):
    fake.faults.add(Fault.truncate(0.3, match="POST /submission", times=2))
    await client.submissions.submit(form.uid, {HEAD: "once"})
    assert len(form.rows) == 5
    assert len(journal.of("POST /submission")) == 3


@pytest.mark.parametrize("status", [423, 503])
async def test_a_server_that_is_busy_with_the_form_is_asked_again(
    client: KoboClient, fake: FakeKobo, form: FakeForm, journal: Journal, status: int
):
    fake.faults.add(Fault.status(status, match="POST /submission", times=2))
    await client.submissions.submit(form.uid, {HEAD: "once"})
    first, *others = (one.body for one in journal.of("POST /submission"))
    assert len(others) == 2
    ids = {body.partition(b"<instanceID>")[2][:41] for body in (first, *others)}
    assert len(ids) == 1
    assert len(form.rows) == 5


async def test_the_same_instance_id_with_other_answers_is_a_conflict(
    client: KoboClient, form: FakeForm
):
    await client.submissions.submit(form.uid, {HEAD: "one"}, instance_id="uuid:mine")
    with pytest.raises(Conflict):
        await client.submissions.submit(form.uid, {HEAD: "two"}, instance_id="uuid:mine")
    again = await client.submissions.submit(form.uid, {HEAD: "one"}, instance_id="uuid:mine")
    assert again.duplicate


async def test_xml_goes_as_it_is(client: KoboClient, form: FakeForm, journal: Journal):
    uuid = form.asset["deployment__uuid"]
    xml = (
        f"<data id='{form.uid}'><formhub><uuid>{uuid}</uuid></formhub><strange>x</strange>"
        "<meta><instanceID>uuid:x1</instanceID></meta></data>"
    )
    await client.submissions.submit(form.uid, xml.encode())
    assert form.rows[max(form.rows)]["strange"] == "x"
    assert [one.path for one in journal.of("POST .*|GET .*/assets/.*")] == ["/submission"]


async def test_submitting_many_tells_what_became_of_each(client: KoboClient, form: FakeForm):
    filled = [Filled({HEAD: f"answer {n}"}) for n in range(20)]
    filled.insert(3, Filled({HEAD: None}))
    outcomes = await client.submissions.submit_many(form.uid, filled)
    assert [one.id for one in outcomes] == [one.instance_id for one in filled]
    assert [one.done for one in outcomes] == [True] * 3 + [False] + [True] * 17
    assert not any(one.duplicate for one in outcomes)
    assert len(form.rows) == 24


async def test_submitting_many_again_tells_that_they_were_there(client: KoboClient, form: FakeForm):
    filled = [Filled({HEAD: "one"}), Filled({HEAD: "two"})]
    await client.submissions.submit_many(form.uid, filled[:1])
    first, second = await client.submissions.submit_many(form.uid, filled)
    assert first == Submitted(filled[0].instance_id, True, "was there already", duplicate=True)
    assert second == Submitted(filled[1].instance_id, True)
    assert len(form.rows) == 6


async def test_files_too_big_for_one_request_go_in_several(
    client: KoboClient, form: FakeForm, journal: Journal
):
    files = [Upload("f", f"{n}.png", b"x" * 4_000_000, "image/png") for n in range(5)]
    receipt = await client.submissions.submit(form.uid, {"photo": "3.png"}, files=files)
    assert len(journal.of("POST /submission")) == 3
    assert len(form.rows) == 5
    row = await client.submissions.get(form.uid, receipt.instanceID)
    assert [one["media_file_basename"] for one in row["_attachments"]] == ["3.png"]


async def test_nothing_is_submitted_to_a_draft(client: KoboClient, draft: FakeForm):
    with pytest.raises(QueryError, match="not deployed"):
        await client.submissions.submit(draft.uid, {"q": "x"})


async def test_nothing_is_submitted_to_an_archived_form(client: KoboClient, form: FakeForm):
    form.archive()
    with pytest.raises(MethodNotAllowed):
        await client.submissions.submit(form.uid, {HEAD: "x"})


async def test_who_may_submit_needs_no_sight_of_the_project(
    bob: KoboClient, fake: FakeKobo, form: FakeForm
):
    form.grants.give("bob", "add_submissions", None)
    with pytest.raises(NotFound):
        await bob.assets.get(form.uid)
    with pytest.raises(QueryError, match=f"did you mean {HEAD}"):
        await bob.submissions.submit(form.uid, {"household/head_nam": "x"})
    answers = {HEAD: "Zoë", "members": [{"members/member_name": "Ada"}]}
    (outcome,) = await bob.submissions.submit_many(form.uid, [Filled(answers)])
    assert outcome.done
    row = form.rows[max(form.rows)]
    assert (row[HEAD], row["members"]) == ("Zoë", [{"members/member_name": "Ada"}])
    assert row["__version__"] == form.asset["deployed_version_id"]
    assert row["formhub/uuid"] == form.asset["deployment__uuid"]
    with pytest.raises(NotFound):
        await bob.submissions.submit(fake.add_form("Another").uid, {HEAD: "x"})


@pytest.mark.parametrize("said", ["<html/>", "<html><head><model/></head></html>", BARE])
async def test_what_is_no_form_is_not_filled_in(
    bob: KoboClient, fake: FakeKobo, form: FakeForm, said: str
):
    form.grants.give("bob", "add_submissions", None)
    fake.faults.add(Fault.status(200, body=said.encode(), match="form.xml"))
    with pytest.raises(UnexpectedShape, match="an XForm"):
        await bob.submissions.submit(form.uid, {HEAD: "x"})
    assert len(form.rows) == 4


async def test_a_question_that_the_form_does_not_have_is_refused_before_anything_is_sent(
    client: KoboClient, form: FakeForm, journal: Journal
):
    with pytest.raises(QueryError, match=f"no question 'household/headname'; did you mean {HEAD}"):
        await client.submissions.submit(form.uid, {"household/headname": "x"})
    inner = {"members": [{"members/member_name": "a"}, {"members/years": 3}]}
    filled = [*(Filled({HEAD: "x"}) for _ in range(30)), Filled(inner)]
    with pytest.raises(QueryError, match="no question 'members/years'"):
        await client.submissions.submit_many(form.uid, filled)
    assert journal.writes == []
    assert len(form.rows) == 4


async def test_many_are_checked_with_one_look_at_the_form(
    client: KoboClient, form: FakeForm, journal: Journal
):
    await client.submissions.submit_many(form.uid, [Filled({HEAD: str(n)}) for n in range(30)])
    assert len(journal.of(".*/assets/.*")) == 1


async def test_unchecked_answers_are_sent_as_they_come(
    client: KoboClient, form: FakeForm, journal: Journal
):
    def filled() -> Iterator[Filled]:
        yield Filled({"strange": "x"})
        while not journal.of("POST /submission"):
            yield Filled({"strange": "y"})

    (first, *_) = await client.submissions.submit_many(form.uid, filled(), check=False)
    assert first.done
    await client.submissions.submit(form.uid, {"strange": "z"}, check=False)
    assert {row.get("strange") for row in form.rows.values()} >= {"x", "z"}


async def test_the_form_that_counts_is_the_deployed_one(client: KoboClient, form: FakeForm):
    form.rewrite({"survey": [{"type": "text", "name": "newer", "label": "Newer"}]}, "alice")
    await client.submissions.submit(form.uid, {HEAD: "x"})
    with pytest.raises(QueryError, match="newer"):
        await client.submissions.submit(form.uid, {"newer": "x"})
    form.deploy("alice")
    await client.submissions.submit(form.uid, {"newer": "x"})


async def test_a_form_that_tells_no_questions_is_not_checked(client: KoboClient, fake: FakeKobo):
    form = fake.add_form("Old", content={"survey": []})
    await client.submissions.submit(form.uid, {"b": "1"})
    assert len(form.rows) == 1


async def test_answers_beside_a_select_and_in_a_matrix_are_no_rows_of_the_form(
    client: KoboClient, fake: FakeKobo
):
    rows = [
        {"type": "select_one water or_other", "name": "source", "$xpath": "source", "$kuid": "a"},
        {"type": "begin_kobomatrix", "name": "needs", "kobo--matrix_list": "goods", "$kuid": "b"},
        {"type": "integer", "name": "cost", "$kuid": "c"},
        {"type": "end_kobomatrix", "$kuid": "d"},
    ]
    goods = [{"list_name": "goods", "name": "tent", "$kuid": "e"}]
    form = fake.add_form("Water", content={"survey": rows, "choices": goods})
    cost = "needs_tent/needs_tent_cost"
    await client.submissions.submit(form.uid, {"source_other": "a spring", cost: 3})
    assert len(form.rows) == 1
    with pytest.raises(QueryError, match=f"did you mean {cost}"):
        await client.submissions.submit(form.uid, {"needs/needs_tent_cost": 3})


async def test_a_copy_is_a_submission_of_its_own(client: KoboClient, form: FakeForm):
    number = min(form.rows)
    copy = await client.submissions.duplicate(form.uid, number)
    assert copy["_id"] != number
    assert copy[HEAD] == form.rows[number][HEAD]
    assert copy["meta/rootUuid"] != form.rows[number]["meta/rootUuid"]
    assert len(form.rows) == 5


async def test_links_open_a_submission_for_editing_and_for_viewing(
    client: KoboClient, form: FakeForm
):
    number = min(form.rows)
    edit = await client.submissions.edit_link(form.uid, number)
    view = await client.submissions.view_link(form.uid, number)
    assert "/edit/" in edit.url
    assert "/view/" in view.url
    assert edit.url not in repr(edit)


async def test_submissions_are_read_as_xml_and_as_geojson(client: KoboClient, form: FakeForm):
    documents = [one async for one in client.submissions.xml(form.uid)]
    assert len(documents) == len(form.rows)
    assert all(form.uid.encode() in one for one in documents)
    collection = await client.submissions.geojson(form.uid)
    kinds = {one["geometry"]["type"] for one in collection["features"]}
    assert kinds == {"Point"}


async def test_deleting_what_is_gone_already_does_no_harm(client: KoboClient, form: FakeForm):
    first, second, *_ = form.rows
    await client.submissions.delete(form.uid, first)
    outcomes = await client.submissions.delete_many(form.uid, [first, second, 999_999])
    assert all(one.done for one in outcomes)
    assert len(form.rows) == 2


async def test_what_was_deleted_although_the_reply_was_lost_counts_as_deleted(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    first, second, third, fourth = form.rows
    fake.faults.add(Fault.truncate(0.0, match="DELETE .*/data/[0-9]", times=1))
    await client.submissions.delete(form.uid, first)
    fake.faults.add(Fault.truncate(0.0, match="DELETE .*/bulk/", times=1))
    outcomes = await client.submissions.delete_many(form.uid, [second, third])
    assert all(one.done for one in outcomes)
    assert list(form.rows) == [fourth]
    assert fake.faults.fired() == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_what_was_not_there_is_not_found_after_a_refusal_either(
    client: KoboClient, fake: FakeKobo, form: FakeForm, status: int
):
    fake.faults.add(Fault.status(status, match="DELETE", times=1))
    with pytest.raises(NotFound):
        await client.submissions.delete(form.uid, 999_999)
    assert fake.faults.fired() == 1


async def test_all_are_deleted_only_if_there_are_as_many_as_expected(
    client: KoboClient, form: FakeForm
):
    with pytest.raises(QueryError, match="4 submissions would go, 3 were expected"):
        await client.submissions.delete_all(form.uid, expected=3)
    assert await client.submissions.delete_all(form.uid, expected=4) == 4
    assert len(form.rows) == 0


async def test_statuses_are_set_and_cleared_and_only_where_they_differ(
    client: KoboClient, form: FakeForm, journal: Journal
):
    first, second, third, fourth = form.rows
    form.set_status(first, APPROVED)
    form.set_status(fourth, ON_HOLD)
    wanted = {first: APPROVED, second: APPROVED, third: None, fourth: None, 999_999: APPROVED}
    outcomes = await client.submissions.set_validation_status_many(form.uid, wanted)
    assert [one.done for one in outcomes] == [True, True, True, True, False]
    found = [form.rows[n]["_validation_status"].get("uid") for n in form.rows]
    assert found == [APPROVED, APPROVED, None, None]
    assert [one.partition(" ")[0] for one in journal.writes] == ["PATCH", "DELETE"]


async def test_one_unknown_status_among_many_is_refused_before_anything_is_sent(
    client: KoboClient, form: FakeForm, journal: Journal
):
    first, second, *_ = form.rows
    wanted: Any = {first: APPROVED, second: "approved", 999_999: None}
    with pytest.raises(QueryError, match="'approved' is no validation status"):
        await client.submissions.set_validation_status_many(form.uid, wanted)
    assert journal.sent == []


async def test_a_submission_that_never_arrives_is_told_of_and_the_others_go_on(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    fake.faults.add(Fault.status(400, match="POST /submission", times=1))
    first, second = await client.submissions.submit_many(
        form.uid, [Filled({HEAD: "one"}), Filled({HEAD: "two"})]
    )
    assert sorted([first.done, second.done]) == [False, True]
    assert len(form.rows) == 5


async def test_an_error_of_the_whole_job_is_raised(client: KoboClient):
    with pytest.raises(KoboError):
        await client.submissions.submit_many("aNowhere", [Filled({HEAD: "x"})])
