"""A PostgreSQL server of our own: in a temporary folder, on a socket of its file system alone.

Without PostgreSQL on the machine its tests are skipped, or fail if `KOBO_REQUIRE_POSTGRESQL` is
set. The server refuses to run as root: another user is chosen then.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import psycopg
import pytest

REQUIRED = bool(os.environ.get("KOBO_REQUIRE_POSTGRESQL"))
USERS = ("postgres", "nobody")
SETTINGS = {"listen_addresses": "", "fsync": "off", "timezone": "Asia/Kathmandu"}
"""A time zone that shows whether anything depends on it."""


@attrs.frozen
class Postgres:
    """A running server."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.folder), safe='')}"

    def run(self, sql: str, *arguments: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql, arguments or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, options: str = "") -> Iterator[str]:
        """Make a database; remove it afterwards, whoever is still connected."""
        name = f"test_{secrets.token_hex(4)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def programs() -> Path | None:
    """Find `initdb` and `postgres`: on the path, or where Debian hides them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    return max(versions, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server."""
    found = programs()
    if found is None:
        assert not REQUIRED, "PostgreSQL is required and not installed"
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="kobo-pg-") as name:
        folder, user = Path(name), _user()
        if user:
            shutil.chown(folder, user)
        _initialise(found, folder, user)
        options = [f"-c{key}={value}" for key, value in SETTINGS.items()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(  # noqa: S603 - a program we chose
                [found / "postgres", f"-D{folder / 'data'}", f"-k{folder}", *options],
                stdout=log,
                stderr=log,
                user=user,
                cwd=folder,
            )
        try:
            _wait(found, folder, server)
            yield Postgres(folder)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in known)


def _initialise(found: Path, folder: Path, user: str | None) -> None:
    subprocess.run(  # noqa: S603 - a program we chose
        [
            *(found / "initdb", f"-D{folder / 'data'}", "--username=postgres", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
    )


def _wait(found: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    asking = [found / "pg_isready", f"--host={folder}", "--timeout=1", "--quiet"]
    while subprocess.run(asking, check=False).returncode:  # noqa: S603 - likewise
        assert server.poll() is None, (folder / "log").read_text()
