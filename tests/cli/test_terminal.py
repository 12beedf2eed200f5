"""What is shown to people cannot do anything to their terminals."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.cli.terminal import JOINERS, TerminalBytes, json_line, plain, show_table

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NASTY = "\x1b[31m red \x9b2J \u202e txet \x7f \x07"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_shown_text_is_printable(text: str):
    assert all(char.isprintable() or char in JOINERS for char in plain(text))


def test_letters_of_all_scripts_stay_as_they_are():
    text = "Ñuñoa, 李雷, می‌خواهم, زهرة, हिन्दी"
    assert plain(text) == text


@given(JSON)
def test_shown_json_has_the_same_value(value: Any):
    line = json_line(value)
    assert json.loads(line) == value
    assert all(char.isprintable() or char in JOINERS for char in line)


def test_rows_on_a_terminal_have_the_same_values():
    screen = io.BytesIO()
    screen.name = "screen"
    shown = TerminalBytes(screen)
    line = json.dumps({"name": NASTY + "é"}, ensure_ascii=False).encode() + b"\n"
    shown.write(line * 2)
    shown.flush()
    assert [json.loads(one) for one in screen.getvalue().splitlines()] == [json.loads(line)] * 2
    assert "\x9b" not in screen.getvalue().decode()


def test_a_table_on_a_terminal_shows_markup_as_text(monkeypatch: pytest.MonkeyPatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    show_table(("name", "rows"), [(f"[bold]{NASTY}[/bold]", 3)])
    text = screen.getvalue()
    assert "[bold]\\x1b[31m red \\x9b2J \\u202e txet" in text
    assert "─" in text


def test_a_table_in_a_pipe_is_lines_with_tabs(capsys: pytest.CaptureFixture[str]):
    show_table(("name", "rows"), [("a\tb", 3)])
    assert capsys.readouterr().out == "name\trows\na\\tb\t3\n"


def test_a_uid_is_shown_whole_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    uid, name = "af3qYSLQuWyY4zwKUz674h", "A household survey with a long name"
    show_table(("uid", "name", "owner"), [(uid, name, "alice-the-coordinator")])
    assert uid in screen.getvalue()
    assert "…" not in screen.getvalue()
