"""Jobs that are played through without changing anything."""

from __future__ import annotations

import pytest

from kobo_async import KoboClient
from kobo_async.bulk.fetch import BulkSubmissions
from kobo_async.call import Op, Paging
from kobo_async.dryrun import DrySender, PlanEnds
from kobo_async.events import DownloadBegan, DownloadEnded
from kobo_async.models.asset import Asset
from kobo_async.testing import FakeKobo

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client():
    fake = FakeKobo(seed=3)
    fake.add_form("Survey", rows=5, uid="aSurvey")
    async with KoboClient("http://localhost", token=fake.token, app=fake) as client:
        client.fake = fake
        yield client


async def test_writes_are_noted_and_not_sent(client):
    async with client.dry_run() as dry:
        await dry.submissions.delete("aSurvey", 1)
        await dry.submissions.delete_many("aSurvey", [2, 3])
    assert [call.label for call in dry.calls] == [
        "DELETE /api/v2/assets/aSurvey/data/1/",
        "DELETE /api/v2/assets/aSurvey/data/bulk/",
    ]
    assert dry.calls[1].json == {"payload": {"submission_ids": [2, 3]}}
    assert {seen.method for seen in client.fake.requests} == {"GET"}


async def test_reads_are_real(client):
    async with client.dry_run() as dry:
        assert await dry.submissions.count("aSurvey") == 5
    assert dry.calls == []


async def test_a_job_ends_quietly_where_it_needs_an_answer_that_never_came(client):
    reached = False
    async with client.dry_run() as dry:
        copy = await dry.submissions.bulk_update("aSurvey", submission_ids=[1], data={"name": "x"})
        assert "not sent" in repr(copy)
        assert copy.stored
        reached = True
    assert not reached
    assert len(dry.calls) == 1


async def test_errors_of_the_job_itself_come_out(client):
    with pytest.raises(ZeroDivisionError):
        async with client.dry_run():
            _ = 1 / 0


async def test_an_answer_that_may_be_empty_ends_the_job_too(client):
    async with client.dry_run() as dry:
        await dry.hooks.retry_all("aSurvey", "hHook")
    assert [call.op.method for call in dry.calls] == ["PATCH"]


@pytest.mark.parametrize(
    "use", [iter, bool, lambda answer: answer["uid"], lambda answer: answer.uid]
)
async def test_no_part_of_an_answer_that_never_came_can_be_used(client, use):
    sender = DrySender(client._sender)
    answer = await sender.send(Op("POST", "/api/v2/assets/", Asset).at(json={}))
    with pytest.raises(PlanEnds, match="depends on the answer to POST /api/v2/assets/"):
        use(answer)


async def test_writes_that_answer_with_a_list_or_a_body_are_noted_too(client):
    sender = DrySender(client._sender)
    replace = Op("POST", "/api/v2/assets/", Asset, paging=Paging.ARRAY)
    assert await sender.pages(replace.at()).all() == []
    with pytest.raises(PlanEnds):
        async with sender.open(Op("POST", "/submission", bytes).at()):
            pass
    assert [call.op.path for call in sender.calls] == ["/api/v2/assets/", "/submission"]


async def test_bodies_are_read_for_real(client):
    seen = []
    sender = DrySender(client._sender).observed(seen.append)
    async with sender.open(Op("GET", "/api/v2/environment/", bytes, accept="*/*").at()) as body:
        assert b"".join([piece async for piece in body])
    assert await sender.page(Op("GET", "/api/v2/assets/", Asset, paging=Paging.COUNTED).at())
    assert sender.calls == []
    assert len(seen) == 2


async def test_observers_hear_of_downloads(client):
    seen = []
    sender = DrySender(client._sender).observed(seen.append)
    async with BulkSubmissions(sender).stream("aSurvey") as rows:
        await rows.all()
    assert isinstance(seen[0], DownloadBegan)
    assert isinstance(seen[-1], DownloadEnded)
    assert seen[-1].complete
