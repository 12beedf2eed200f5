"""A mirror in MongoDB: documents, what is known of them, and how far it has come.

    <collection>          the rows, gone ones with `_deleted_at`
    <collection>.known    what is known of each one that is not gone
    _kobo_sync            the states of all mirrors of the database, and who writes to them

MongoDB ends transactions after a minute, and has none without a replica set. So everything is
written in an order that a crash anywhere leaves repairable. First what is known of the submissions
that are about to change is made unlike anything that the server can show; then come the documents,
then what is known now, then the state. Whatever was cut off in between looks changed to the next
run, which writes it again or removes it.

Who opens a mirror shuts out those before, whose next page is refused: a process that died needs no
one to clear up after it. What is between a look at who writes and the writing itself is not
guarded; a process would have to stand still right there while another one does a whole run.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self

import attrs

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.known import Known
from kobo_async.sinks.base import Row
from kobo_async.sinks.mongo import Client, Database, closed, connected, failing, put

with needed("mongodb"):
    from pymongo import ReplaceOne, WriteConcern
    from pymongo.asynchronous.collection import AsyncCollection

STATES: Final = "_kobo_sync"
TOMBSTONE: Final = "_deleted_at"
AT_ONCE: Final = 10_000
SAFE: Final = WriteConcern(w="majority", j=True)


class MongoMirror:
    """A copy of one project in a collection of MongoDB, for `client.sync`.

        async with MongoMirror("mongodb://host/surveys", uid) as mirror:
            report = await client.sync.run(uid, mirror)

    Documents are those of `Mongo`.

    Args:
        url: `mongodb://` or `mongodb+srv://`, with the name of the database.
        uid_asset: the project.
        collection: its name; by default the uid of the project.
        hard_deletes: remove what is gone from the server instead of marking it.

    Raises:
        ConfigError: see `Mongo`; where somebody else has opened the mirror since.
        DatabaseFailed: see `Mongo`.
    """

    def __init__(
        self,
        url: str,
        uid_asset: str,
        *,
        collection: str = "",
        hard_deletes: bool = False,
    ) -> None:
        self._url = url
        self._name = collection or uid_asset
        self._hard = hard_deletes
        self._writer = secrets.token_hex(8)
        self._client: Client | None = None
        self._database: Database | None = None

    async def state(self) -> Mapping[str, Any]:
        """Return what the last `apply` with a state left; empty at first."""
        with failing():
            found = await self._collection(STATES).find_one({"_id": self._name})
        state: Mapping[str, Any] = (found or {}).get("state", {})
        return state

    async def count(self) -> int:
        """Count the submissions that are not deleted."""
        with failing():
            return await self._known.count_documents({})

    async def known(self, after: int, limit: int, /) -> Sequence[Known]:
        """Return what is known of the first submissions with higher ids that are not deleted."""
        with failing():
            cursor = self._known.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
            return [_read(document) async for document in cursor]

    async def having(self, ids: Sequence[int], root_uuids: Sequence[str], /) -> Sequence[Known]:
        """Return what is known of these submissions, as far as they are there and not deleted."""
        found: set[Known] = set()
        with failing():
            for field, values in (("_id", ids), ("root_uuid", root_uuids)):
                for some in _chunks(values):
                    cursor = self._known.find({field: {"$in": some}})
                    found.update([_read(document) async for document in cursor])
        return sorted(found, key=lambda one: one.id)

    async def apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        """Write rows and what to know of them, remove others, and remember the state if given."""
        with failing():
            for some in _chunks(removed):
                await self._forget(some)
            if rows:
                await self._replace(rows, known)
            if state is not None:
                await self._note(state)

    async def _forget(self, ids: Sequence[int]) -> None:
        await self._check_writer()
        await self._known.update_many({"_id": {"$in": ids}}, {"$set": {"uuid": ""}})
        await self._remove(ids)
        await self._known.delete_many({"_id": {"$in": ids}})

    async def _replace(self, rows: Sequence[Row], known: Sequence[Known]) -> None:
        await self._check_writer()
        await self._know([attrs.evolve(one, uuid="") for one in known])
        await self._collection(self._name).bulk_write(list(map(put, rows)), ordered=False)
        await self._know(known)

    async def _note(self, state: Mapping[str, Any]) -> None:
        mine = {"_id": self._name, "writer": self._writer}
        states = self._collection(STATES)
        written = await states.update_one(mine, {"$set": {"state": dict(state)}})
        if not written.matched_count:
            raise self._shut_out()

    async def _check_writer(self) -> None:
        """Refuse to write what may be older than what another run has written since."""
        states = self._collection(STATES)
        if not await states.find_one({"_id": self._name, "writer": self._writer}):
            raise self._shut_out()

    def _shut_out(self) -> ConfigError:
        return ConfigError(
            f"somebody else has opened the mirror {self._name} in MongoDB: "
            "only one may write to it at a time"
        )

    async def _know(self, known: Sequence[Known]) -> None:
        await self._known.bulk_write([_write(one) for one in known], ordered=False)

    async def _remove(self, ids: Sequence[int]) -> None:
        named: dict[str, Any] = {"_id": {"$in": ids}}
        documents = self._collection(self._name)
        if self._hard:
            await documents.delete_many(named)
            return
        alive = named | {TOMBSTONE: None}
        await documents.update_many(alive, {"$set": {TOMBSTONE: datetime.now(UTC)}})

    @property
    def _known(self) -> AsyncCollection[Mapping[str, Any]]:
        return self._collection(f"{self._name}.known")

    def _collection(self, name: str) -> AsyncCollection[Mapping[str, Any]]:
        if self._database is None:
            raise RuntimeError("a mirror is used inside `async with`")
        return self._database.get_collection(name, write_concern=SAFE)

    async def __aenter__(self) -> Self:
        self._client, self._database = await connected(self._url, self._name)
        try:
            with failing():
                await self._known.create_index("root_uuid")
                me = {"$set": {"writer": self._writer}}
                await self._collection(STATES).update_one({"_id": self._name}, me, upsert=True)
        except BaseException:
            await closed(self._client)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._database = None
        if self._client is not None:
            await closed(self._client)


def _write(one: Known) -> ReplaceOne[Mapping[str, Any]]:
    document = attrs.asdict(one)
    document["_id"] = document.pop("id")
    return ReplaceOne({"_id": one.id}, document, upsert=True)


def _read(document: Mapping[str, Any]) -> Known:
    return Known(*(document["_id" if name == "id" else name] for name in attrs.fields_dict(Known)))


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    return (list(values[start : start + AT_ONCE]) for start in range(0, len(values), AT_ONCE))
