"""Every block of every page runs, and prints what is said."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from fsspec.implementations.memory import MemoryFileSystem

import kobo_async.client
from kobo_async import Settings
from kobo_async.testing import FakeKobo
from kobo_async.testing.clock import FakeClock
from kobo_async.transport.http import Http
from tests.sinks.postgres import Postgres, postgres
from tests.unit.keyrings import Memory, using

from .engines import STAND_INS
from .pages import PAGES, ROOT, blocks, label
from .stage import WAYS, Stage

ANYTHING = "…"
OUTPUT = "text"
BUILT = {"{eval-rst}", "{include}", "{toctree}"}
"""What Sphinx runs when it builds the pages, and takes any warning for an error."""
LOGGERS = ("root", "kobo_async")
WITH_EXAMPLES = [page for page in PAGES if {block.kind for block in blocks(page)} - BUILT]


@pytest.fixture(scope="module")
def database_server() -> Iterator[Callable[[], Postgres]]:
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(postgres()))


@contextmanager
def loggers_kept() -> Iterator[None]:
    """Leave no level and no handler of a page to those who log later."""
    kept = [(one, one.level, one.handlers[:]) for one in map(logging.getLogger, LOGGERS)]
    yield
    for logger, level, handlers in kept:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def stage(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    database_server: Callable[[], Postgres],
) -> Iterator[Stage]:
    """Answer in process whatever address is asked, if it names no port, and let nobody wait."""
    fake = FakeKobo()
    uid = fake.add_form("Household survey", rows=2500).uid

    def in_process(settings: Settings, *, transport: Any = None, app: Any = None) -> Http:
        on_socket = urlsplit(settings.server).port
        return Http(settings, transport=transport, app=None if on_socket else app or fake)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kobo_async.client, "Http", in_process)
    monkeypatch.setattr(kobo_async.client, "SystemClock", FakeClock)
    monkeypatch.setattr(MemoryFileSystem, "store", {})
    for name, module in STAND_INS.items():
        monkeypatch.setitem(sys.modules, name, module)
    server = {"KOBO_URL": "http://localhost", "KOBO_TOKEN": fake.token}
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    with patch.dict(os.environ, server | home), using(Memory()), ExitStack() as stack:
        stack.enter_context(loggers_kept())
        yield Stage(fake, uid, tmp_path, capsys, database_server, stack)


@pytest.mark.timeout(900)  # a page may start many processes, and the machine be busy
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=label)
def test_every_block_of_a_page_runs_and_prints_what_is_said(page: Path, stage: Stage):
    for block, after in pairwise([*blocks(page), None]):
        if block is None or block.kind == OUTPUT or block.kind in BUILT:
            continue
        printed = WAYS[block.kind](stage, block)
        if after and after.kind == OUTPUT:
            said = stage.filled(after)
            assert fits(printed, said), f"line {block.line}: {printed}"
        else:
            assert stage.shell.code == 0, f"line {block.line}: {printed}"


def fits(printed: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in said.strip().split(ANYTHING))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_a_page_has_no_block_that_nothing_runs_or_prints(page: Path):
    kinds = [block.kind for block in blocks(page)]
    assert {*kinds} <= {*WAYS, *BUILT, OUTPUT}
    printing = {before for before, after in pairwise(["", *kinds]) if after == OUTPUT}
    assert printing <= {"python", "sh"}, "a text is what the block before it prints"
    fences = re.findall(r"^:{3,}(.*)$", page.read_text("utf-8"), re.MULTILINE)
    assert all(name.startswith("{") for name in filter(None, fences)), "fences are of backticks"


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=label)
def test_a_file_on_a_page_has_a_name_and_is_used_later(page: Path):
    found = [*blocks(page)]
    files = [(place, one) for place, one in enumerate(found) if WAYS.get(one.kind) is Stage.keep]
    for place, block in files:
        assert block.file
        assert any(block.file in later.text for later in found[place + 1 :]), block.file


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
