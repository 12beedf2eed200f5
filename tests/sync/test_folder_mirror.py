"""A mirror in a folder: what stands in its files, and what a crash between two of them leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async import ConfigError, KoboClient
from kobo_async.known import Known
from kobo_async.sinks.folder_mirror import FolderMirror
from kobo_async.sync.memory import MemoryMirror
from kobo_async.sync.report import SyncReport
from kobo_async.testing import FakeForm
from kobo_async.testing.clock import FakeClock

pytestmark = pytest.mark.anyio
APPROVED = "validation_status_approved"
Follow: TypeAlias = Callable[..., Awaitable[SyncReport]]
Rows: TypeAlias = dict[int, dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


@pytest.fixture
def follow(client: KoboClient, form: FakeForm, clock: FakeClock, folder: Path) -> Follow:
    """Open the mirror as it is, run, and close it, as the command does."""

    async def run(*, hard_deletes: bool = False, **options: Any) -> SyncReport:
        clock.advance(200)
        async with FolderMirror(folder, form.uid, hard_deletes=hard_deletes) as mirror:
            return await client.sync.run(form.uid, mirror, **options)

    return run


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def living(folder: Path) -> Rows:
    """Read the files as a user would: whatever is in them, in their order."""
    paths = sorted(folder.glob("submissions/*.jsonl"))
    return {row["_id"]: row for path in paths for row in lines(path)}


def deleted(folder: Path) -> list[int]:
    path = folder / "deleted.jsonl"
    return sorted(row["_id"] for row in lines(path)) if path.exists() else []


def server(form: FakeForm) -> Rows:
    return {number: dict(row) for number, row in form.rows.items()}


def change(form: FakeForm) -> int:
    """Let all sorts of things happen; return which submission was deleted."""
    ids = sorted(form.rows)
    form.edit(ids[3], comment="new")
    form.set_status(ids[4], APPROVED)
    form.delete(ids[5])
    form.insert(3)
    form.insert(1, below=True)
    return ids[5]


@pytest.mark.parametrize("strategy", ["auto", "sweep"])
async def test_the_files_hold_the_rows_of_the_server(follow, form, folder, strategy):
    await follow()
    await follow()
    gone = change(form)
    report = await follow(strategy=strategy)
    assert (report.new, report.edited, report.statuses, report.deleted) == (4, 1, 1, 1)
    assert living(folder) == server(form)
    (tombstone,) = lines(folder / "deleted.jsonl")
    assert tombstone["_id"] == gone
    assert tombstone["_deleted_at"].endswith("+00:00")
    report = await follow(strategy=strategy)
    assert report.unchanged == len(form.rows)


async def test_what_comes_again_lives_again(follow, form, folder):
    await follow()
    first, second = sorted(form.rows)[:2]
    row = dict(form.rows[first])
    form.delete(first)
    form.delete(second)
    await follow()
    assert deleted(folder) == [first, second]
    form.store.put(row)
    await follow(strategy="sweep")
    assert deleted(folder) == [second]
    assert living(folder) == server(form)


async def test_nothing_is_left_of_what_is_gone_where_that_is_asked_for(follow, form, folder):
    await follow(hard_deletes=True)
    form.delete(min(form.rows))
    assert (await follow(hard_deletes=True)).deleted == 1
    assert living(folder) == server(form)
    assert not (folder / "deleted.jsonl").exists()


async def test_named_submissions_are_found_by_their_first_uuid(follow, client, form, folder):
    await follow()
    number, gone = sorted(form.rows)[:2]
    named = [form.rows[one]["meta/rootUuid"] for one in (number, gone)]
    form.edit(number, comment="new")
    form.delete(gone)
    async with FolderMirror(folder, form.uid) as mirror:
        await client.sync.take(form.uid, mirror, named)
    assert living(folder) == server(form)


async def test_a_file_holds_a_thousand_rows_and_a_change_rewrites_one(client, fake, folder):
    form = fake.add_form("Large", rows=3_500, id_gaps=50)
    async with FolderMirror(folder, form.uid) as mirror:
        await client.sync.run(form.uid, mirror)
        paths = sorted(folder.glob("submissions/*.jsonl"))
        assert [len(lines(path)) <= 1_000 for path in paths] == [True] * len(paths)
        assert len(paths) <= 5
        before = {path: path.stat().st_ino for path in paths}
        form.edit(sorted(form.rows)[1_700], comment="new")
        await client.sync.run(form.uid, mirror)
    changed = [path for path in paths if path.stat().st_ino != before[path]]
    assert len(changed) == 1
    assert living(folder) == server(form)


async def test_only_one_process_has_it_open(form, folder):
    async with FolderMirror(folder, form.uid):
        with pytest.raises(ConfigError, match="somebody else"):
            async with FolderMirror(folder, form.uid):
                pass
    async with FolderMirror(folder, form.uid) as mirror:
        assert await mirror.count() == 0


async def test_a_folder_of_something_else_is_refused(follow, folder, tmp_path):
    await follow()
    with pytest.raises(ConfigError, match="is a mirror of"):
        async with FolderMirror(folder, "another"):
            pass
    with pytest.raises(ConfigError, match="something else"):
        async with FolderMirror(tmp_path, "another"):
            pass
    with pytest.raises(ConfigError, match="make it first"):
        async with FolderMirror(tmp_path / "no" / "folder", "another"):
            pass
    with pytest.raises(ConfigError, match="of this machine"):
        FolderMirror("s3://bucket/folder", "another")


async def test_it_is_used_inside_its_block(folder):
    with pytest.raises(RuntimeError, match="async with"):
        await FolderMirror(folder, "uid").count()


class Died(BaseException):
    """The process ends."""


@contextmanager
def dying(at: int) -> Iterator[None]:
    """Die instead of giving a file its name."""
    replace, left = Path.replace, iter(range(at - 1, -1, -1))

    def limited(self: Path, target: Path) -> Path:
        if next(left, 0) == 0:
            raise Died
        return replace(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", limited)
        yield


@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("strategy", ["auto", "sweep"])
async def test_whatever_a_crash_leaves_the_next_run_puts_right(follow, form, folder, at, strategy):
    await follow()
    await follow()
    gone = change(form)
    with dying(at), suppress(Died):
        await follow(strategy=strategy)
    await follow(strategy=strategy)
    assert living(folder) == server(form)
    assert deleted(folder) == [gone]
    assert not [*folder.rglob("*.part")]


async def test_a_deletion_that_was_cut_off_is_one_of_a_row_that_lives(follow, form, folder):
    """On the server it may have come back before the next run."""
    await follow()
    row = dict(form.rows[min(form.rows)])
    form.delete(row["_id"])
    with dying(2), pytest.raises(Died):
        await follow()
    assert deleted(folder) == [row["_id"]]
    form.store.put(row)
    await follow(strategy="sweep")
    assert deleted(folder) == []
    assert living(folder) == server(form)


def row(number: int, version: int) -> dict[str, Any]:
    return {"_id": number, "_uuid": f"{version}", "meta/rootUuid": f"r{number}"}


IDS = st.integers(1, 12)
STEPS = st.lists(
    st.tuples(st.dictionaries(IDS, st.integers(0, 3), max_size=9), st.sets(IDS, max_size=4)),
    max_size=8,
)


@settings(max_examples=150)
@given(STEPS, st.integers(1, 5), st.booleans())
def test_it_holds_what_a_mirror_in_memory_holds(tmp_path_factory, steps, full, reopen):
    folder = tmp_path_factory.mktemp("law") / "mirror"

    async def play() -> None:
        memory, mirror = MemoryMirror(), FolderMirror(folder, "uid")
        await mirror.__aenter__()
        for rows, removed in steps:
            written = [row(number, version) for number, version in rows.items()]
            known = [Known.of(one) for one in written]
            for place in (memory, mirror):
                await place.apply(written, known, sorted(removed - rows.keys()), {"n": len(rows)})
            if reopen:
                await mirror.__aexit__(None, None, None)
                mirror = FolderMirror(folder, "uid")
                await mirror.__aenter__()
            assert living(folder) == memory.rows
            assert await mirror.count() == await memory.count()
            assert await mirror.known(3, 4) == await memory.known(3, 4)
            asked = [2, 5, 9], ["r1", "r5", "r11"]
            assert {*await mirror.having(*asked)} == {*await memory.having(*asked)}
            assert await mirror.state() == await memory.state()
        await mirror.__aexit__(None, None, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kobo_async.sinks.shards.FULL", full)
        anyio.run(play)
