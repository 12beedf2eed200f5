"""A mirror in a database: rows, what is known of them and the state, in one transaction each.

    layout = await client.tables.layout(uid, numbering="submission")
    async with SqlMirror("sqlite:///survey.db", layout, uid) as mirror:
        report = await client.sync.run(uid, mirror)

Submissions that are gone from the server get a time in `_deleted_at`; their repeats stay. Who
opens a mirror is the one that writes to it: whoever had it open before cannot write any more,
because what they read may be older.

Cells depend on the form as much as on the submission: a choice that is new was not chosen before.
So the state is marked as outdated when the layout is another one than that of the last time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar, TypeVarTuple, Unpack

import attrs
import orjson

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Layout
from kobo_async.forms.layout import fingerprint
from kobo_async.forms.tabulate import BadCells, Tabulator
from kobo_async.known import Known
from kobo_async.sinks.base import Row
from kobo_async.sinks.sql.database import Database
from kobo_async.sinks.sql.identities import Identities
from kobo_async.sinks.sql.store import Store
from kobo_async.sinks.sql.titles import first_titled

with needed("sql"):
    from sqlalchemy import Connection

T = TypeVar("T")
A = TypeVarTuple("A")
KEY: Final = "sync/{}"
OPTIONS: Final = "layout/{}"
SHAPE: Final = "shape/{}"
WRITER: Final = "writer/{}"


class SqlMirror:
    """A copy of one project in SQLite or PostgreSQL, for `client.sync`.

    Args:
        url: see `Sql`.
        layout: made with `TableOptions(numbering="submission")`.
        uid_asset: the project.
        schema: of PostgreSQL; made if there is none of that name.
        prefix: stands before the names of the tables, to keep projects apart.
        hard_deletes: remove what is gone from the server instead of marking it.

    Raises:
        ConfigError: see `Sql`; for a mirror whose layout had other options.
    """

    def __init__(
        self,
        url: str,
        layout: Layout,
        uid_asset: str,
        *,
        schema: str | None = None,
        prefix: str = "",
        hard_deletes: bool = False,
    ) -> None:
        self._database = Database(url, schema)
        self._identities = Identities(self._database.schema, prefix + uid_asset)
        self._name = prefix + uid_asset
        self._prefix = prefix
        self._hard = hard_deletes
        self._writer = secrets.token_hex(8)
        self._write_to(layout)

    def _write_to(self, layout: Layout) -> None:
        self._layout = layout
        self._tabulator = Tabulator(layout)
        self._store = Store(self._database, layout, prefix=self._prefix, tombstones=not self._hard)

    @property
    def bad(self) -> BadCells:
        """Answers that did not fit their column; they stand in `_extra`."""
        return self._tabulator.bad

    async def state(self) -> Mapping[str, Any]:
        """Return what the last `apply` with a state left; empty at first."""
        return await self._done(self._database.registry.read_state, KEY.format(self._name)) or {}

    async def count(self) -> int:
        """Count the submissions that are not deleted."""
        return await self._done(self._identities.count)

    async def known(self, after: int, limit: int, /) -> Sequence[Known]:
        """Return what is known of the first submissions with higher ids that are not deleted."""
        return await self._done(self._identities.page, after, limit)

    async def having(self, ids: Sequence[int], root_uuids: Sequence[str], /) -> Sequence[Known]:
        """Return what is known of these submissions, as far as they are there and not deleted."""
        return await self._done(self._identities.having, ids, root_uuids)

    async def apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        """Write rows and what to know of them, remove others, and remember the state if given."""
        async with self._database.transaction():
            await self._database.run(self._check_writer)
            await self._store.prepare()
            if rows:
                await self._store.upsert(self._tabulator.add(list(rows)))
            if removed and self._hard:
                await self._store.remove(removed)
            elif removed:
                await self._store.mark_deleted(removed, datetime.now(UTC))
            await self._database.run(self._identities.put, known, removed)
            if state is not None:
                await self._store.write_state(KEY.format(self._name), state)

    def _prepare(self, connection: Connection) -> None:
        self._database.backend.lock(connection, WRITER.format(self._name))
        self._identities.create(connection)
        registry, key = self._database.registry, OPTIONS.format(self._name)
        options = orjson.loads(orjson.dumps(attrs.asdict(self._layout.options)))
        before = registry.read_state(connection, key) or options
        if changed := [name for name, value in before.items() if options.get(name) != value]:
            raise ConfigError(
                f"the tables of this mirror are laid out otherwise ({', '.join(changed)}), and "
                "rows that are there would stay as they are: give it another prefix or database"
            )
        registry.write_state(connection, key, options)
        self._keep_title(connection)
        self._compare_shapes(connection)
        registry.write_state(connection, WRITER.format(self._name), self._writer)

    def _keep_title(self, connection: Connection) -> None:
        layout = first_titled(connection, self._database, self._layout, self._prefix)
        if layout is not self._layout:
            self._write_to(layout)

    def _compare_shapes(self, connection: Connection) -> None:
        registry = self._database.registry
        key, shape = KEY.format(self._name), SHAPE.format(self._name)
        before, now = registry.read_state(connection, shape), fingerprint(self._layout)
        state = registry.read_state(connection, key)
        if state and before != now:
            registry.write_state(connection, key, state | {"outdated": True})
        registry.write_state(connection, shape, now)

    def _check_writer(self, connection: Connection) -> None:
        """Refuse to write what may be older than what another run has written since."""
        registry, key = self._database.registry, WRITER.format(self._name)
        self._database.backend.lock(connection, key)
        if registry.read_state(connection, key) != self._writer:
            raise ConfigError(
                f"somebody else has opened the mirror {self._name} in {self._database.address}: "
                "only one may write to it at a time"
            )

    async def _done(self, work: Callable[[Connection, Unpack[A]], T], *args: *A) -> T:
        """Do work in a transaction of its own."""
        async with self._database.transaction():
            return await self._database.run(work, *args)

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        try:
            await self._done(self._prepare)
        except BaseException as error:
            await self._database.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        await self._database.__aexit__(kind, error, trace)
