"""Programs that examples run: our own command, its processes, and what sets it up."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import attrs
import click
from click.testing import CliRunner

from kobo_async.cli.app import app
from tests.cli.running import environment

from .pages import ROOT

COMMAND = [sys.executable, "-m", "kobo_async.cli"]
PIP = [sys.executable, "-m", "pip"]
OURS = {"kobo-async": COMMAND, "pip": PIP, "python": [sys.executable]}
AT_WORK = {"receive": "receiving on", "sync": "unchanged"}
"""What commands say once they are at what they do until Ctrl-C."""


@attrs.frozen
class Ended:
    """How a program ended: with this code, this output, and all that showed on the terminal."""

    code: int = 0
    out: bytes = b""
    shown: str = ""


def in_process(arguments: Sequence[str], stdin: bytes) -> Ended:
    """Run our command in this process."""
    ended = CliRunner().invoke(app, arguments, input=stdin, prog_name="kobo-async")
    if not isinstance(ended.exception, SystemExit | None):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout_bytes, ended.output)


def until_ctrl_c(arguments: Sequence[str]) -> Ended:
    """Run a command that goes on, and give it Ctrl-C once it says that it is at work."""
    echo, waiting_for = click.echo, [AT_WORK[arguments[0]]]

    def heard(message: Any = None, **options: Any) -> None:
        echo(message, **options)
        if waiting_for and waiting_for[0] in str(message):
            waiting_for.clear()
            signal.raise_signal(signal.SIGINT)

    with patch.object(click, "echo", heard):
        ended = in_process(arguments, b"")
    assert not waiting_for, ended.shown
    return ended


def run(words: Sequence[str], stdin: bytes, folder: Path, variables: Mapping[str, str]) -> Ended:
    """Run another program; scripts are those of the project."""
    program, *arguments = [str(ROOT / one) if (ROOT / one).is_file() else one for one in words]
    command = [*OURS.get(program, [program]), *arguments]
    ended = subprocess.run(  # noqa: S603 - what the documentation says
        command, input=stdin, capture_output=True, check=False, cwd=folder, env=variables
    )
    return Ended(ended.returncode, ended.stdout, (ended.stdout + ended.stderr).decode())


@contextmanager
def served(arguments: Sequence[str], variables: Mapping[str, str]) -> Iterator[str]:
    """Have a fake server as long as the block; return what it says of itself."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments], stdout=subprocess.PIPE, env=variables, text=True
    ) as command:
        try:
            lines = map(str.strip, command.stdout or ())
            yield "\n".join(iter(lambda: next(lines, ""), ""))
            command.send_signal(signal.SIGINT)
            assert command.wait(60) == 0
        finally:
            command.kill()


@cache
def in_clone(line: str) -> Ended:
    """Run a line where the project was set up, with the environment of these tests for `.venv`."""
    with TemporaryDirectory() as name:
        clone = Path(name).resolve()
        programs = clone / ".venv" / "bin"
        for folder in (clone / "dev", programs):
            folder.mkdir(parents=True)
        shutil.copy(ROOT / "dev" / "run", clone / "dev")
        shutil.copy(ROOT / "pyproject.toml", clone)
        stamp = f"{clone}\n{(ROOT / 'pyproject.toml').read_text('utf-8')}"
        (clone / ".venv" / "installed-for-demo").write_text(stamp, "utf-8")
        for file in Path(sys.executable).parent.iterdir():
            (programs / file.name).symlink_to(file)
        return run(["sh", "-c", line], b"", clone, environment())


@cache
def pip_install(*what: str) -> Ended:
    """Start pip; all that it shall install must be here already, for it may not fetch or change.

    `.` is the clone, or this package where that was installed without its source.
    """
    clone = "." if (ROOT / "kobo_async").is_dir() else "kobo-async"
    places = [re.sub(r"^\.", clone, one) for one in what]
    command = ["pip", "--isolated", "install", "--no-index", "--dry-run", "--no-build-isolation"]
    alone = environment() | {"PIP_CONFIG_FILE": os.devnull}  # no folder of wheels either
    ended = run([*command, *places], b"", ROOT, alone)
    missing = "does not provide the extra" in ended.shown  # of which pip only warns
    return attrs.evolve(ended, code=ended.code or int(missing))
