"""The tutorial, followed to the letter; its Python runs in `test_examples`."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .test_examples import Block, blocks

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
PAGES = sorted(TUTORIAL.glob("*.md"))
ENGLISH = TUTORIAL / "first-download.md"
COMMAND = Path(sys.executable).with_name("kobo-async")
EXPORT = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)


def typed(page: Path) -> list[Block]:
    return [block for block in blocks(page) if not block.hidden]


def lines(page: Path) -> list[str]:
    return [line for block in typed(page) if block.kind == "sh" for line in block.text.splitlines()]


@contextmanager
def serving(command: str) -> Iterator[dict[str, str]]:
    """Start the server of the tutorial, on a free port."""
    options = re.sub(r"--port \d+", "--json", command).split()[1:]
    with subprocess.Popen([COMMAND, *options], stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own command
        try:
            assert server.stdout
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def test_who_types_what_the_tutorial_says_gets_the_table_and_the_page(tmp_path: Path):
    starting, *others = (line for line in lines(ENGLISH) if line.startswith("kobo-async"))
    said = dict(EXPORT.findall("\n".join(lines(ENGLISH)[:6])))
    with serving(starting) as served:
        assert said["KOBO_TOKEN"] == served["token"]
        environment = {**os.environ, "KOBO_URL": served["url"], "KOBO_TOKEN": served["token"]}
        for line in others[: others.index("kobo-async doctor")]:
            command = [COMMAND, *shlex.split(line)[1:]]
            subprocess.run(command, cwd=tmp_path, env=environment, check=True)  # noqa: S603 - our own command
    assert {file.name for file in tmp_path.iterdir()} == {"households.xlsx", "report.html"}


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != ENGLISH], ids=lambda page: page.stem
)
def test_a_translation_has_the_same_steps(page: Path):
    assert [block.kind for block in typed(page)] == [block.kind for block in typed(ENGLISH)]
    assert [re.sub("--labels ..", "", line) for line in lines(page)] == [
        re.sub("--labels ..", "", line) for line in lines(ENGLISH)
    ]
    pictures = re.compile(r"!\[[^]]+\]\(([^)]+)\)")
    assert pictures.findall(page.read_text("utf-8")) == pictures.findall(ENGLISH.read_text("utf-8"))
