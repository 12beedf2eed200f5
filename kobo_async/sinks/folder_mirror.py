"""A mirror in a folder: rows as JSON lines, and how far it has come in a file beside them.

    folder/
      submissions/000000000000.jsonl   rows as the server sends them, see `shards.py`
      deleted.jsonl                    those that are gone, with `_deleted_at`
      state.json                       written last

What is known of a submission is read out of its row, so that both cannot disagree. Of several
files a crash may leave some new and some old, but each one is whole, and the state is older than
all of them: the next run finds what is missing and does it again. A row that stands in both
places lives; a deletion writes down what it deletes first.

One page of rows and an entry of some hundred bytes for each submission are in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, Self, TypeVar, TypeVarTuple, Unpack

import orjson

from kobo_async.errors import ConfigError
from kobo_async.known import Known
from kobo_async.sinks.base import Row, Target
from kobo_async.sinks.folders import Folder
from kobo_async.sinks.locks import FolderLock
from kobo_async.sinks.places import is_url
from kobo_async.sinks.shards import Shards, write_lines
from kobo_async.sinks.turns import Turns

ROWS: Final = "submissions"
DELETED: Final = "deleted.jsonl"
STATE: Final = "state.json"
TOMBSTONE: Final = "_deleted_at"
T = TypeVar("T")
A = TypeVarTuple("A")


class FolderMirror:
    """A copy of one project in a folder of this machine, for `client.sync`.

        async with FolderMirror("wells", uid) as mirror:
            report = await client.sync.run(uid, mirror)

    One process at a time has it open.

    Args:
        folder: made if there is none of that name.
        uid_asset: the project.
        hard_deletes: remove what is gone from the server instead of moving it to `deleted.jsonl`.

    Raises:
        ConfigError: where no folder can be, and for a folder of something else or somebody else.
    """

    def __init__(self, folder: Target, uid_asset: str, *, hard_deletes: bool = False) -> None:
        if is_url(folder):
            raise ConfigError(f"{os.fspath(folder)} must be a folder of this machine")
        self._path = Path(folder)
        self._asset = uid_asset
        self._hard = hard_deletes
        self._lock = FolderLock(self._path)
        self._turns = Turns()
        self._shards: Shards | None = None
        self._ids: dict[int, int] = {}
        self._buried: set[int] = set()
        self._state: Mapping[str, Any] = {}

    async def state(self) -> Mapping[str, Any]:
        """Return what the last `apply` with a state left; empty at first."""
        return self._state

    async def count(self) -> int:
        """Count the submissions that are not deleted."""
        return self._open_shards.count

    async def known(self, after: int, limit: int, /) -> Sequence[Known]:
        """Return what is known of the first submissions with higher ids that are not deleted."""
        return await self._run(self._known, after, limit)

    async def having(self, ids: Sequence[int], root_uuids: Sequence[str], /) -> Sequence[Known]:
        """Return what is known of these submissions, as far as they are there and not deleted."""
        return await self._run(self._having, ids, root_uuids)

    async def apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        """Write rows, remove others, and then remember the state if given."""
        await self._run(self._apply, rows, known, removed, state)

    @property
    def _open_shards(self) -> Shards:
        if self._shards is None:
            raise RuntimeError("a mirror is used inside `async with`")
        return self._shards

    async def _run(self, work: Callable[[Unpack[A]], T], *args: *A) -> T:
        """Work in a thread, to the end; nothing else does meanwhile."""
        return await self._turns.run(work, *args)

    def _known(self, after: int, limit: int) -> list[Known]:
        return [Known.of(row) for row in islice(self._open_shards.after(after), limit)]

    def _having(self, ids: Sequence[int], root_uuids: Sequence[str]) -> list[Known]:
        wanted, uuids = set(ids), set(root_uuids)
        numbers = {self._ids[hash(uuid)] for uuid in uuids if hash(uuid) in self._ids}
        found = map(Known.of, self._open_shards.find(wanted | numbers))
        return [one for one in found if one.id in wanted or one.root_uuid in uuids]

    def _apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        shards = self._open_shards
        if removed and not self._hard:
            self._bury(removed)
        shards.change(rows, removed)
        self._ids.update({hash(one.root_uuid): one.id for one in known})
        self._dig_up({one.id for one in known})
        if state is not None:
            _settle(self._path / ROWS)
            self._remember(state)

    def _bury(self, ids: Sequence[int]) -> None:
        """Write down what is to be deleted."""
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        rows = ({**row, TOMBSTONE: moment} for row in self._open_shards.find(ids))
        write_lines(self._path / DELETED, chain(self._graves(ids), map(orjson.dumps, rows)))
        self._buried.update(ids)

    def _dig_up(self, ids: Collection[int]) -> None:
        """Forget that these were deleted."""
        if self._buried.intersection(ids):
            write_lines(self._path / DELETED, self._graves(ids))
            self._buried.difference_update(ids)

    def _graves(self, without: Collection[int]) -> Iterator[bytes]:
        left_out = set(without)
        return (line for number, line in self._deleted() if number not in left_out)

    def _deleted(self) -> Iterator[tuple[int, bytes]]:
        with suppress(FileNotFoundError), (self._path / DELETED).open("rb") as file:
            for line in file:
                yield orjson.loads(line)["_id"], line.rstrip()

    def _remember(self, state: Mapping[str, Any]) -> None:
        told = {"asset": self._asset, "state": state}
        write_lines(self._path / STATE, [orjson.dumps(told, option=orjson.OPT_INDENT_2)])
        self._state = dict(state)

    def _begin(self) -> None:
        Folder(self._path)
        (self._path / ROWS).mkdir(parents=True, exist_ok=True)
        self._lock.take()
        self._recognise()
        for left in (*self._path.glob(".*.part"), *(self._path / ROWS).glob(".*.part")):
            left.unlink()
        self._buried = {number for number, _ in self._deleted()}
        self._shards = Shards(self._path / ROWS, self._index)
        self._dig_up(self._ids.values())

    def _index(self, row: Row) -> None:
        self._ids[hash(Known.of(row).root_uuid)] = row["_id"]

    def _recognise(self) -> None:
        """Read the state; refuse what is no mirror of the project."""
        path = self._path / STATE
        if not path.exists():
            if {one.name for one in self._path.iterdir()} - {ROWS, ".lock"}:
                raise ConfigError(f"{self._path} holds something else: name an empty folder")
            self._remember({})
            return
        told = orjson.loads(path.read_bytes())
        if told["asset"] != self._asset:
            raise ConfigError(f"{self._path} is a mirror of {told['asset']}, not {self._asset}")
        self._state = told["state"]

    async def __aenter__(self) -> Self:
        try:
            await self._run(self._begin)
        except BaseException:
            await self._turns.finish(self._end)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._turns.finish(self._end)

    def _end(self) -> None:
        self._shards = None
        self._lock.release()


def _settle(folder: Path) -> None:
    """Make sure that the names of new files are on the disk, where folders can be opened."""
    with suppress(PermissionError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
