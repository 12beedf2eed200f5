"""Ways to run the command, and a fake server on a socket for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from anyio.from_thread import start_blocking_portal
from click.testing import CliRunner, Result

import kobo_async
from kobo_async.cli.app import app
from kobo_async.testing import FakeKobo, serve

ROOT = Path(kobo_async.__file__).parents[1]
Invoke = Callable[..., Result]
Process = subprocess.Popen[bytes]


@attrs.frozen
class Server:
    """A fake server under an address."""

    fake: FakeKobo
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"KOBO_URL": self.url, "KOBO_TOKEN": self.fake.token}


@contextmanager
def serving(fake: FakeKobo) -> Iterator[Server]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serve(fake)) as url:
        yield Server(fake, url)


def run(*arguments: str, env: Mapping[str, str] | None = None, says: str = "") -> Result:
    """Run the command in this process; `says` is what is typed in."""
    runner = CliRunner(env=env)
    return runner.invoke(app, arguments, input=says, prog_name="kobo-async")


def lines(text: str | bytes) -> list[Any]:
    """Read JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def rows(text: str) -> list[list[str]]:
    """Read lines with tabs, without the heading."""
    return [line.split("\t") for line in text.splitlines()[1:]]


def environment() -> dict[str, str]:
    """Return the environment of processes: they import the same package, and nothing else."""
    others = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    return others | {"PYTHONPATH": str(ROOT)}


@contextmanager
def process(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Run the command in a process of its own, at most as long as the block."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-W", "error", "-m", "kobo_async.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment() | dict(env or {}),
    ) as command:
        try:
            yield command
        finally:
            command.kill()


def finished(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, bytes, bytes]:
    """Run the command in a process of its own to its end; return exit code, stdout and stderr."""
    with process(*arguments, env=env) as command:
        out, err = command.communicate()
        return command.returncode, out, err
