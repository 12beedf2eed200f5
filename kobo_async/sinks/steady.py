"""Files whose bytes go to the disk while they are written, and then leave memory.

A system keeps what is written to files in memory for half a minute. Whoever must be sure that all
of it is on the disk then waits for all of it, at the end; here the disk works beside the download.
The memory of what has arrived there is taken for what comes next: to get more from the system
costs as much as to write, and on virtual machines several times as much.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any, Final

STRETCH: Final = 8 * 2**20
"""Bytes after which the disk is told to begin."""
REACH: Final = 3 * STRETCH
"""Bytes of which it is told each time: the latest are to be written, those before to be let go."""
NOT_NEEDED: Final = getattr(os, "POSIX_FADV_DONTNEED", None)


class _Steady(FileIO):
    """A new file, unbuffered."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "xb")
        self._waiting = 0

    def write(self, data: Any, /) -> int:
        """Write what fits, and say how much that was."""
        written = super().write(data)
        self._waiting += written
        if self._waiting >= STRETCH and NOT_NEEDED is not None:
            with suppress(OSError):  # a hint, which not every file system takes
                end = self.tell()
                os.posix_fadvise(self.fileno(), max(end - REACH, 0), min(end, REACH), NOT_NEEDED)
            self._waiting = 0
        return written


def new_file(path: Path) -> BufferedWriter:
    """Make a file that does not exist yet, to be written to."""
    return BufferedWriter(_Steady(path))
