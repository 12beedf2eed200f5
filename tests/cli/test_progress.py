"""The live line: on a terminal only."""

from __future__ import annotations

import io
import sys

import pytest

from kobo_async import Progress, RateLimited
from kobo_async.cli.progress import Bar, Silent, shown
from kobo_async.events import LimitChanged, Paused, Replied, Retrying


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen_for(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Make stderr a terminal."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("NO_COLOR", "1")
    return screen


def test_nothing_is_shown_unless_stderr_is_a_terminal(capsys: pytest.CaptureFixture[str]):
    with shown("wells") as watch:
        watch.moved(Progress(1, 2))
        watch.heard(LimitChanged(4))
    assert isinstance(watch, Silent)
    assert capsys.readouterr().err == ""


def test_nothing_is_shown_where_the_rows_are_shown(monkeypatch: pytest.MonkeyPatch):
    screen = screen_for(monkeypatch)
    with shown("wells", quiet=True) as watch:
        watch.moved(Progress(1, 2))
    assert screen.getvalue() == ""


def test_rows_speed_and_troubles_are_shown(monkeypatch: pytest.MonkeyPatch):
    screen = screen_for(monkeypatch)
    with shown("pulling [bold]wells") as watch:
        assert isinstance(watch, Bar)
        watch.heard(LimitChanged(6))
        watch.heard(Replied("GET /", 429, 0.1))
        watch.heard(Retrying("GET /", RateLimited(429, "slow down"), 1, 1.0))
        watch.moved(Progress(1500, 1000))
        retried = watch._note()
        watch.heard(Paused(2.0))
        watch._bars.refresh()
    assert retried == "6 at once, 1 retried (RateLimited)"
    text = screen.getvalue()
    assert "pulling [bold]wells" in text
    assert "1500/1500" in text
    assert "6 at once, 1 retried (asked to wait 2 s)" in text


def test_before_any_event_there_is_nothing_to_note(monkeypatch: pytest.MonkeyPatch):
    screen = screen_for(monkeypatch)
    with shown("wells") as watch:
        assert isinstance(watch, Bar)
        watch.heard(Replied("GET /", 200, 0.1))
        assert watch._note() == ""
    assert screen.getvalue()
