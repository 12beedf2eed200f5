"""Where a mirror stands, as those see it who fill it.

Names are relative, with `/` between their parts, and safe (`names.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from kobo_async.errors import ConfigError

HIDDEN: Final = ".kobo-attachments"
"""Folder of the manifest and of unfinished files. No attachment's name begins with a dot."""
LOG: Final = "manifest.jsonl"
Note: TypeAlias = Callable[[str | None], Awaitable[None]]
"""Writes down that a file is whole, and where it stands as long as it has not got its name."""


class Place(Protocol):
    """A folder of files with a log."""

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...

    def unfinished(self, key: str) -> Path:
        """Return the path of a file of this machine that grows."""
        ...

    def clear(self) -> None:
        """Throw away what is unfinished."""
        ...

    async def read_log(self) -> bytes:
        """Return all lines."""
        ...

    @property
    def scattered(self) -> bool:
        """Whether the log stands in so many pieces that it had better be rewritten."""
        ...

    async def append(self, lines: bytes) -> None:
        """Add lines."""
        ...

    async def rewrite(self, lines: bytes) -> None:
        """Put lines in the place of all others, at once."""
        ...

    async def size(self, name: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        ...

    async def publish(self, unfinished: Path, name: str, note: Note) -> None:
        """Give a file its name, in the place of whatever has it, and note that it is whole."""
        ...

    async def move(self, old: str, new: str) -> None:
        """Give a file another name."""
        ...

    async def remove(self, name: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        ...


def in_use(name: str) -> ConfigError:
    """Say that two processes cannot fill one folder."""
    return ConfigError(f"another process is mirroring into {name}")
