"""Whole jobs that say what they would send, and end without waiting for what never begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_async import KoboClient
from kobo_async.dryrun import DrySender, PlanEnds
from kobo_async.testing import FakeKobo
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.exports import ExportVerbs
from kobo_async.verbs.forms import FormVerbs
from kobo_async.verbs.hooks import HookVerbs
from kobo_async.verbs.media import FileVerbs
from kobo_async.verbs.ownership import OwnershipVerbs
from kobo_async.verbs.permissions import PermissionVerbs
from tests.verbs.desk import ASSET, CREATED, UID, Desk, asset, page

pytestmark = pytest.mark.anyio


@pytest.fixture
def dry(scripted: KoboClient, desk: Desk) -> DrySender:
    desk.on("GET", ASSET, asset())
    desk.on("GET", f"{ASSET}files/", page())
    desk.on(
        "GET",
        f"{ASSET}hooks/h1/logs/hl1/",
        {"uid": "hl1", "submission_id": 1, "status": 0, "date_modified": "2023-11-14T22:00:00Z"},
    )
    assert CREATED > "2023-11-14T22:00:00Z"
    return DrySender(scripted._sender)


def noted(dry: DrySender) -> list[str]:
    return [call.label for call in dry.calls]


async def test_a_folder_that_would_be_synchronised(dry: DrySender, desk: Desk, tmp_path: Path):
    (tmp_path / "codes.csv").write_bytes(b"a")
    await FileVerbs(dry).sync(UID, tmp_path)
    assert noted(dry) == [f"POST {ASSET}files/", f"PATCH {ASSET}deployment/"]
    assert desk.writes == []


async def test_permissions_that_would_change(client: KoboClient, fake: FakeKobo):
    fake.add_user("bob")
    form = fake.add_form("Survey")
    form.share("bob", "change_asset")
    dry = DrySender(client._sender)
    permissions = PermissionVerbs(dry)
    await permissions.apply(await permissions.plan(form.uid, {"bob": ["view_submissions"]}))
    assert [call.op.method for call in dry.calls] == ["DELETE", "POST"]
    assert form.grants.everyone()["bob"] == {"view_asset", "change_asset"}


async def test_jobs_that_would_wait_for_an_answer_end_there(
    dry: DrySender, clock: FakeClock, desk: Desk
):
    forms, exports = FormVerbs(dry, clock), ExportVerbs(dry, clock)
    ownership, hooks = OwnershipVerbs(dry, clock), HookVerbs(dry, clock)
    for job in (
        forms.import_xlsform(b"PK"),
        forms.redeploy(UID),
        exports.run(UID),
        ownership.transfer_and_wait(recipient="bob", assets=[UID]),
        ownership.accept_and_wait("poi1"),
        hooks.retry_one(UID, "h1", "hl1"),
    ):
        with pytest.raises(PlanEnds):
            await job
    assert len(dry.calls) == 6
    assert clock.slept == []
    assert desk.writes == []
