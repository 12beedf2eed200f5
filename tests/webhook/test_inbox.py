"""The inbox: what was put is there, once, until it is done."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kobo_async import ConfigError
from kobo_async.webhook.delivery import Delivery, parse
from kobo_async.webhook.inbox import Inbox
from tests.chaos.cancelling import Way, cancelled

pytestmark = pytest.mark.anyio
UID = "aSurvey"


def named(uuid: str, text: str = "") -> Delivery:
    return parse(b'{"meta/rootUuid": "uuid:%s", "x": "%s"}' % (uuid.encode(), text.encode()))


UNNAMED = parse(b'{"event": "new"}')


async def pending(inbox: Inbox, now: float = 100.0) -> list[str]:
    return [one.root_uuid for one in await inbox.pending(UID, now, 10)]


async def test_deliveries_wait_in_the_order_of_arrival(tmp_path: Path):
    async with Inbox.open(tmp_path / "inbox.db") as inbox:
        for uuid in ("b", "a", "c"):
            assert await inbox.put(UID, named(uuid), 1.0)
        assert await inbox.put("aOther", named("x"), 1.0)
        assert await pending(inbox) == ["b", "a", "c"]
        assert [one.root_uuid for one in await inbox.pending(UID, 100.0, 2)] == ["b", "a"]


async def test_a_double_is_known_also_after_it_was_done(tmp_path: Path):
    async with Inbox.open(tmp_path / "inbox.db") as inbox:
        await inbox.put(UID, named("a"), 1.0)
        assert not await inbox.put(UID, named("a"), 2.0)
        await inbox.done(await inbox.pending(UID, 100.0, 10))
        assert not await inbox.put(UID, named("a"), 3.0)
        assert await pending(inbox) == []
        assert await inbox.put(UID, named("a", "edited"), 4.0)
        await inbox.forget(before=3.5)
        assert await inbox.put(UID, named("a"), 5.0)


async def test_what_names_nothing_waits_once_and_comes_again(tmp_path: Path):
    async with Inbox.open(tmp_path / "inbox.db") as inbox:
        for now in (1.0, 2.0):
            assert await inbox.put(UID, UNNAMED, now)
        entries = await inbox.pending(UID, 100.0, 10)
        assert [one.received for one in entries] == [1.0]
        await inbox.put(UID, UNNAMED, 3.0)
        await inbox.done(entries)
        assert await pending(inbox) == [""], "it came again while it was dealt with"
        await inbox.done(await inbox.pending(UID, 100.0, 10))
        assert await pending(inbox) == []
        assert await inbox.put(UID, UNNAMED, 4.0)
        assert await pending(inbox) == [""]


async def test_what_is_put_off_is_due_later(tmp_path: Path):
    async with Inbox.open(tmp_path / "inbox.db") as inbox:
        await inbox.put(UID, named("a"), 1.0)
        await inbox.again(await inbox.pending(UID, 1.0, 10), 50.0, "files are missing")
        assert await pending(inbox, 49.0) == []
        assert await inbox.next_due(UID) == 50.0
        (one,) = await inbox.pending(UID, 50.0, 10)
        assert one.attempts == 1
        await inbox.again([one], 60.0, "server is down", counted=False)
        (one,) = await inbox.pending(UID, 60.0, 10)
        assert one.attempts == 1


async def test_what_is_given_up_stays_in_the_file(tmp_path: Path):
    async with Inbox.open(tmp_path / "inbox.db") as inbox:
        await inbox.put(UID, named("a"), 1.0)
        await inbox.put(UID, named("b"), 2.0)
        first, _ = await inbox.pending(UID, 100.0, 10)
        await inbox.set_aside([first], "ValueError()")
        counts = await inbox.counts(UID)
        assert (counts.pending, counts.set_aside, counts.oldest, counts.newest) == (1, 1, 2.0, 2.0)
        await inbox.forget(before=100.0)
        assert (await inbox.counts(UID)).set_aside == 1
    assert await inbox_after(tmp_path) == ["b"]


async def inbox_after(folder: Path) -> list[str]:
    async with Inbox.open(folder / "inbox.db") as inbox:
        return await pending(inbox)


async def test_answers_of_respondents_are_not_kept(tmp_path: Path):
    async with Inbox.open(tmp_path / "inbox.db") as inbox:
        await inbox.put(UID, named("a", "Amina"), 1.0)
        assert not holding(tmp_path, b"Amina")
    assert not holding(tmp_path, b"Amina")


def holding(folder: Path, text: bytes) -> list[Path]:
    return [path for path in folder.iterdir() if text in path.read_bytes()]


async def test_a_file_of_something_else_is_no_inbox(tmp_path: Path):
    (tmp_path / "inbox.db").write_text("Dear diary, " * 100)
    with pytest.raises(ConfigError, match="cannot be the inbox"):
        await inbox_after(tmp_path)
    with pytest.raises(ConfigError, match="cannot be the inbox"):
        await inbox_after(tmp_path / "missing")


async def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path):
    base = sqlite3.connect(tmp_path / "inbox.db")
    base.execute("PRAGMA user_version = 2")
    base.close()
    with pytest.raises(ConfigError, match="later version"):
        await inbox_after(tmp_path)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Hold all connections, so that the garbage collector closes none."""
    made: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def held(*args: Any, **options: Any) -> sqlite3.Connection:
        made.append(connect(*args, **options))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", held)
    return made


def is_open(base: sqlite3.Connection) -> bool:
    try:
        return base.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


@pytest.mark.parametrize(
    ("anyio_backend", "way"), [("asyncio", "task"), ("asyncio", "scope"), ("trio", "scope")]
)
async def test_an_inbox_that_is_cancelled_anywhere_closes_its_connection(
    tmp_path: Path, way: Way, connections: list[sqlite3.Connection]
):
    steps = await cancelled(lambda: inbox_after(tmp_path), 0, way)
    assert steps
    for at in range(1, steps + 1):
        await cancelled(lambda: inbox_after(tmp_path), at, way)
        assert not any(map(is_open, connections))
    assert len(connections) > 2, "all were cancelled before they had begun to open"


OTHER = """
import anyio, sys
from kobo_async import ConfigError
from kobo_async.webhook.inbox import Inbox

async def main():
    try:
        async with Inbox.open(sys.argv[1]):
            print("opened")
    except ConfigError as error:
        print(error)

anyio.run(main)
"""


async def test_two_processes_do_not_share_an_inbox(tmp_path: Path):
    path = tmp_path / "inbox.db"
    command = [sys.executable, "-c", OTHER, str(path)]
    async with Inbox.open(path) as inbox:
        await inbox.put(UID, named("a"), 1.0)
        other = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603, ASYNC221
        assert "locked" in other.stdout
        await inbox.put(UID, named("b"), 1.0)
    other = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603, ASYNC221
    assert other.stdout == "opened\n"
