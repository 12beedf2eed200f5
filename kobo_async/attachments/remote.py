"""A mirror in whatever fsspec has a driver for (extra `remote`).

Files grow in a temporary folder of this machine, and are uploaded when they are whole. Object
stores cannot append: the log is a row of objects, `manifest.jsonl/000001` and so on, in each of
which some lines stand. A process that is killed loses the lines that were not uploaded yet; the
files of these are fetched again. There is no lock: let one process at a time fill a place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

from kobo_async.attachments.fetching import forget, length
from kobo_async.attachments.places import HIDDEN, LOG, Note
from kobo_async.clock import Clock
from kobo_async.sinks.places import driver, protocols

T = TypeVar("T")
A = TypeVarTuple("A")
OBJECTS: Final = frozenset({"abfs", "abfss", "az", "gcs", "gs", "memory", "oss", "s3", "s3a"})
"""Protocols where a file is there whole or not at all."""
MOST_PIECES: Final = 20
MOST_LINES: Final = 50
LONGEST_WAIT: Final = 5.0
"""Lines, and seconds, after which lines are uploaded."""


class RemotePlace:
    """An address as a folder.

    Raises:
        ConfigError: for an address that nothing here understands.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        self._system, root = driver(address.rstrip("/"))
        self._root = root.rstrip("/")
        self._whole = not OBJECTS.isdisjoint(protocols(self._system))
        self._clock = clock
        self._sizes: dict[str, int] = {}
        self._logs: list[str] = []
        self._lines: list[bytes] = []
        self._flushed = 0.0

    async def __aenter__(self) -> None:
        self._folder = TemporaryDirectory(prefix="kobo-attachments-")
        try:
            self._sizes = await _thread(self._find)
        except BaseException:
            self._folder.cleanup()
            raise
        inside = f"{HIDDEN}/{LOG}/"
        self._logs = sorted(name for name in self._sizes if name.startswith(inside))
        self._flushed = self._clock.monotonic()

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            try:
                await self._flush()
            finally:
                self._folder.cleanup()

    def unfinished(self, key: str) -> Path:
        """Return where a file grows."""
        return Path(self._folder.name, key)

    def clear(self) -> None:
        """Throw away what is unfinished, which the end of the run does."""

    async def read_log(self) -> bytes:
        """Return all lines."""
        return b"".join([await _thread(self._system.cat_file, self._at(one)) for one in self._logs])

    @property
    def scattered(self) -> bool:
        """Whether the log stands in so many pieces that it had better be rewritten."""
        return len(self._logs) > MOST_PIECES

    async def append(self, lines: bytes) -> None:
        """Add lines; they are uploaded a little later."""
        self._lines.append(lines)
        late = self._clock.monotonic() - self._flushed > LONGEST_WAIT
        if late or len(self._lines) >= MOST_LINES:
            await self._flush()

    async def rewrite(self, lines: bytes) -> None:
        """Begin the log again; older parts count no more once the first line is there."""
        older, self._lines = [*self._logs], [lines]
        await self._flush()
        for one in older:
            await _thread(self._system.rm_file, self._at(one))
        self._logs = self._logs[len(older) :]

    async def size(self, name: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        return self._sizes.get(name)

    async def publish(self, unfinished: Path, name: str, note: Note) -> None:
        """Upload a file, then note it."""
        size = length(unfinished)
        await _thread(self._upload, unfinished, self._at(name))
        self._sizes[name] = size
        forget(unfinished)
        await note(None)

    async def move(self, old: str, new: str) -> None:
        """Give a file another name."""
        await _thread(self._make_folder, self._at(new))
        await _thread(self._system.mv, self._at(old), self._at(new))
        self._sizes[new] = self._sizes.pop(old)

    async def remove(self, name: str) -> None:
        """Remove a file."""
        await _thread(self._system.rm_file, self._at(name))
        del self._sizes[name]

    async def _flush(self) -> None:
        lines, self._lines = b"".join(self._lines), []
        self._flushed = self._clock.monotonic()
        if lines:
            number = int(self._logs[-1].rpartition("/")[2]) + 1 if self._logs else 1
            name = f"{HIDDEN}/{LOG}/{number:06d}"
            self._logs.append(name)
            await _thread(self._write, self._at(name), lines)

    def _find(self) -> dict[str, int]:
        self._system.invalidate_cache()
        try:
            found = self._system.find(self._root, detail=True)
        except FileNotFoundError:
            return {}
        start = len(self._root) + 1
        return {path[start:]: facts["size"] for path, facts in found.items()}

    def _upload(self, source: Path, path: str) -> None:
        self._put(path, lambda part: self._system.put_file(str(source), part))

    def _write(self, path: str, content: bytes) -> None:
        self._put(path, lambda part: self._system.pipe_file(part, content))

    def _put(self, path: str, write: Callable[[str], object]) -> None:
        """Write a file that is there whole or not at all."""
        if self._whole:
            write(path)
            return
        self._make_folder(path)
        folder, _, name = path.rpartition("/")
        part = f"{folder}/.{name[:100]}.part"
        write(part)
        self._system.mv(part, path)

    def _make_folder(self, path: str) -> None:
        if not self._whole:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"


async def _thread(work: Callable[[Unpack[A]], T], *args: *A) -> T:
    return await anyio.to_thread.run_sync(work, *args)
