"""Deliveries that are on disk before the server is told that they arrived.

The server repeats what it got no answer to, but forgets what was answered with 2xx. So a delivery
is committed first and answered then, and whatever happens to the process, it is dealt with at some
time. No answers of respondents are kept: a uuid and a digest are enough to fetch a submission and
to know a delivery again.

The file is locked by the process that has it open. One that ended, however, leaves no lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from os import PathLike
from typing import Any, Final, TypeVar

import attrs

from kobo_async.errors import ConfigError
from kobo_async.sinks.turns import Turns
from kobo_async.webhook.delivery import Delivery

T = TypeVar("T")
FORMAT: Final = 1
SETUP: Final = f"""
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA user_version = {FORMAT};
    CREATE TABLE IF NOT EXISTS deliveries (
        number INTEGER PRIMARY KEY,
        asset TEXT NOT NULL,
        root_uuid TEXT NOT NULL,
        digest TEXT NOT NULL,
        received REAL NOT NULL,
        due REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        arrivals INTEGER NOT NULL DEFAULT 1,
        state TEXT NOT NULL DEFAULT 'pending',
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE (asset, root_uuid, digest)
    );
    CREATE INDEX IF NOT EXISTS by_state ON deliveries (asset, state, due);
"""
# What does not name a submission asks for a run, and one that is waiting does for all of them.
PUT: Final = """
    INSERT INTO deliveries (asset, root_uuid, digest, received, due) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        received = CASE state WHEN 'pending' THEN received ELSE excluded.received END,
        due = excluded.due, attempts = 0, arrivals = arrivals + 1, state = 'pending', reason = ''
    WHERE root_uuid = ''
"""
PENDING: Final = """
    SELECT number, root_uuid, received, attempts, arrivals FROM deliveries
    WHERE asset = ? AND state = 'pending' AND due <= ? ORDER BY number LIMIT ?
"""
COUNTS: Final = """
    SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'aside'),
        min(received) FILTER (WHERE state = 'pending'), max(received)
    FROM deliveries WHERE asset = ?
"""


@attrs.frozen
class Pending:
    """A delivery that waits to be dealt with.

    Attributes:
        number: its place in the order of arrival.
        root_uuid: the submission; empty where the payload did not say it.
        received: when it came, in seconds since 1970.
        attempts: how often it was looked at in vain.
        arrivals: how often it came, where it does not name a submission.
    """

    number: int
    root_uuid: str
    received: float
    attempts: int
    arrivals: int


@attrs.frozen
class Counts:
    """What an inbox holds for a project.

    Attributes:
        pending: deliveries that wait.
        set_aside: deliveries that were given up.
        oldest: when the first of those that wait came, in seconds since 1970.
        newest: when the last of all came.
    """

    pending: int
    set_aside: int
    oldest: float | None
    newest: float | None


@attrs.frozen
class Inbox:
    """A file of deliveries. Times are seconds since 1970; all methods are safe between tasks."""

    _connection: sqlite3.Connection
    _turns: Turns

    @classmethod
    @asynccontextmanager
    async def open(cls, path: str | PathLike[str]) -> AsyncIterator[Inbox]:
        """Open a file, or make it.

        Raises:
            ConfigError: for a file of something else, or one that another process has open.
        """
        turns, opened = Turns(), ExitStack()
        try:
            yield cls(await turns.run(_connect, path, opened), turns)
        finally:
            await turns.finish(opened.close)

    async def close(self) -> None:
        """Close the file, once nobody is at it; later access fails with sqlite3.Error."""
        await self._turns.finish(self._connection.close)

    async def put(self, asset: str, delivery: Delivery, now: float) -> bool:
        """Keep a delivery; when this returns it is on disk. Tell whether there is news in it."""
        uuid = delivery.root_uuid or ""
        row = (asset, uuid, delivery.digest if uuid else "", now, now)
        return await self._do(lambda base: base.execute(PUT, row).rowcount > 0)

    async def pending(self, asset: str, now: float, limit: int) -> Sequence[Pending]:
        """Return the first deliveries that are due."""
        rows = await self._do(lambda base: base.execute(PENDING, (asset, now, limit)).fetchall())
        return [Pending(*row) for row in rows]

    async def next_due(self, asset: str) -> float | None:
        """Return when the next delivery is due; None where none waits."""
        query = "SELECT min(due) FROM deliveries WHERE asset = ? AND state = 'pending'"
        due: float | None = await self._do(lambda base: base.execute(query, (asset,)).fetchone()[0])
        return due

    async def done(self, entries: Sequence[Pending]) -> None:
        """Note that deliveries were dealt with, unless they came again meanwhile."""
        await self._note("state = 'done'", entries)

    async def again(
        self, entries: Sequence[Pending], due: float, reason: str, *, counted: bool = True
    ) -> None:
        """Put deliveries off; `counted` tells whether it is one more attempt."""
        change = "due = ?, reason = ?, attempts = attempts + ?"
        await self._note(change, entries, due, reason, int(counted))

    async def set_aside(self, entries: Sequence[Pending], reason: str) -> None:
        """Give deliveries up. They stay in the file, to be looked at."""
        await self._note("state = 'aside', reason = ?", entries, reason)

    async def counts(self, asset: str) -> Counts:
        """Count what is there for a project."""
        row = await self._do(lambda base: base.execute(COUNTS, (asset,)).fetchone())
        return Counts(*row)

    async def forget(self, before: float) -> None:
        """Drop what was dealt with and came before a time: it would not be known again."""
        query = "DELETE FROM deliveries WHERE state = 'done' AND received < ?"
        await self._do(lambda base: base.execute(query, (before,)))

    async def _note(self, change: str, entries: Sequence[Pending], *values: Any) -> None:
        query = f"UPDATE deliveries SET {change} WHERE number = ? AND arrivals = ?"  # noqa: S608
        rows = [(*values, entry.number, entry.arrivals) for entry in entries]
        await self._do(lambda base: base.executemany(query, rows))

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._turns.run(self._transact, work)

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._connection as base:
            return work(base)


def _connect(path: str | PathLike[str], opened: ExitStack) -> sqlite3.Connection:
    """Open a file; what is opened, also in vain, is noted."""
    try:
        base = sqlite3.connect(path, timeout=1.0, check_same_thread=False)
        opened.enter_context(closing(base))
        if base.execute("PRAGMA user_version").fetchone()[0] > FORMAT:
            raise ConfigError(f"{path} was written by a later version of kobo_async: upgrade")
        base.executescript(SETUP)
    except sqlite3.Error as error:
        raise ConfigError(f"{path} cannot be the inbox of this receiver: {error}") from error
    return base
