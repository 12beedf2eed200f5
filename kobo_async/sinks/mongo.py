"""Rows as documents of MongoDB, each under the `_id` of its submission.

Pages go to a collection of their own, `<collection>.part.<number>`, which MongoDB merges into the
named one at the end: documents with the same `_id` are replaced, all others stay. A download that
fails leaves the named collection as it was. One transaction around all of it would be stronger, but
servers end transactions after 60 seconds. What is left is this: the merge itself is not one step.
Who reads meanwhile can find some documents new and some old, and a crash can leave it half done,
beside the collection with all rows; repeating the download repairs it.

It needs MongoDB 4.2, the role `readWrite`, and asyncio.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, Self, TypeAlias

import anyio

from kobo_async.errors import ConfigError, DatabaseFailed
from kobo_async.extras import needed
from kobo_async.sinks.base import Row

with needed("mongodb"):
    import bson
    from pymongo import AsyncMongoClient, ReplaceOne
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.errors import ConfigurationError, InvalidName, InvalidURI, PyMongoError

LARGEST: Final = 16 * 1024 * 1024
LIMIT: Final = 2**63
DOT: Final = "\uff0e"
DOLLAR: Final = "\uff04"
REPLACEMENT: Final = "\ufffd"
"""Of characters that cannot stand in a key."""
GOODBYE: Final = 5.0
"""Seconds to tidy up after a failure, which may be that the server is gone."""

Client: TypeAlias = AsyncMongoClient[Mapping[str, Any]]
Database: TypeAlias = AsyncDatabase[Mapping[str, Any]]


class Mongo:
    """A collection of MongoDB that gets the rows as the server sends them.

    A dot in a key becomes U+FF0E, a dollar sign that begins one U+FF04: queries cannot name them
    as they are. Whole numbers beyond 64 bits become texts.

    Args:
        url: `mongodb://` or `mongodb+srv://`, with the name of the database.
        collection: its name.

    Raises:
        ConfigError: for an address that is none, without asyncio, if the server cannot be reached,
            and for rows without `_id` or larger than the 16 MB that a document may have.
        DatabaseFailed: if the server fails later.
    """

    def __init__(self, url: str, collection: str) -> None:
        self._url = url
        self._name = collection
        self._part = f"{collection}.part.{secrets.token_hex(4)}"
        self._client: Client | None = None
        self._database: Database | None = None

    async def write(self, rows: Sequence[Row], /) -> None:
        """Take some more rows; of those with the same `_id` the last one counts."""
        if self._database is None:
            raise RuntimeError("a sink is written to inside `async with`")
        if rows:
            with failing():
                await self._database[self._part].bulk_write(list(map(put, rows)), ordered=False)

    async def __aenter__(self) -> Self:
        self._client, self._database = await connected(self._url, self._name)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self._merge()
        finally:
            await self._leave()

    async def _merge(self) -> None:
        assert self._database is not None
        into = {"into": self._name, "whenMatched": "replace", "whenNotMatched": "insert"}
        with failing():
            await self._database[self._part].aggregate([{"$merge": into}])

    async def _leave(self) -> None:
        assert self._client is not None
        assert self._database is not None
        drop = partial(self._database.drop_collection, self._part)
        try:
            with anyio.move_on_after(GOODBYE, shield=True), suppress(PyMongoError):
                await _to_its_end(drop)
        finally:
            await closed(self._client)


@contextmanager
def failing() -> Iterator[None]:
    """Tell of an error of the driver; its own text and frames may hold rows, and the password.

    Raises:
        DatabaseFailed: for any of them.
    """
    try:
        yield
    except PyMongoError as error:
        problem = str(error).partition(", full error")[0]
        raise DatabaseFailed(f"MongoDB: {type(error).__name__}: {problem:.300}") from None


async def connected(url: str, collection: str) -> tuple[Client, Database]:
    """Connect to the database of an address, in which a collection can have this name.

    Raises:
        ConfigError: for an address that is none, without asyncio, if the server cannot be reached.
    """
    client = _client(url)
    try:
        database = _database(client, collection)
        await client.admin.command("ping")
    except PyMongoError as error:
        await closed(client)
        problem = str(error)  # the frames of the error itself hold the password
        raise ConfigError(f"MongoDB cannot be used: {problem}") from None
    except BaseException:
        await closed(client)
        raise
    return client, database


async def closed(client: Client) -> None:
    """Close all connections, whether the task is cancelled or not."""
    with anyio.CancelScope(shield=True):
        await _to_its_end(client.close)


async def _to_its_end(work: Callable[[], Awaitable[object]]) -> None:
    """Do it again if it was interrupted: `asyncio.timeout` respects no shield."""
    try:
        await work()
    except anyio.get_cancelled_exc_class():
        await work()
        raise


def _client(url: str) -> Client:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigError("the driver of MongoDB works with asyncio alone, not with trio") from None
    try:
        return AsyncMongoClient(url, appname="kobo-async")
    except (ConfigurationError, InvalidURI, ValueError):
        # The error may quote the address, and the address holds the password.
        raise ConfigError(
            "this is no address of MongoDB; write mongodb://user:password@host/database,"
            " with %40 for an @ in the password, %2F for a /"
        ) from None


def _database(client: Client, collection: str) -> Database:
    try:
        database = client.get_default_database()
        database.get_collection(collection)
    except ConfigurationError:
        raise ConfigError("name the database: mongodb://host/database") from None
    except InvalidName as error:
        raise ConfigError(f"{collection!r} cannot be a collection: {error}") from error
    return database


def put(row: Row) -> ReplaceOne[Any]:
    """Write a row over the document of the same `_id`.

    Raises:
        ConfigError: without `_id`, and for a row that is too large.
    """
    if "_id" not in row:
        raise ConfigError("a row without _id has no place in MongoDB: ask for that field too")
    # Encoding it once more than needed is the quickest way to look into all of it.
    try:
        document, size = row, len(bson.encode(row, check_keys=True))
    except (bson.InvalidDocument, OverflowError):
        document = _fitting(row)
        size = len(bson.encode(document))
    if size > LARGEST:
        shown = f"{size / 1024 / 1024:.1f} MB"
        raise ConfigError(f"submission {row['_id']} has {shown}, a document at most 16 MB")
    return ReplaceOne({"_id": row["_id"]}, document, upsert=True)


def _fitting(value: Any) -> Any:
    match value:
        case Mapping():
            return dict(_renamed(value))
        case list():
            return [_fitting(one) for one in value]
        case int() if not -LIMIT <= value < LIMIT:
            return str(value)
    return value


def _renamed(row: Row) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        name = key.replace(".", DOT).replace("\0", REPLACEMENT)
        yield (f"{DOLLAR}{name[1:]}" if name.startswith("$") else name), _fitting(value)
