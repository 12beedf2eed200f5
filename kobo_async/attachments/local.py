"""A mirror in a folder of this machine.

All of it is done at once, in the event loop: worker threads cost more than the writing itself.
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
        self._root = folder.absolute()
        self._growing = self._root / GROWING
        self._hidden = self._root / HIDDEN
        self._log: BinaryIO | None = None
        self._lock: sqlite3.Connection | None = None
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"{folder} is a file: name a folder")
        if not self._root.parent.is_dir():
            raise ConfigError(f"there is no folder {self._root.parent}: make it first")

    async def __aenter__(self) -> None:
        _make(self._growing)
        # A lock that every system has, and that ends with the process that holds it.
        self._lock = sqlite3.connect(self._hidden / "lock", timeout=0, isolation_level=None)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise in_use(str(self._root)) from error

    async def __aexit__(self, *_: object) -> None:
        if self._log:
            self._log.close()
        if self._lock:
            self._lock.close()

    def unfinished(self, key: str) -> Path:
        """Return where a file grows."""
        return self._growing / key

    def clear(self) -> None:
        """Throw away what is unfinished."""
        for path in self._growing.iterdir():
            path.unlink()

    async def read_log(self) -> bytes:
        """Return all lines."""
        log = self._hidden / LOG
        return log.read_bytes() if log.exists() else b""

    @property
    def scattered(self) -> bool:
        """Whether the log stands in many pieces, which it never does."""
        return False

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
            return (self._root / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    async def publish(self, unfinished: Path, name: str, note: Note) -> None:
        """Give a file its name; what is noted before says where it is until then."""
        await note(f"{GROWING}/{unfinished.name}")
        _rename(unfinished, self._root / name)

    async def move(self, old: str, new: str) -> None:
        """Give a file another name."""
        _rename(self._root / old, self._root / new)
        self._prune(self._root / old)

    async def remove(self, name: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        (self._root / name).unlink()
        self._prune(self._root / name)

    def _prune(self, gone: Path) -> None:
        with suppress(OSError):  # the first folder that is not empty
            for folder in gone.parents:
                if folder in {self._root, self._growing}:
                    return
                folder.rmdir()


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _rename(old: Path, new: Path) -> None:
    try:
        old.replace(new)
    except FileNotFoundError:
        _make(new.parent)
        old.replace(new)
