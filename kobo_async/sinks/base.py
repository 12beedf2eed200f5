"""What a sink is, and files that are never seen half written.

A sink takes rows and does not know where they come from. It is a context: what was written
counts when the block ends, and is undone when the block fails or is cancelled.

    async with JsonLines("rows.jsonl") as sink:
        async for rows in batches:
            await sink.write(rows)
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, TypeAlias

from kobo_async.errors import ConfigError

Row: TypeAlias = Mapping[str, Any]
LONGEST_NAME = 40


class Sink(Protocol):
    """A place where rows go."""

    async def write(self, rows: Sequence[Row], /) -> None:
        """Take some more rows."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Draft:
    """A file that gets its name when it is whole.

    Until then it stands in the same folder under a hidden name ending in `.part`. A file that
    is replaced hands down its permissions, a link keeps pointing where it points.
    """

    def __init__(self, target: str | Path) -> None:
        self.target = Path(os.path.realpath(target))
        if self.target.is_dir():
            raise ConfigError(f"{target} is a folder: name a file in it")
        if not self.target.parent.is_dir():
            raise ConfigError(f"there is no folder {self.target.parent}: make it first")
        name = self.target.name[:LONGEST_NAME]
        self._path = self.target.parent / f".{name}.{secrets.token_hex(4)}.part"
        self._file: BinaryIO | None = None

    @property
    def file(self) -> BinaryIO:
        """The open file."""
        if self._file is None:
            raise RuntimeError("a sink is written to inside `async with`")
        return self._file

    def open(self) -> None:
        """Begin."""
        self._file = self._path.open("xb")

    def commit(self) -> None:
        """Make sure that everything is on the disk, and give the file its name."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if self.target.exists():
            self._path.chmod(stat.S_IMODE(self.target.stat().st_mode))
        self._path.replace(self.target)

    def discard(self) -> None:
        """Remove whatever has not got its name."""
        try:
            self.file.close()
        finally:
            self._path.unlink(missing_ok=True)


class FileSink:
    """The context of the sinks that make one file."""

    def __init__(self, target: str | Path) -> None:
        self._draft = Draft(target)
        self._cleanup = ExitStack()

    async def _finish(self) -> None:
        """Write what is written last."""

    async def __aenter__(self) -> Self:
        self._draft.open()
        self._cleanup.callback(self._draft.discard)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        with self._cleanup:
            if kind is None:
                await self._finish()
                self._draft.commit()
