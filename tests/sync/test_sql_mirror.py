"""A mirror in a database, as those who query it see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any, TypeAlias

import anyio
import pytest

from kobo_async import ConfigError, DatabaseFailed, KoboClient, KoboError
from kobo_async.sinks.sql.mirror import SqlMirror
from kobo_async.sync.report import SyncReport
from kobo_async.testing import FakeForm, Fault
from kobo_async.testing.clock import FakeClock
from tests.sinks.databases import Target
from tests.sync.tables import contents, copied, expected, identities

pytestmark = pytest.mark.anyio
APPROVED = "validation_status_approved"
Follow: TypeAlias = Callable[..., Awaitable[SyncReport]]


@pytest.fixture
def target(databases) -> Target:
    return databases()


@pytest.fixture
def follow(client: KoboClient, form: FakeForm, clock: FakeClock, target: Target) -> Follow:
    """Open the mirror as it is, run, and close it, as the command does."""

    async def run(*, prefix: str = "", hard_deletes: bool = False, **options: Any) -> SyncReport:
        clock.advance(200)
        async with opened(client, form, target, prefix, hard_deletes) as mirror:
            return await client.sync.run(form.uid, mirror, **options)

    return run


@asynccontextmanager
async def opened(
    client: KoboClient,
    form: FakeForm,
    target: Target,
    prefix: str = "",
    hard_deletes: bool = False,
) -> AsyncIterator[SqlMirror]:
    layout = await client.tables.layout(form.uid, numbering="submission")
    async with SqlMirror(
        target.url, layout, form.uid, prefix=prefix, hard_deletes=hard_deletes
    ) as mirror:
        yield mirror


@pytest.mark.parametrize("strategy", ["auto", "sweep"])
async def test_a_mirror_that_followed_equals_one_that_is_new(
    follow, client, form, databases, target, strategy
):
    await follow()
    await follow()
    ids = sorted(form.rows)
    form.edit(ids[3], members=[{"members/member_name": "Zoë"}])
    form.set_status(ids[4], APPROVED)
    form.delete(ids[5])
    form.insert(3)
    report = await follow(strategy=strategy)
    assert (report.new, report.edited, report.statuses, report.deleted) == (3, 1, 1, 1)
    assert identities(target, form) == expected(form)
    assert contents(target, form) == await copied(databases(), client, form)


async def test_what_is_gone_is_marked_with_its_repeats_and_lives_again(follow, form, target):
    await follow()
    number = next(number for number, row in form.rows.items() if row["members"])
    row = dict(form.rows[number])
    form.delete(number)
    await follow()
    marked = 'SELECT _id FROM "Survey" WHERE _deleted_at IS NOT NULL'
    members = f"SELECT count(*) FROM members WHERE _submission__id = {number}"  # noqa: S608
    assert target.run(marked) == [(number,)]
    assert target.run(members) == [(len(row["members"]),)]
    form.store.put(row)
    assert (await follow(strategy="sweep")).new == 1
    assert target.run(marked) == []
    assert target.run(members) == [(len(row["members"]),)]
    assert identities(target, form) == expected(form)


async def test_what_is_gone_is_removed_where_that_is_asked_for(follow, form, target):
    await follow(hard_deletes=True)
    number = min(form.rows)
    form.delete(number)
    await follow(hard_deletes=True)
    assert target.run('SELECT count(*), min(_id) FROM "Survey"') == [(59, min(form.rows))]
    assert (number,) not in target.run("SELECT _submission__id FROM members")


async def test_a_transaction_that_is_cancelled_leaves_rows_and_state_as_they_were(
    follow, client, form, target
):
    await follow()
    before = contents(target, form)
    form.edit(min(form.rows), comment="new")
    async with opened(client, form, target) as mirror:
        state = await mirror.state()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.sync.run(form.uid, mirror)
        assert await mirror.state() == state
    assert contents(target, form) == before
    assert (await follow()).edited == 1


async def test_a_question_that_is_added_gets_a_column(follow, client, form, target):
    await follow()
    content = dict((await client.assets.get(form.uid)).content)
    added = {"type": "text", "name": "remarks", "label": ["Remarks"]}
    content["survey"] = [*content["survey"], added]
    await client.forms.replace_content(form.uid, content, redeploy=True)
    (number,) = form.insert(1)
    form.edit(number, remarks="dry")
    await follow()
    found = target.run('SELECT _id, remarks FROM "Survey" WHERE remarks IS NOT NULL')
    assert found == [(number, "dry")]
    assert target.run('SELECT count(*) FROM "Survey" WHERE remarks IS NULL') == [(60,)]


def more_choices(content: dict[str, Any]) -> None:
    content["choices"].append({"list_name": "assets", "name": "boat", "label": ["Boat", "Bateau"]})


def another_type(content: dict[str, Any]) -> None:
    next(row for row in content["survey"] if row.get("name") == "hh_size")["type"] = "text"


def a_new_question(content: dict[str, Any]) -> None:
    content["survey"].append({"type": "text", "name": "remarks", "label": ["Remarks", "Notes"]})


async def change(client: KoboClient, form: FakeForm, how: Callable[[dict[str, Any]], None]) -> None:
    """Change a form that is in use, as its owner does."""
    content = deepcopy((await client.assets.get(form.uid)).content)
    assert content is not None
    how(content)
    await client.forms.replace_content(form.uid, content, redeploy=True)


@pytest.mark.parametrize(
    ("how", "strategy"),
    [(more_choices, "auto"), (another_type, "sweep"), (a_new_question, "edits")],
)
async def test_rows_of_before_are_as_the_form_is_now(
    follow, client, form, databases, target, how, strategy
):
    """What a row says depends on the form: a choice that is new was not chosen, say."""
    first, second, *_ = sorted(form.rows)
    form.edit(first, hh_size="007")
    form.edit(second, remarks="before anybody asked")
    await follow()
    await change(client, form, how)
    report = await follow(strategy=strategy)
    assert (report.new, report.edited, report.unchanged) == (0, 0, 60)
    assert "the form changed" in report.reason
    assert contents(target, form) == await copied(databases(), client, form)
    assert "the form changed" not in (await follow(strategy=strategy)).reason


async def test_rows_are_written_anew_until_all_of_them_are(
    follow, client, fake, form, databases, target
):
    await follow()
    await change(client, form, more_choices)
    fake.faults.add(Fault.status(500, match="/data/"))
    with pytest.raises(KoboError):
        await follow()
    fake.faults.clear()
    await follow()
    assert contents(target, form) == await copied(databases(), client, form)


async def test_a_project_that_is_renamed_keeps_its_tables(follow, client, form, target):
    await follow()
    await client.assets.update(form.uid, name="Another title")
    form.insert(2)
    form.delete(min(form.rows))
    form.edit(min(form.rows), members=[{"members/member_name": "Zoë"}])
    await follow()
    assert target.tables() == {"Survey", "members", "_kobo_known"}
    await client.assets.update(form.uid, name="Survey")
    assert identities(target, form) == expected(form)


async def test_two_mirrors_of_a_project_in_one_database_are_both_whole(follow, target):
    assert (await follow(prefix="a_")).new == 60
    assert (await follow(prefix="b_")).new == 60
    assert target.run('SELECT count(*) FROM "a_Survey"') == [(60,)]
    assert target.run('SELECT count(*) FROM "b_Survey"') == [(60,)]


async def test_tables_that_are_laid_out_otherwise_are_refused(follow, client, form, target):
    await follow()
    layout = await client.tables.layout(form.uid, numbering="submission", labels="English (en)")
    with pytest.raises(ConfigError, match="laid out otherwise"):
        async with SqlMirror(target.url, layout, form.uid):
            pass


async def test_answers_that_fit_no_column_are_counted(client, form, target):
    form.edit(min(form.rows), hh_size="many")
    async with opened(client, form, target) as mirror:
        await client.sync.run(form.uid, mirror)
        assert mirror.bad.count == 1
    assert target.run('SELECT _id FROM "Survey" WHERE hh_size IS NULL') == [(min(form.rows),)]


async def test_who_opened_it_last_is_the_one_that_writes(client, form, target):
    """Two runs at a time could write an older row over a newer one, and nobody would know."""
    async with opened(client, form, target) as first:
        await client.sync.run(form.uid, first)
        async with opened(client, form, target) as second, opened(client, form, target, "b_"):
            form.edit(min(form.rows), comment="new")
            with pytest.raises(ConfigError, match="somebody else has opened"):
                await client.sync.run(form.uid, first)
            assert (await client.sync.run(form.uid, second)).edited == 1
    assert identities(target, form) == expected(form)


FULL = {
    "sqlite": """CREATE TRIGGER full BEFORE INSERT ON "Survey"
        BEGIN SELECT RAISE(ABORT, 'no room'); END""",
    "postgresql": """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()""",
}


async def test_a_database_that_fails_in_the_middle_is_told_and_used_again_when_it_is_back(
    follow, client, form, target
):
    await follow()
    before = contents(target, form)
    form.insert(1)
    async with opened(client, form, target) as mirror:
        target.run(FULL[target.kind])
        with pytest.raises(DatabaseFailed) as failed:
            await client.sync.run(form.uid, mirror)
        assert contents(target, form) == before
        if target.kind == "sqlite":
            assert str(failed.value).endswith("no room")
            target.run("DROP TRIGGER full")
        assert (await client.sync.run(form.uid, mirror)).new == 1
    assert "\n" not in str(failed.value)
    assert failed.value.__suppress_context__
    assert identities(target, form) == expected(form)
