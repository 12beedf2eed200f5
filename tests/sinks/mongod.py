"""A stand-in for MongoDB: it speaks the wire protocol on a real socket, mongomock keeps the data.

Nothing of the driver is replaced: what pymongo sends and reads are the bytes of `OP_MSG`. Only the
commands that the sink and its tests use are known, and none of them is as strict as the real one.
"""

from __future__ import annotations

import os
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bson
import mongomock
import pytest

REAL = os.environ.get("KOBO_TEST_MONGODB")
"""A real server that tests may use, and a database of it."""
FORGETFUL = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.usefixtures("forgotten_sockets"),
]
"""Marks of what uses the driver: it forgets the socket of a monitor that is stopped while it
connects, which is collected where the warning is ignored."""
only_a_stand_in = pytest.mark.skipif(
    REAL is not None, reason="a real server does not fail when asked to"
)

HEADER = struct.Struct("<iiii")
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
WRITES = {"update", "delete"}
ABOUT = {
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "maxBsonObjectSize": 16 * 1024 * 1024,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "readOnly": False,
    "ok": 1.0,
}


class Mongod(socketserver.ThreadingTCPServer):
    """The server; `failing` names a command that it answers with an error.

    With `patience` it answers so many writes, and then fails all of them.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.data = mongomock.MongoClient()
        self.busy = threading.Lock()
        self.failing = ""
        self.patience: int | None = None
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.server_address[1]}/survey"

    def rows(self, collection: str) -> dict[int, Any]:
        """Return what a collection holds, by `_id`."""
        with self.busy:
            return {one["_id"]: one for one in self.data["survey"][collection].find()}

    @property
    def names(self) -> list[str]:
        """The names of its collections."""
        with self.busy:
            return list(self.data["survey"].list_collection_names())

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        self.seen.append(name)
        if name == self.failing or (name in WRITES and self._is_tired()):
            return {"ok": 0.0, "code": 1, "errmsg": f"{name} fails here"}
        known = getattr(self, f"_{name.lower()}", None)
        if known is None:
            return {"ok": 0.0, "code": 59, "errmsg": f"no such command: '{name}'"}
        with self.busy:
            return {"ok": 1.0, **known(self.data[command.get("$db", "admin")], command)}

    def _is_tired(self) -> bool:
        if self.patience is None:
            return False
        self.patience -= 1
        return self.patience < 0

    def _hello(self, _database: Any, _command: dict[str, Any]) -> dict[str, Any]:
        return dict(ABOUT)

    _ismaster = _hello

    def _ping(self, _database: Any, _command: dict[str, Any]) -> dict[str, Any]:
        return {}

    _endsessions = _ping

    def _update(self, database: Any, command: dict[str, Any]) -> dict[str, Any]:
        collection = database[command["update"]]
        matched, upserted = 0, []
        for index, one in enumerate(command["updates"]):
            replaces = not any(key.startswith("$") for key in one["u"])
            kind = "replace_one" if replaces else "update_many" if one["multi"] else "update_one"
            done = getattr(collection, kind)(one["q"], one["u"], upsert=one["upsert"])
            matched += done.matched_count
            if done.upserted_id is not None:
                upserted.append({"index": index, "_id": done.upserted_id})
        told = {"upserted": upserted} if upserted else {}
        return {"n": matched + len(upserted), "nModified": matched, **told}

    def _aggregate(self, database: Any, command: dict[str, Any]) -> dict[str, Any]:
        if "$merge" not in command["pipeline"][0]:
            found = database[command["aggregate"]].aggregate(command["pipeline"])
            return _found(command["aggregate"], list(found))
        (stage,) = command["pipeline"]
        assert stage["$merge"] == {
            "into": stage["$merge"]["into"],
            "whenMatched": "replace",
            "whenNotMatched": "insert",
        }
        for one in database[command["aggregate"]].find():
            into = database[stage["$merge"]["into"]]
            into.replace_one({"_id": one["_id"]}, one, upsert=True)
        return _found(command["aggregate"], [])

    def _drop(self, database: Any, command: dict[str, Any]) -> dict[str, Any]:
        database.drop_collection(command["drop"])
        return {}

    def _find(self, database: Any, command: dict[str, Any]) -> dict[str, Any]:
        found = database[command["find"]].find(command["filter"])
        if "sort" in command:
            found = found.sort(list(command["sort"].items()))
        return _found(command["find"], list(found.limit(command.get("limit", 0))))

    def _delete(self, database: Any, command: dict[str, Any]) -> dict[str, Any]:
        for one in command["deletes"]:
            database[command["delete"]].delete_many(one["q"])
        return {"n": len(command["deletes"])}

    def _createindexes(self, database: Any, command: dict[str, Any]) -> dict[str, Any]:
        for one in command["indexes"]:
            database[command["createIndexes"]].create_index(list(one["key"].items()))
        return {}

    def _listcollections(self, database: Any, _command: dict[str, Any]) -> dict[str, Any]:
        names = database.list_collection_names()
        return _found("$cmd.listCollections", [{"name": name} for name in names])


def _found(name: str, documents: list[Any]) -> dict[str, Any]:
    return {"cursor": {"id": 0, "ns": f"survey.{name}", "firstBatch": documents}}


class _Connection(socketserver.StreamRequestHandler):
    server: Mongod

    def handle(self) -> None:
        while head := self.rfile.read(HEADER.size):
            size, number, _, code = HEADER.unpack(head)
            body = self.rfile.read(size - HEADER.size)
            answer = self.server.answer(_command(code, body))
            self.wfile.write(_reply(code, number, bson.encode(answer)))


def _command(code: int, body: bytes) -> dict[str, Any]:
    if code == OP_QUERY:  # the first greeting of a connection
        start = body.index(b"\0", 4) + 9
        return bson.decode(body[start:])
    assert code == OP_MSG
    place, command = 4, {}
    while place < len(body):
        kind, place = body[place], place + 1
        (size,) = struct.unpack_from("<i", body, place)
        if kind == 0:
            command = bson.decode(body[place : place + size]) | command
        else:
            name, _, documents = body[place + 4 : place + size].partition(b"\0")
            command[name.decode()] = bson.decode_all(documents)
        place += size
    return command


def _reply(code: int, number: int, document: bytes) -> bytes:
    if code == OP_QUERY:
        return _framed(number, OP_REPLY, struct.pack("<iqii", 8, 0, 0, 1) + document)
    return _framed(number, OP_MSG, struct.pack("<iB", 0, 0) + document)


def _framed(number: int, code: int, body: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(body), 0, number, code) + body


@contextmanager
def mongod() -> Iterator[Mongod]:
    """Run a server on a free port."""
    with Mongod() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
