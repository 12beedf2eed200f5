"""A connection and its transactions, for tasks of asyncio and trio.

    async with Database("sqlite:///survey.db") as database:
        async with database.transaction():
            await database.run(work, 1, 2)  # work(connection, 1, 2)

A block that fails or is cancelled is undone. Work that is cancelled is interrupted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeVar, TypeVarTuple, Unpack

import anyio

from kobo_async.errors import ConfigError, DatabaseFailed
from kobo_async.extras import needed
from kobo_async.sinks.sql.address import address_of
from kobo_async.sinks.sql.worker import Worker

with needed("sql"):
    from sqlalchemy import Connection, Engine, inspect
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.schema import CreateSchema

from kobo_async.sinks.sql.backend import Backend
from kobo_async.sinks.sql.registry import COLUMNS, Registry

PATIENCE: Final = 60.0
"""Seconds to wait for others who write to the same file."""
PAUSE: Final = 0.05
T = TypeVar("T")
A = TypeVarTuple("A")


class Database:
    """A database at an address such as `sqlite:///file.db` or `postgresql://user@host/name`.

    Opening it makes the schema and the two tables of `registry.py` where they are missing; that
    is not undone.

    Args:
        url: the address.
        schema: of PostgreSQL.
        at_once: all that is written comes in one transaction.

    Raises:
        ConfigError: for an address that cannot be used, and where nothing can be opened.
    """

    def __init__(self, url: str, schema: str | None = None, *, at_once: bool = False) -> None:
        self.address = address_of(url, schema)
        self.backend = _backend(is_sqlite=self.address.is_sqlite)
        self.schema = self.address.schema
        self.registry = Registry(self.schema)
        self._engine: Engine = self.backend.engine(self.address, at_once=at_once)
        self._connection: Connection | None = None
        self._worker = Worker(self._interrupt)
        self._lost = False

    @property
    def connection(self) -> Connection:
        """The open connection."""
        if self._connection is None:
            raise RuntimeError("a database is used inside `async with`")
        return self._connection

    async def run(self, work: Callable[[Connection, Unpack[A]], T], *args: *A) -> T:
        """Do work on the connection, in a thread; if it fails, its transaction is lost.

        Raises:
            DatabaseFailed: where the database does not take it.
            RuntimeError: after something in the transaction has failed or was cancelled.
        """
        with self._working():
            return await self._worker.run(work, self.connection, *args)

    async def leave(self, work: Callable[[Connection, Unpack[A]], object], *args: *A) -> None:
        """Begin work on the connection, and let the task go on meanwhile, as far as that helps.

        A database in the same process would take turns with the task for every row.

        Raises: like `run`, but what fails may be told by whatever comes next.
        """
        do = self._worker.leave if self.backend.is_apart else self._worker.run
        with self._working():
            await do(work, self.connection, *args)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Begin; commit at the end of the block, or undo it."""
        try:
            await self._begin()
            yield
            with self._working():
                await self._worker.catch_up()
        except BaseException:
            await self._worker.finish(self._undo)
            raise
        with self._failing():
            await self._worker.finish(self.connection.commit)

    async def __aenter__(self) -> Self:
        try:
            await self._patiently(partial(self._worker.run, self._open))
            async with self.transaction():
                await self.run(self._prepare)
        except BaseException:
            await self._worker.finish(self._close)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        await self._worker.finish(self._close)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Note that the transaction is lost when something in it fails."""
        if self._lost:
            raise RuntimeError("something in this transaction failed or was cancelled: begin again")
        try:
            with self._failing():
                yield
        except BaseException:
            self._lost = True
            raise

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Tell of an error in one line: the others, and the frames, hold answers and passwords."""
        try:
            yield
        except (DBAPIError, self.backend.error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            problem = str(cause).strip().partition("\n")[0]
            raise DatabaseFailed(f"{self.address}: {problem}") from None

    async def _begin(self) -> None:
        self._lost = False
        await self._patiently(partial(self.run, self.backend.begin))

    async def _patiently(self, attempt: Callable[[], Awaitable[bool]]) -> None:
        """Try until others are out of the way."""
        last = anyio.current_time() + PATIENCE
        while not await attempt():
            if anyio.current_time() > last:
                raise ConfigError(f"{self.address} is being written to by somebody else")
            await anyio.sleep(PAUSE)

    def _open(self) -> bool:
        """Connect, and tell whether that could be done: a file that somebody makes is locked."""
        try:
            self._connection = self._engine.connect()
        except DBAPIError as error:
            if self.backend.is_busy(error):
                return False
            # The frames of the error hold the password.
            raise ConfigError(f"cannot write to {self.address}: {error.orig}") from None
        return True

    def _prepare(self, connection: Connection) -> None:
        if inspect(connection).has_table(COLUMNS, self.schema):
            return
        self.backend.lock(connection, COLUMNS)
        if self.schema:
            connection.execute(CreateSchema(self.schema, if_not_exists=True))
        self.registry.create(connection)

    def _undo(self) -> None:
        try:
            self.connection.rollback()
        except DBAPIError:
            self.connection.invalidate()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()

    def _interrupt(self) -> None:
        if self._connection is not None:
            self.backend.interrupt(self._connection.connection.driver_connection)


def _backend(*, is_sqlite: bool) -> Backend:
    if is_sqlite:
        from kobo_async.sinks.sql.sqlite import Sqlite  # noqa: PLC0415 - one of the two is needed

        return Sqlite()
    from kobo_async.sinks.sql.postgres import Postgres  # noqa: PLC0415 - and its driver with it

    return Postgres()
