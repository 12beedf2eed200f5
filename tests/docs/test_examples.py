"""The examples of README and docs: the code runs, prints what is said, and the commands exist."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import attrs
import pytest
from click import Context

import kobo_async.client
from kobo_async import KoboClient, Settings
from kobo_async.cli.app import app
from kobo_async.testing import FakeKobo
from kobo_async.testing.clock import FakeClock
from kobo_async.transport.http import Http

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
]
BLOCK = re.compile(
    r"^<!-- setup\n(?P<setup>.*?)^-->$|^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
KINDS = {"python", "text", "sh", "toml", "json"}
ANYTHING = "…"


@attrs.frozen
class Block:
    """A fenced block, or a hidden set-up, and whether nothing stands between it and the last."""

    kind: str
    text: str
    line: int
    follows: bool
    hidden: bool


def blocks(page: Path) -> Iterator[Block]:
    text, end = page.read_text(encoding="utf-8"), 0
    for found in BLOCK.finditer(text):
        hidden = found["setup"] is not None
        kind, body = ("python", found["setup"]) if hidden else (found["kind"], found["body"])
        line = text.count("\n", 0, found.start())
        follows = not text[end : found.start()].strip()
        yield Block(kind, body, line, follows=follows, hidden=hidden)
        end = found.end()


def examples(page: Path) -> Iterator[tuple[Block, str | None]]:
    """Yield each block of Python with what it is said to print."""
    for block, after in pairwise([*blocks(page), None]):
        if block and block.kind == "python":
            shown = after and after.kind == "text" and after.follows
            yield block, after.text if after and shown else None


def label(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Give examples a server in process, a clock that does not wait, and a folder of their own."""
    fake = FakeKobo()
    uid = fake.add_form("Household survey", rows=2500).uid

    def in_process(settings: Settings, *, transport: Any = None, app: Any = None) -> Http:
        on_socket = urlsplit(settings.server).port
        return Http(settings, transport=transport, app=None if on_socket else app or fake)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kobo_async.client, "Http", in_process)
    monkeypatch.setattr(kobo_async.client, "SystemClock", FakeClock)
    client = KoboClient("http://localhost", token=fake.token)
    known = {"uid": uid, "fake": fake, "client": client, "token": fake.token}
    with patch.dict(os.environ, KOBO_URL="http://localhost", KOBO_TOKEN=fake.token):
        yield {"__name__": "example", **known}


@pytest.mark.parametrize("page", [page for page in PAGES if any(examples(page))], ids=label)
def test_the_examples_of_a_page_run_and_print_what_is_said(
    page: Path, names: dict[str, Any], capsys: pytest.CaptureFixture[str]
):
    with asyncio.Runner() as runner:
        for block, said in examples(page):
            run(runner, block, page, names)
            printed = capsys.readouterr().out
            assert said is None or fits(printed, said), f"line {block.line}: {printed}"
        runner.run(names["client"].aclose())


def run(runner: asyncio.Runner, block: Block, page: Path, names: dict[str, Any]) -> None:
    """Run a block; those that await run in the loop of the page, others may start their own."""
    source = "\n" * (block.line + 1) + block.text
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(source, page, "exec", flags=flags, dont_inherit=True)
    result = eval(code, names)  # noqa: S307 - our own examples
    if inspect.iscoroutine(result):
        runner.run(result)


def fits(printed: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in said.strip().split(ANYTHING))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_a_page_has_no_block_that_escapes_these_tests(page: Path):
    seen = [block for block in blocks(page) if not block.hidden]
    assert {block.kind for block in seen if not block.kind.startswith("{")} <= KINDS
    fences = re.findall(r"^\s*(?:`{3,}|~{3,})", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(seen), "fences stand at the margin, in pairs"


COMMANDS = [
    (label(page), line.strip())
    for page in PAGES
    for block in blocks(page)
    if block.kind == "sh"
    for line in block.text.splitlines()
    if line.startswith("kobo-async")
]


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_exists_with_all_its_options(page: str, line: str):
    _, name, *options = shlex.split(line, comments=True)
    command = app.get_command(Context(app), name)
    assert command, f"{page}: {name} is no command"
    command.make_context(name, [*options])


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_links_between_pages_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert not [link for link in local if not (page.parent / link).exists()]


def test_links_to_elsewhere_are_well_formed():
    links = [
        urlsplit(link)
        for page in {*PAGES, *ROOT.glob("*.md")}
        for link in re.findall(r"\]\(([^)]+://[^)]*)\)|<(\w+://[^>]*)>", page.read_text("utf-8"))
        for link in filter(None, link)
    ]
    assert links
    assert [link for link in links if link.scheme != "https" or "." not in link.netloc] == []
