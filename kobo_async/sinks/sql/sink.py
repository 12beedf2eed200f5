"""The sink of tables in SQLite and PostgreSQL.

async with Sql("sqlite:///survey.db", layout) as sink:
    async for rows in pages:
        await sink.write(tabulator.add(rows))
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Layout
from kobo_async.sinks.sql.database import Database
from kobo_async.sinks.sql.store import Store
from kobo_async.sinks.sql.titles import first_titled

with needed("sql"):
    from sqlalchemy import Connection


class Sql:
    """Tables in a database, one for the submissions and one for each repeat.

    They are made and grow with the form; nothing is ever dropped. They keep the name that the
    project had when it first came to the database. Submissions are written over
    those with the same `_id`, together with all of their repeats. What was written counts when
    the block ends, and is undone when it fails or is cancelled. Others who write to the same tables
    wait for the end of the block, as do readers of a file of SQLite that is new.

    Args:
        url: `sqlite:///file.db` or `postgresql://user:password@host/database?schema=survey`.
        layout: made with `TableOptions(numbering="submission")`.
        schema: of PostgreSQL; made if there is none of that name.
        prefix: stands before the names of the tables, to keep projects apart.

    Attributes:
        notes: what is not in the tables as it was sent, for people to read.

    Raises:
        ConfigError: for an address or a layout that cannot be used, a database that cannot be
            opened, and a table or column that is in the way.
    """

    def __init__(
        self, url: str, layout: Layout, schema: str | None = None, prefix: str = ""
    ) -> None:
        self.notes: list[str] = []
        self._database = Database(url, schema, at_once=True)
        self._prefix = prefix
        self._layout, self._store = layout, self._writing(layout)
        self._context = AsyncExitStack()

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take what `Tabulator.add` makes of a page."""
        await self._store.upsert(batches)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as context:
            await context.enter_async_context(self._database)
            await context.enter_async_context(self._database.transaction())
            await self._database.run(self._keep_title)
            await self._store.prepare()
            context.push_async_exit(self._finish)
            self._context = context.pop_all()
        return self

    def _keep_title(self, connection: Connection) -> None:
        layout = first_titled(connection, self._database, self._layout, self._prefix)
        self._store = self._writing(layout)

    def _writing(self, layout: Layout) -> Store:
        return Store(self._database, layout, prefix=self._prefix, at_once=True)

    async def _finish(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self._store.finish()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        try:
            await self._context.__aexit__(kind, error, trace)
        finally:
            if count := self._store.replaced:
                self.notes.append(f"{count} characters that the database cannot hold became U+FFFD")
