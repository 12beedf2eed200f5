"""Where files are made: a place gives a file its name when it is whole, and not before.

A folder of this machine, or, with the extra `remote`, whatever fsspec has a driver for: `s3://`,
`gs://`, `sftp://`, `memory://`. All methods block; sinks call them in worker threads.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.sinks.steady import new_file

LONGEST_NAME: Final = 40
TRANSACTIONAL: Final = frozenset({"gcs", "gs", "memory", "oss", "s3", "s3a", "sftp", "smb", "ssh"})
"""Protocols whose drivers hold a file back until its transaction ends."""
URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")


class Place(Protocol):
    """One file that is to be."""

    def open(self) -> BinaryIO:
        """Begin: return the file to write to."""
        ...

    def seal(self) -> None:
        """Hand over what was written, still without its name."""
        ...

    def commit(self) -> None:
        """Give the sealed file its name."""
        ...

    def discard(self) -> None:
        """Remove whatever has not got its name; without effect after `commit`."""
        ...


def is_url(target: str | os.PathLike[str]) -> bool:
    """Tell whether a target is an address; a path with a drive letter is none."""
    return isinstance(target, str) and URL.match(target) is not None


def place_of(target: str | os.PathLike[str]) -> Place:
    """Return the place that a path or an address names.

    Raises:
        ConfigError: where no file can be, and for addresses that nothing here understands.
    """
    path = local_path(target)
    return Remote(str(target)) if path is None else Local(path)


def local_path(target: str | os.PathLike[str]) -> Path | None:
    """Return the path that a target names, or `file://` before it; None for other addresses."""
    if not is_url(target):
        return Path(target)
    address = str(target)
    if address.lower().startswith("file://"):
        return Path(url2pathname(urlsplit(address).path))
    return None


class Local:
    """A file of this machine.

    Until it is whole it stands in the same folder under a hidden name ending in `.part`. A file
    that is replaced hands down its permissions, a link keeps pointing where it points.
    """

    def __init__(self, target: Path) -> None:
        self.target = Path(os.path.realpath(target))
        if self.target.is_dir():
            raise ConfigError(f"{target} is a folder: name a file in it")
        if not self.target.parent.is_dir():
            raise ConfigError(f"there is no folder {self.target.parent}: make it first")
        name = self.target.name[:LONGEST_NAME]
        self.path = self.target.parent / f".{name}.{secrets.token_hex(4)}.part"
        self._file: BinaryIO | None = None

    def open(self) -> BinaryIO:
        """Begin."""
        self._file = new_file(self.path)
        return self._file

    def seal(self) -> None:
        """Make sure that everything is on the disk."""
        if self._file is not None and not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def commit(self) -> None:
        """Give the file its name."""
        if self.target.exists():
            self.path.chmod(stat.S_IMODE(self.target.stat().st_mode))
        self.path.replace(self.target)

    def discard(self) -> None:
        """Remove the unfinished file."""
        try:
            if self._file is not None:
                self._file.close()
        finally:
            self.path.unlink(missing_ok=True)


class Remote:
    """A file that fsspec writes.

    Where the driver has transactions, nothing is to be seen before `commit`, and nothing is left by
    `discard`: a crash can leave parts of an upload, which the store's own rules clean up. Elsewhere
    the file stands beside its target under a hidden name ending in `.part`, and is moved.
    """

    def __init__(self, address: str) -> None:
        # The transaction belongs to the object, which therefore must not be shared.
        self._system, self.path = driver(address, skip_instance_cache=True)
        self._part = self.path
        if TRANSACTIONAL.isdisjoint(protocols(self._system)):
            folder, slash, name = self.path.rpartition("/")
            self._part = f"{folder}{slash}.{name[:LONGEST_NAME]}.{secrets.token_hex(4)}.part"
        self._file: Any = None

    def open(self) -> BinaryIO:
        """Begin."""
        if self._part == self.path:
            self._system.start_transaction()
        try:
            self._file = self._system.open(self._part, "wb")
        except NotImplementedError as error:
            scheme = protocols(self._system)[0]
            raise ConfigError(f"{scheme}:// can be read from alone, not written to") from error
        file: BinaryIO = self._file
        return file

    def seal(self) -> None:
        """Upload the rest."""
        self._file.close()

    def commit(self) -> None:
        """Give the file its name."""
        if self._part == self.path:
            self._system.end_transaction()
        else:
            self._system.mv(self._part, self.path)
        self._file = None

    def discard(self) -> None:
        """Abort the upload."""
        if self._file is None:
            return
        with suppress(Exception):  # the rest of an upload that is thrown away
            self._file.close()
        self._file = None
        if self._part == self.path:
            self._system.transaction.complete(commit=False)
        else:
            self._system.rm_file(self._part)


def driver(address: str, **options: Any) -> tuple[Any, str]:
    """Return what fsspec has for an address, and the path in it.

    Raises:
        ConfigError: for an address that nothing here understands.
    """
    with needed("remote"):
        import fsspec.core  # noqa: PLC0415 - the extra is needed for addresses alone
    try:
        system, path = fsspec.core.url_to_fs(address, **options)
    except (ImportError, ValueError) as error:
        scheme = URL.match(address)
        raise ConfigError(f"cannot write to {scheme and scheme[0]}: {error}") from error
    return system, str(path)


def protocols(system: Any) -> tuple[str, ...]:
    """Return the schemes that a driver answers to."""
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)
