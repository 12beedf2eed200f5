"""Writing submissions, one or many, so that repeating it does no harm."""

from __future__ import annotations

import pytest

from kobo_async import Gone, KoboClient, NotFound, QueryError, instance
from kobo_async.call import Upload
from kobo_async.testing import FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.submissions import Filled

pytestmark = pytest.mark.anyio
APPROVED, ON_HOLD = "validation_status_approved", "validation_status_on_hold"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
def fake():
    return FakeKobo(seed=5, clock=FakeClock())


@pytest.fixture
def form(fake):
    return fake.add_form("Survey", rows=4)


@pytest.fixture
async def client(fake):
    async with KoboClient(
        "http://localhost", token=fake.token, app=fake, clock=fake.clock
    ) as client:
        yield client


def text_question(form) -> str:
    return next(row["$xpath"] for row in form.asset["content"]["survey"] if row["type"] == "text")


async def test_answers_by_path_become_a_submission(client, form):
    path = text_question(form)
    receipt = await client.submissions.submit(form.uid, {path: "a & b <c>"})
    row = await client.submissions.get(form.uid, receipt.instanceID.removeprefix("uuid:"))
    assert row[path] == "a & b <c>"
    assert row["__version__"] == form.asset["deployed_version_id"]


async def test_a_submission_whose_reply_was_lost_is_not_doubled(client, fake, form):
    fake.faults.add(Fault.truncate(0.3, match="POST /submission", times=2))
    await client.submissions.submit(form.uid, {text_question(form): "once"})
    assert len(form.rows) == 5
    posts = [seen for seen in fake.requests if seen.method == "POST"]
    assert len(posts) == 3


async def test_submitting_many_tells_what_became_of_each(client, form):
    path = text_question(form)
    filled = [Filled({path: f"answer {n}"}) for n in range(20)]
    filled.insert(3, Filled({path: None}))
    outcomes = await client.submissions.submit_many(form.uid, filled)
    assert [one.id for one in outcomes] == [one.instance_id for one in filled]
    assert [one.done for one in outcomes] == [True] * 3 + [False] + [True] * 17
    assert len(form.rows) == 24
    again = await client.submissions.submit_many(form.uid, filled)
    assert again == outcomes
    assert len(form.rows) == 24


async def test_files_too_big_for_one_request_go_in_several(client, fake, form):
    path = text_question(form)
    files = [Upload("f", f"{n}.png", b"x" * 4_000_000, "image/png") for n in range(5)]
    await client.submissions.submit(form.uid, {path: "big"}, files=files)
    assert len([seen for seen in fake.requests if seen.method == "POST"]) == 3
    assert len(form.rows) == 5


async def test_nothing_is_submitted_to_a_draft(client, fake):
    draft = fake.add_form("Draft", deployed=False)
    with pytest.raises(QueryError, match="not deployed"):
        await client.submissions.submit(draft.uid, {"q": "x"})


async def test_an_edit_changes_only_what_it_names(client, form):
    number, path = next(iter(form.rows)), text_question(form)
    before = form.rows[number]
    await client.submissions.edit(form.uid, number, changes={path: "corrected"})
    after = form.rows[number]
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    assert changed == {path, "_uuid", "meta/instanceID", "meta/deprecatedID"}
    assert after["meta/rootUuid"] == before["meta/rootUuid"]


async def test_an_edit_of_what_somebody_else_edited_in_between_is_refused(client, form):
    number, path = next(iter(form.rows)), text_question(form)
    document = await client.submissions.document(form.uid, number)
    await client.submissions.edit(form.uid, number, changes={path: "first"})
    stale = instance.edited(document, {path: "second"}, instance.new_instance_id())
    with pytest.raises(Gone, match="somebody else edited"):
        await client.submissions.submit(form.uid, stale)


async def test_many_are_edited_each_in_its_own_way(client, form):
    path = text_question(form)
    first, second, third, _ = form.rows
    outcomes = await client.submissions.edit_many(
        form.uid, {first: {path: "x"}, second: {path: "x"}, third: {path: 3}, 999_999: {path: "x"}}
    )
    assert [one.done for one in outcomes] == [True, True, True, False]
    assert "no such submission" in outcomes[3].message
    assert [form.rows[n][path] for n in (first, second, third)] == ["x", "x", "3"]


async def test_deleting_what_is_gone_already_does_no_harm(client, form):
    first, second, *_ = form.rows
    await client.submissions.delete(form.uid, first)
    outcomes = await client.submissions.delete_many(form.uid, [first, second, 999_999])
    assert all(one.done for one in outcomes)
    assert len(form.rows) == 2


async def test_statuses_are_set_and_cleared_and_only_where_they_differ(client, fake, form):
    first, second, third, fourth = form.rows
    form.set_status(first, APPROVED)
    form.set_status(fourth, ON_HOLD)
    wanted = {first: APPROVED, second: APPROVED, third: None, fourth: None, 999_999: APPROVED}
    outcomes = await client.submissions.set_validation_status_many(form.uid, wanted)
    assert [one.done for one in outcomes] == [True, True, True, True, False]
    found = [form.rows[n]["_validation_status"].get("uid") for n in form.rows]
    assert found == [APPROVED, APPROVED, None, None]
    assert [seen.method for seen in fake.requests if seen.method != "GET"] == ["PATCH", "DELETE"]


async def test_an_unknown_submission_is_not_found(client, form):
    with pytest.raises(NotFound):
        await client.submissions.edit(form.uid, 999_999, changes={"q": "x"})
