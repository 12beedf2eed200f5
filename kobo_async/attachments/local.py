"""A mirror in a folder of this machine.

All of it is done at once, in the event loop: worker threads cost more than the writing itself.
Paths are text here, for the same reason.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from kobo_async.attachments.places import HIDDEN, LOG, Note, in_use
from kobo_async.errors import ConfigError

GROWING: Final = f"{HIDDEN}/unfinished"


class LocalPlace:
    """A folder, made if it is not there. One process at a time fills it.

    Raises:
        ConfigError: where no folder can be.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._root = f"{self._folder}/"
        self._hidden = self._folder / HIDDEN
        self._log: BinaryIO | None = None
        self._lock: sqlite3.Connection | None = None
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"{folder} is a file: name a folder")
        if not self._folder.parent.is_dir():
            raise ConfigError(f"there is no folder {self._folder.parent}: make it first")

    async def __aenter__(self) -> None:
        Path(self._root, GROWING).mkdir(parents=True, exist_ok=True)
        # A lock that every system has, and that ends with the process that holds it.
        self._lock = sqlite3.connect(self._hidden / "lock", timeout=0, isolation_level=None)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise in_use(str(self._folder)) from error

    async def __aexit__(self, *_: object) -> None:
        if self._log:
            self._log.close()
        if self._lock:
            self._lock.close()

    def unfinished(self, key: str) -> str:
        """Return where a file grows."""
        return f"{self._root}{GROWING}/{key}"

    def clear(self) -> None:
        """Throw away what is unfinished."""
        for path in Path(self._root, GROWING).iterdir():
            path.unlink()

    async def read_log(self) -> bytes:
        """Return all lines."""
        log = self._hidden / LOG
        return log.read_bytes() if log.exists() else b""

    async def append(self, lines: bytes) -> None:
        """Add lines."""
        if self._log is None:
            self._log = (self._hidden / LOG).open("ab")
        self._log.write(lines)
        self._log.flush()

    async def rewrite(self, lines: bytes) -> None:
        """Put lines in the place of all others, at once."""
        draft = self._hidden / f"{LOG}.part"
        with draft.open("wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._hidden / LOG)

    async def size(self, name: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        try:
            return os.stat(self._root + name).st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    async def publish(self, unfinished: str, name: str, note: Note) -> None:
        """Give a file its name; what is noted before says where it is until then."""
        await note(unfinished.removeprefix(self._root))
        _rename(unfinished, self._root + name)

    async def move(self, old: str, new: str) -> None:
        """Give a file another name."""
        _rename(self._root + old, self._root + new)
        self._prune(old)

    async def remove(self, name: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        os.unlink(self._root + name)
        self._prune(name)

    def _prune(self, gone: str) -> None:
        folder = os.path.dirname(gone)
        with suppress(OSError):  # the first folder that is not empty
            while folder and not folder.startswith(HIDDEN):
                os.rmdir(self._root + folder)
                folder = os.path.dirname(folder)


def _rename(old: str, new: str) -> None:
    try:
        os.replace(old, new)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(new), exist_ok=True)
        os.replace(old, new)
