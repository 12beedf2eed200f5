"""A lock on a folder that ends with its process, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from kobo_async.errors import ConfigError

NAME: Final = ".lock"


class FolderLock:
    """Keeps other processes from writing to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            ConfigError: if somebody else has it.
        """
        file = os.open(self._folder / NAME, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(file)
        except OSError:
            os.close(file)
            raise ConfigError(f"{self._folder} is being written to by somebody else") from None
        self._file = file

    def release(self) -> None:
        """Let others write; without effect if the lock was not taken."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
