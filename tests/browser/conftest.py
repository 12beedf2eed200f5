"""A browser, and a report of a project whose words are hostile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .chromium import Chromium, Tab, installed, started
from .projects import HOSTILE, report

Show = Callable[..., Tab]
REQUIRED = "KOBO_REQUIRE_CHROMIUM" in os.environ


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = installed()
    if program is None:
        assert not REQUIRED, "there is no Chromium"
        pytest.skip("no Chromium here")
    with started(program, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def show(chromium: Chromium) -> Iterator[Show]:
    """Open pages in tabs that last as long as the test."""
    tabs: list[Tab] = []

    def show(path: Path, *, width: int = 1280, dark: bool = False) -> Tab:
        tab = chromium.tab(width=width, dark=dark)
        tabs.append(tab)
        tab.open(path)
        return tab

    yield show
    for tab in tabs:
        tab.ask("Page.close")


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the report of an ordinary project."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report("Water & livelihoods"), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a report in which every word wants to be a program."""
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    path.write_text(report(HOSTILE, words=HOSTILE), encoding="utf-8")
    return path
