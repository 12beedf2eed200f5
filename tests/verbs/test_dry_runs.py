"""Whole jobs that say what they would send, and end without waiting for what never begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from kobo_async import DryRun, Filled, KoboClient, Upload
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.verbs.journal import Journal

pytestmark = pytest.mark.anyio

UID = "aSurvey"
ASSET = f"/api/v2/assets/{UID}/"
ROOF = Upload("f", "roof.jpg", b"x")


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Survey", rows=4, uid=UID)


def noted(dry: DryRun) -> list[str]:
    return [call.label for call in dry.calls]


@pytest.mark.usefixtures("form")
async def test_a_folder_that_would_be_synchronised(
    client: KoboClient, journal: Journal, tmp_path: Path
):
    (tmp_path / "codes.csv").write_bytes(b"a")
    async with client.dry_run() as dry:
        await dry.files.sync(UID, tmp_path)
    assert noted(dry) == [f"POST {ASSET}files/", f"PATCH {ASSET}deployment/"]
    assert not dry.ended
    assert journal.writes == []


async def test_permissions_that_would_change(client: KoboClient, fake: FakeKobo, form: FakeForm):
    fake.add_user("bob")
    form.share("bob", "change_asset")
    async with client.dry_run() as dry:
        plan = await dry.permissions.plan(UID, {"bob": ["view_submissions"]})
        await dry.permissions.apply(plan)
    assert [call.op.method for call in dry.calls] == ["DELETE", "POST"]
    assert not dry.ended
    assert form.grants.everyone()["bob"] == {"view_asset", "change_asset"}


@pytest.mark.usefixtures("form")
async def test_all_of_many_submissions_are_shown(client: KoboClient, journal: Journal):
    big = [Upload("f", f"{n}.jpg", b"x" * 5_000_000) for n in range(2)]
    filled = [Filled({"hh_size": str(n)}) for n in range(60)]
    async with client.dry_run() as dry:
        outcomes = await dry.submissions.submit_many(UID, [*filled, Filled({"photo": "0"}, big)])
    assert noted(dry) == ["POST /submission"] * 62
    assert {(one.done, one.message) for one in outcomes} == {(False, "not sent: this is a dry run")}
    assert not dry.ended
    assert journal.writes == []


async def test_all_edits_of_many_are_shown(client: KoboClient, form: FakeForm, journal: Journal):
    first, second, third, fourth = form.rows
    async with client.dry_run() as dry:
        outcomes = await dry.submissions.edit_many(
            UID,
            {
                first: {"hh_size": 1},
                second: {"hh_size": 2},
                third: {"members": [{"members/member_name": "Zoë"}]},
                fourth: {"hh_size": 4},
            },
        )
    assert noted(dry) == [f"PATCH {ASSET}data/bulk/"] * 3 + ["POST /submission"]
    assert not any(one.done for one in outcomes)
    assert not dry.ended
    assert journal.writes == []


async def test_statuses_and_deletions_of_many_are_shown(client: KoboClient, form: FakeForm):
    first, second, *_ = form.rows
    form.set_status(second, "validation_status_on_hold")
    async with client.dry_run() as dry:
        await dry.submissions.set_validation_status_many(
            UID, {first: "validation_status_approved", second: None}
        )
        await dry.submissions.delete_many(UID, [first, second])
        await dry.submissions.delete_all(UID, expected=4)
    assert noted(dry) == [
        f"PATCH {ASSET}data/validation_statuses/",
        f"DELETE {ASSET}data/validation_statuses/",
        f"DELETE {ASSET}data/bulk/",
        f"DELETE {ASSET}data/bulk/",
    ]
    assert len(form.rows) == 4


Job = Callable[[DryRun], Awaitable[Any]]
WAITING: dict[str, Job] = {
    "import": lambda dry: dry.forms.import_xlsform(b"PK"),
    "create and deploy": lambda dry: dry.forms.create("Mine", {"survey": []}, deploy=True),
    "redeploy": lambda dry: dry.forms.redeploy(UID),
    "archive": lambda dry: dry.forms.archive(UID),
    "clone and deploy": lambda dry: dry.forms.clone(UID, deploy=True),
    "export": lambda dry: dry.exports.run(UID),
    "transfer": lambda dry: dry.ownership.transfer_and_wait(recipient="bob", assets=[UID]),
    "accept": lambda dry: dry.ownership.accept_and_wait("poi1"),
    "redeliver one": lambda dry: dry.hooks.retry_one(UID, "hHook", "hlLog"),
    "redeliver all": lambda dry: dry.hooks.retry_and_wait(UID, "hHook"),
    "submit": lambda dry: dry.submissions.submit(UID, {"photo": "roof.jpg"}, files=[ROOF]),
    "edit": lambda dry: dry.submissions.edit(UID, 1, changes={"hh_size": 1}),
    "duplicate": lambda dry: _read(dry.submissions.duplicate(UID, 1)),
}


async def _read(answer: Awaitable[Any]) -> Any:
    return (await answer)["_id"]


@pytest.fixture
async def failed_delivery(client: KoboClient, fake: FakeKobo, form: FakeForm, clock: FakeClock):
    fake.deliver = lambda _: (500, "")
    made = await client.hooks.create(UID, name="n", endpoint="https://x.test/")
    hook = form.hooks.pop(made.uid)
    hook.uid, form.hooks["hHook"] = "hHook", hook
    form.insert()
    hook.logs[0].uid = "hlLog"
    clock.advance(1000)


@pytest.mark.usefixtures("failed_delivery")
@pytest.mark.parametrize("job", WAITING.values(), ids=WAITING)
async def test_a_job_that_would_wait_for_an_answer_ends_there_and_says_so(
    client: KoboClient, journal: Journal, clock: FakeClock, job: Job
):
    async with client.dry_run() as dry:
        await job(dry)
    assert dry.ended
    assert len(dry.calls) == 1
    assert clock.slept == []
    assert journal.writes == []
