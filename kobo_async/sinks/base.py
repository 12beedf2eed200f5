"""What a sink is, and files that are never seen half written.

A row sink takes submissions as the server sends them, a table sink takes the batches that a
`Tabulator` makes of them. Neither knows where they come from. Both are contexts: what was written
counts when the block ends, and is undone when the block fails or is cancelled.

    async with JsonLines("rows.jsonl") as sink:
        async for rows in pages:
            await sink.write(rows)

A target is a path, or an address that fsspec understands (`places.py`). What a sink could not
take as it was, is told in its `notes`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Protocol, Self, TypeAlias, TypeVar, TypeVarTuple, Unpack

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Batch
from kobo_async.sinks.places import Local, is_url, place_of
from kobo_async.sinks.turns import Turns

Row: TypeAlias = Mapping[str, Any]
Target: TypeAlias = str | os.PathLike[str]
T = TypeVar("T")
A = TypeVarTuple("A")
USER: Final = re.compile(r"//[^/@]*@")
NAME: Final = re.compile(
    r"(?P<stem>.+?)(?P<suffix>(\.\w+)?\.(gz|zst)|\.[^.]*)?", re.DOTALL | re.IGNORECASE
)


class Context(Protocol):
    """What counts when its block ends, and is undone when the block fails."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Sink(Context, Protocol):
    """A place where rows go."""

    async def write(self, rows: Sequence[Row], /) -> None:
        """Take some more rows."""
        ...


class TableSink(Context, Protocol):
    """A place where the tables of one layout go."""

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more rows of any of the tables; batches of one table come in order."""
        ...


class Draft:
    """A file that gets its name when it is whole.

    Its methods block: call them in a worker thread.

    Raises:
        ConfigError: where no file can be.
    """

    def __init__(self, target: Target) -> None:
        self.name = USER.sub("//", os.fspath(target))
        self._place = place_of(target)
        self._file: BinaryIO | None = None

    @property
    def file(self) -> BinaryIO:
        """The open file."""
        if self._file is None:
            raise RuntimeError("a sink is written to inside `async with`")
        return self._file

    @property
    def target(self) -> Path:
        """Where the file will be.

        Raises:
            ConfigError: if that is not on this machine.
        """
        return self._local.target

    @property
    def path(self) -> Path:
        """Where the unfinished file is, for libraries that open files by themselves.

        Raises:
            ConfigError: if that is not on this machine.
        """
        return self._local.path

    @property
    def _local(self) -> Local:
        if not isinstance(self._place, Local):
            raise ConfigError(f"{self.name} must be a file of this machine")
        return self._place

    def open(self) -> None:
        """Begin."""
        self._file = self._place.open()

    def seal(self) -> None:
        """Make sure that everything has arrived; nothing can be written any more."""
        self._place.seal()

    def commit(self) -> None:
        """Seal the file and give it its name."""
        self.seal()
        self._place.commit()

    def discard(self) -> None:
        """Remove whatever has not got its name."""
        self._place.discard()


class FileSink:
    """The context of the sinks that make files.

    Several files get their names one after the other once all of them are whole, the first target
    last: whoever sees a new main file sees new files beside it. A crash, or a name that cannot
    be given, in between leaves new files beside a main file of before; every file is whole.

    Attributes:
        notes: what is not in the files as it was sent, for people to read.
    """

    def __init__(self, *targets: Target) -> None:
        self._drafts = [*map(Draft, targets)]
        self._turns = Turns()
        self.notes: list[str] = []

    @property
    def _draft(self) -> Draft:
        """The main file."""
        return self._drafts[0]

    async def _begin(self) -> None:
        """Prepare what is written to the open files."""

    async def _finish(self) -> None:
        """Write what is written last."""

    def _undo(self) -> None:
        """Release what `_begin` prepared, after the end or a failure; in a worker thread."""

    async def _run(self, work: Callable[[Unpack[A]], T], *args: *A) -> T:
        """Work on the files in a worker thread; nothing else does until it is done."""
        return await self._turns.run(work, *args)

    async def _add(self, target: Target) -> Draft:
        """Open one more file, which gets its name with the others."""
        draft = Draft(target)
        self._drafts.append(draft)
        await self._run(draft.open)
        return draft

    async def __aenter__(self) -> Self:
        try:
            await self._run(self._open_all)
            await self._begin()
        except BaseException:
            await self._turns.finish(self._discard_all)
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self._finish()
                await self._run(commit_all, self._drafts)
        finally:
            await self._turns.finish(self._discard_all)

    def _open_all(self) -> None:
        for draft in self._drafts:
            draft.open()

    def _discard_all(self) -> None:
        with ExitStack() as cleanup:
            for draft in self._drafts:
                cleanup.callback(draft.discard)
            self._undo()


def commit_all(drafts: Sequence[Draft]) -> None:
    """Seal all files, then give them their names, the first one last."""
    for draft in drafts:
        draft.seal()
    for draft in reversed(drafts):
        draft.commit()


def beside(target: Target, part: str) -> str:
    """Name a file beside another one: `data.csv.gz` and `members` make `data.members.csv.gz`."""
    text = os.fspath(target)
    split = max(text.rfind("/"), -1 if is_url(text) else text.rfind(os.sep)) + 1
    name = NAME.fullmatch(text[split:])
    if name is None:
        raise ConfigError(f"{text} does not name a file")
    return f"{text[:split]}{name['stem']}.{part}{name['suffix'] or ''}"
