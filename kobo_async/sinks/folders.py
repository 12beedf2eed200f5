"""Folders that sinks fill with files: of this machine, or of whatever fsspec has a driver for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.sinks.base import Target
from kobo_async.sinks.places import is_url


def is_folder(target: Target) -> bool:
    """Tell whether a target names a folder: it ends with a slash, or its name has no suffix."""
    text = os.fspath(target)
    ends = text.endswith(("/", os.sep))
    return ends or "." not in re.split(r"[/\\]", text)[-1].lstrip(".")


class Folder:
    """A folder that is made when it is needed.

    Raises:
        ConfigError: where no folder can be.
    """

    def __init__(self, target: Target) -> None:
        self.name = os.fspath(target).rstrip("/" + os.sep)
        self._path = None if is_url(target) else Path(self.name)
        self._made: list[Path] = []
        if self._path and self._path.is_file():
            raise ConfigError(f"{self.name} is a file: name a folder")
        if self._path and not self._path.absolute().parent.is_dir():
            raise ConfigError(f"there is no folder {self._path.absolute().parent}: make it first")

    def is_empty(self) -> bool:
        """Tell whether there is nothing in it yet."""
        if self._path:
            return not self._path.exists() or not any(self._path.iterdir())
        system, path = self._remote()
        return not system.exists(path) or not system.ls(path)

    def names(self) -> Iterator[str]:
        """Yield the files in it and in the folders below, as paths from here."""
        if self._path:
            found = (path for path in self._path.rglob("*") if path.is_file())
            yield from (path.relative_to(self._path).as_posix() for path in found)
            return
        system, path = self._remote()
        yield from (one.removeprefix(f"{path}/") for one in system.find(path))

    def remove(self, name: str) -> None:
        """Remove a file, if it is still there."""
        if self._path:
            (self._path / name).unlink(missing_ok=True)
            return
        system, path = self._remote()
        with suppress(FileNotFoundError):
            system.rm_file(f"{path}/{name}")

    def _remote(self) -> tuple[Any, str]:
        """Return what fsspec knows it by, as it is now."""
        with needed("remote"):
            import fsspec.core  # noqa: PLC0415 - the extra is needed for addresses alone
        system, path = fsspec.core.url_to_fs(self.name)
        system.invalidate_cache()
        return system, str(path)

    def file(self, *parts: str) -> str:
        """Return the target of a file in it, and make the folders around it."""
        if self._path:
            self._make(self._path.joinpath(*parts[:-1]))
        return "/".join((self.name, *parts))

    def _make(self, path: Path) -> None:
        if not path.is_dir():
            self._make(path.parent)
            path.mkdir(exist_ok=True)  # another process may have made it just now
            self._made.append(path)

    def clean(self) -> None:
        """Remove those folders that were made and have nothing in them."""
        for path in reversed(self._made):
            with suppress(OSError):
                path.rmdir()
