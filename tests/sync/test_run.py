"""What a run finds, what it costs, and when it stops."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest

from kobo_async import ConfigError, KoboClient, NotFound, PermissionDenied, SyncStopped
from kobo_async.known import Known
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm, FakeKobo, Fault, RequestInfo
from kobo_async.testing.clock import FakeClock
from kobo_async.where import status

pytestmark = pytest.mark.anyio
APPROVED = "validation_status_approved"
ROWS = int(os.environ.get("KOBO_SYNC_ROWS", "10000"))
"""Submissions of the project on which requests are counted; their number changes nothing."""


def server(form: FakeForm) -> dict[int, dict[str, Any]]:
    return {number: dict(row) for number, row in form.rows.items()}


async def test_the_first_run_copies_everything(client, form, mirror):
    report = await client.sync.run(form.uid, mirror)
    assert (report.strategy, report.new, report.unchanged) == ("load", 60, 0)
    assert mirror.rows == server(form)


async def test_nothing_is_counted_where_nothing_changed(sync):
    report = await sync()
    assert (report.new, report.edited, report.statuses, report.deleted) == (0, 0, 0, 0)
    assert report.unchanged == 60


@pytest.mark.parametrize("strategy", ["auto", "history", "sweep"])
async def test_every_kind_of_change_arrives_and_is_counted(sync, form, mirror, strategy):
    ids = sorted(form.rows)
    form.edit(ids[3], changed="yes")
    form.set_status(ids[5], APPROVED)
    form.delete(ids[7])
    form.insert(2)
    form.insert(1, below=True)
    report = await sync(strategy=strategy)
    assert report.strategy == ("history" if strategy == "auto" else strategy)
    assert (report.new, report.edited, report.statuses, report.deleted) == (3, 1, 1, 1)
    assert report.unchanged == 57
    assert mirror.rows == server(form)
    form.set_status(ids[5], None)
    assert (await sync(strategy=strategy)).statuses == 1
    assert mirror.rows == server(form)


async def test_a_deleted_attachment_is_followed(sync, form, mirror):
    number, uid = next(
        (number, entry["uid"])
        for number, row in form.rows.items()
        for entry in row["_attachments"]
        if not entry["is_deleted"]
    )
    form.delete_attachment(number, uid, form.owner)
    report = await sync()
    assert (report.strategy, report.edited) == ("history", 1)
    assert mirror.rows == server(form)


async def test_an_analysis_is_followed_and_what_is_not_logged_waits_for_a_sweep(
    client, form, mirror, clock
):
    question = {"uuid": "q-mood", "type": "qualText", "labels": {"_default": "Mood"}}
    for action, params in (("manual_qual", question), ("manual_transcription", {"language": "en"})):
        await client.advanced_features.create(
            form.uid, question_xpath="comment", action=action, params=[params]
        )
    for _ in range(2):
        await client.sync.run(form.uid, mirror)
        clock.advance(200)
    number, other = sorted(form.rows)[:2]
    analysed = {"comment": {"manual_qual": {"uuid": "q-mood", "value": "glad"}}}
    await client.supplements.update(form.uid, form.rows[number]["meta/rootUuid"], changes=analysed)
    report = await client.sync.run(form.uid, mirror)
    assert (report.strategy, report.edited) == ("history", 1)
    assert report.unseen == ("transcripts", "translations")
    clock.advance(200)
    heard = {"comment": {"manual_transcription": {"language": "en", "value": "Hello"}}}
    await client.supplements.update(form.uid, form.rows[other]["meta/rootUuid"], changes=heard)
    assert (await client.sync.run(form.uid, mirror)).edited == 0
    report = await client.sync.run(form.uid, mirror, strategy="sweep")
    assert (report.edited, report.unseen) == (1, ())
    assert "Hello" in str(mirror.rows[other]["_supplementalDetails"])


async def test_a_deletion_that_the_history_does_not_tell_is_found_by_the_count(sync, form, mirror):
    form.delete(min(form.rows), logged=False)
    report = await sync()
    assert (report.strategy, report.deleted) == ("sweep", 1)
    assert report.reason == "the history did not tell everything"
    assert mirror.rows == server(form)


async def test_a_deletion_that_failed_on_the_server_deletes_nothing(sync, form, mirror):
    form.log_row("delete", min(form.rows), form.owner)
    report = await sync()
    assert (report.strategy, report.deleted) == ("history", 0)
    assert mirror.rows == server(form)


async def test_a_history_that_was_cut_off_is_not_trusted(sync, client, fake, form, mirror):
    form.edit(min(form.rows), changed="yes")
    form.history.purge(fake.now())
    assert await client.submissions.count(form.uid)  # which the history remembers again
    report = await sync()
    assert (report.strategy, report.edited) == ("sweep", 1)
    assert report.reason == "the history does not reach back to the last run"
    assert mirror.rows == server(form)


async def test_everything_is_compared_once_a_week(sync, clock):
    assert (await sync()).strategy == "history"
    clock.advance(8 * 86_400)
    report = await sync()
    assert (report.strategy, report.reason) == ("sweep", "it is time to compare everything")
    assert (await sync()).strategy == "history"
    assert (await sync(sweep_every=30)).strategy == "sweep"


async def follows_by_a_sweep(client, form, mirror):
    await client.sync.run(form.uid, mirror)
    form.edit(min(form.rows), changed="yes")
    form.delete(max(form.rows))
    report = await client.sync.run(form.uid, mirror)
    assert (report.strategy, report.reason) == ("sweep", "the history may not be read")
    assert mirror.rows == server(form)


@pytest.mark.parametrize("status", [403, 404])
async def test_where_no_history_can_be_had_the_mirror_is_the_same_by_a_sweep(
    client, fake, form, mirror, status
):
    fake.faults.add(Fault.status(status, match="/history/"))
    await follows_by_a_sweep(client, form, mirror)
    with pytest.raises((NotFound, PermissionDenied)):
        await client.sync.run(form.uid, mirror, strategy="history")


async def test_who_may_only_read_gets_the_same_mirror_by_a_sweep(fake, form, mirror, clock):
    token = fake.add_user("reader")
    form.share("reader")
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as reader:
        await follows_by_a_sweep(reader, form, mirror)
        with pytest.raises(PermissionDenied):
            await reader.sync.run(form.uid, mirror, strategy="history")


async def test_what_may_not_be_seen_any_more_is_not_taken_for_deleted(fake, form, mirror, clock):
    token = fake.add_user("reader")
    form.share("reader")
    some = [{"_id": {"$gt": sorted(form.rows)[1]}}]
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as reader:
        await reader.sync.run(form.uid, mirror)
        form.share("reader", filters=some)
        with pytest.raises(SyncStopped, match="may see only some submissions"):
            await reader.sync.run(form.uid, mirror)
        assert mirror.rows == server(form)
        form.share("reader")
        assert (await reader.sync.run(form.uid, mirror)).unchanged == 60


async def test_a_mirror_of_what_may_be_seen_follows_it(fake, form, mirror, clock):
    token = fake.add_user("reader")
    seen = sorted(form.rows)[2:]
    form.share("reader", filters=[{"_id": {"$gte": seen[0]}}])
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as reader:
        await reader.sync.run(form.uid, mirror)
        form.delete(seen[0])
        report = await reader.sync.run(form.uid, mirror)
        assert (report.deleted, report.unchanged) == (1, 57)
        form.share("reader")
        assert (await reader.sync.run(form.uid, mirror)).new == 2


async def test_edits_alone_are_found_cheaply_and_the_rest_is_named(sync, form, mirror):
    ids = sorted(form.rows)
    form.edit(ids[3], changed="yes")
    form.set_status(ids[5], APPROVED)
    form.insert(1, below=True)
    form.insert(1)
    report = await sync(strategy="edits")
    assert (report.new, report.edited, report.statuses) == (2, 1, 1)
    assert mirror.rows == server(form)
    form.delete(ids[9])
    report = await sync(strategy="edits")
    assert report.deleted == 0
    assert "deletions" in report.unseen
    assert "not seen: deletions" in str(report)


async def test_what_a_look_for_edits_did_not_see_is_left_to_the_next_run(
    client, fake, mirror, clock
):
    form = fake.add_form("Spread", rows=20, id_gaps=500)
    first = min(form.rows)
    form.set_status(first, APPROVED)
    for _ in range(2):
        await client.sync.run(form.uid, mirror)
        clock.advance(600)
    form.set_status(first, None)
    clock.advance(600)
    form.insert(1)
    assert (await client.sync.run(form.uid, mirror, strategy="edits")).statuses == 0
    clock.advance(600)
    report = await client.sync.run(form.uid, mirror)
    assert (report.strategy, report.statuses) == ("history", 1)
    assert mirror.rows == server(form)


async def test_validations_are_found_by_the_clock_of_the_server_alone(fake, mirror, clock):
    form = fake.add_form("Spread", rows=20, id_gaps=500)
    first, second, *_ = sorted(form.rows)
    form.set_status(first, APPROVED)
    ahead = FakeClock(clock.wall() + 86_400)
    async with KoboClient("http://localhost", token=fake.token, app=fake, clock=ahead) as client:
        await client.sync.run(form.uid, mirror)
        clock.advance(1)
        form.set_status(second, APPROVED)
        assert (await client.sync.run(form.uid, mirror, strategy="edits")).statuses == 1
    assert mirror.rows == server(form)


async def test_modification_times_are_used_where_the_server_has_them(sync, form, mirror):
    ids = sorted(form.rows)
    form.store.put({**form.rows[ids[0]], "_date_modified": "2026-11-21T10:00:00Z"})
    await sync(strategy="sweep")
    form.store.put({**form.rows[ids[1]], "_date_modified": "2026-11-21T11:00:00Z"})
    report = await sync(strategy="edits")
    assert report.edited == 1
    assert mirror.rows == server(form)


async def test_too_many_deletions_stop_the_run_and_nothing_is_deleted(sync, form, mirror):
    for number in sorted(form.rows)[:4]:
        form.delete(number)
    form.insert(1)
    with pytest.raises(SyncStopped, match=r"4 of 61 .* max_delete_fraction=0\.05"):
        await sync()
    assert len(mirror.rows) == 61
    assert (await sync(max_delete_fraction=0.1)).deleted == 4
    assert mirror.rows == server(form)


async def test_a_mirror_is_one_of_one_project_and_filter(sync, client, fake, mirror):
    other = fake.add_form("Other", rows=1)
    with pytest.raises(ConfigError, match="a mirror of its own"):
        await client.sync.run(other.uid, mirror)
    with pytest.raises(ConfigError, match="a mirror of its own"):
        await sync(where={"_submitted_by": "alice"})


async def test_a_filter_lets_go_of_what_fits_no_more(client, form, mirror, clock):
    for number in sorted(form.rows)[:10]:
        form.set_status(number, APPROVED)
    where = {"_validation_status.uid": APPROVED}
    assert (await client.sync.run(form.uid, mirror, where=where)).new == 10
    await client.sync.run(form.uid, mirror, where=where)
    clock.advance(600)
    form.set_status(min(form.rows), None)
    report = await client.sync.run(form.uid, mirror, where=where, max_delete_fraction=1)
    assert (report.strategy, report.deleted) == ("history", 1)
    assert mirror.rows.keys() == {n for n, row in form.rows.items() if row["_validation_status"]}


async def test_a_filter_is_the_same_as_a_condition_and_as_a_query(client, form, mirror):
    for number in sorted(form.rows)[:10]:
        form.set_status(number, APPROVED)
    assert (await client.sync.run(form.uid, mirror, where=status(APPROVED))).new == 10
    query = {"_validation_status.uid": APPROVED}
    assert (await client.sync.run(form.uid, mirror, where=query)).new == 0


async def test_named_submissions_are_taken_at_once_and_the_next_run_goes_on(
    client, sync, form, mirror
):
    edited, deleted = sorted(form.rows)[:2]
    form.edit(edited, changed="yes")
    gone = form.rows[deleted]["meta/rootUuid"]
    form.delete(deleted)
    (new,) = form.insert(1)
    named = [form.rows[edited]["meta/rootUuid"], gone, form.rows[new]["meta/rootUuid"]]
    await client.sync.take(form.uid, mirror, named)
    assert mirror.rows == server(form)
    report = await sync()
    assert (report.new, report.edited, report.deleted) == (0, 0, 0)


class IdentitiesOnly(MemoryMirror):
    """A mirror that keeps no answers, so that many submissions fit."""

    async def apply(
        self,
        rows: Sequence[dict[str, Any]],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        await super().apply([{"_id": row["_id"]} for row in rows], known, removed, state)


@attrs.frozen
class Large:
    fake: FakeKobo
    form: FakeForm
    mirror: MemoryMirror
    client: KoboClient


async def large(fake: FakeKobo, client: KoboClient) -> Large:
    form, mirror = fake.add_form("Large", rows=ROWS), IdentitiesOnly()
    for _ in range(2):
        await client.sync.run(form.uid, mirror)
    return Large(fake, form, mirror, client)


async def test_500_changes_cost_16_requests_with_the_history(fake, client, clock):
    big = await large(fake, client)
    clock.advance(3_600)
    ids = sorted(big.form.rows)
    for place in range(200):
        big.form.edit(ids[place * 7], changed="yes")
        big.form.set_status(ids[place * 7 + 1], APPROVED)
    for place in range(100):
        big.form.delete(ids[place * 7 + 2])
    sent: list[RequestInfo] = []
    fake.on_request = sent.append
    report = await client.sync.run(big.form.uid, big.mirror)
    fake.on_request = None
    assert (report.strategy, report.edited, report.statuses, report.deleted) == (
        "history",
        200,
        200,
        100,
    )
    assert report.requests <= 16
    assert len(sent) == report.requests
    assert max(len(f"{one.base}{one.path}?{urlencode(one.pairs)}") for one in sent) <= 7_000


async def test_a_sweep_costs_hardly_more_than_its_pages(fake, client):
    big = await large(fake, client)
    report = await client.sync.run(big.form.uid, big.mirror, strategy="sweep")
    overhead = 5  # the asset, the mark, and the look for new submissions
    assert report.requests - overhead <= math.ceil(1.2 * math.ceil(ROWS / 1000))
