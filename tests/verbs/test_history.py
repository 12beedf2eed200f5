"""The history of a project as a feed of changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kobo_async import KoboClient, QueryError
from kobo_async.errors import PermissionDenied
from kobo_async.testing import FakeForm
from kobo_async.testing.clock import FakeClock

pytestmark = pytest.mark.anyio


async def test_changes_since_a_moment_are_told_the_newest_first(
    client: KoboClient, form: FakeForm, clock: FakeClock
):
    first, second, third, _ = form.rows
    roots = {
        number: form.rows[number]["meta/rootUuid"].removeprefix("uuid:") for number in form.rows
    }
    await client.submissions.edit(form.uid, first, changes={"comment": "too early"})
    clock.advance(60)
    since = datetime.fromtimestamp(clock.wall(), UTC)
    await client.submissions.edit(form.uid, first, changes={"comment": "in time"})
    await client.submissions.set_validation_status(
        form.uid, second, status="validation_status_on_hold"
    )
    await client.submissions.delete(form.uid, third)
    (added,) = form.insert()
    roots[added] = form.rows[added]["meta/rootUuid"].removeprefix("uuid:")
    changes = await client.history.changes(form.uid, since=since).all()
    assert [(one.action, one.root_uuid) for one in changes] == [
        ("add-submission", roots[added]),
        ("delete-submission", roots[third]),
        ("modify-submission", roots[second]),
        ("modify-submission", roots[first]),
    ]
    until = since - timedelta(seconds=30)
    earlier = await client.history.changes(form.uid, until=until).all()
    assert roots[first] in {one.root_uuid for one in earlier}


async def test_reading_is_no_change(client: KoboClient, form: FakeForm):
    before = await client.history.changes(form.uid).all()
    await client.submissions.list(form.uid).all()
    assert await client.history.changes(form.uid).all() == before
    assert "view-data" in await client.history.actions(form.uid)


async def test_only_managers_read_the_history(bob: KoboClient, form: FakeForm):
    form.share("bob", "change_submissions")
    with pytest.raises(PermissionDenied):
        await bob.history.changes(form.uid).all()


async def test_a_moment_needs_a_zone(client: KoboClient, form: FakeForm):
    with pytest.raises(QueryError, match="zone"):
        await client.history.changes(form.uid, since=datetime(2026, 1, 1)).all()  # noqa: DTZ001
