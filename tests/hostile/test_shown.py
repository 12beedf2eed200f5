"""Names of files, pages and terminals: hostile text is shown as text, and leads nowhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Final

import pytest
from hypothesis import example, given, settings

from kobo_async.attachments.entries import wanted
from kobo_async.attachments.names import FIELDS, Template
from kobo_async.cli.terminal import json_line, plain, say, show_table
from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Layout
from kobo_async.forms.tabulate import Tabulator
from kobo_async.report.page import page
from kobo_async.report.summary import Summary
from tests.hostile.attacks import SENDABLE, TERMINAL, TEXTS, texts
from tests.hostile.projects import PROJECTS, WHOLE, Project, projects

MADE: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATTERNS: Final = (
    "{question_xpath}/{_id}{ext}",
    "{name}",
    "{stem}{ext}",
    "{uid}/{name}",
    "{root_uuid}{ext}",
)
DEVICES: Final = re.compile(
    r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?"
)
CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ON_TERMINALS: Final = re.compile(f"{CONTROLS.pattern[:-1]}\u061c\u200b\ufeff\U000e0041]")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_attachment_leaves_its_folder_on_any_system(pattern: str):
    template = Template(pattern)
    for text in TEXTS:
        entry = {"filename": text, "question_xpath": text, "uid": text, "mimetype": text}
        row = {"_id": 1, "_uuid": text, "_attachments": [entry, {"media_file_basename": text}]}
        for one in wanted(row):
            name = one.named(template)
            posix, windows = PurePosixPath("/root", name), PureWindowsPath("C:/root", name)
            assert posix.is_relative_to("/root")
            assert windows.is_relative_to("C:/root")
            assert not {"..", "."} & {*posix.parts, *windows.parts}
            parts = name.split("/")
            assert all(parts)
            assert not [part for part in parts if DEVICES.fullmatch(part) or part[0] == "."]
            assert not [part for part in parts if part[-1] in ". " or len(part.encode()) > 255]
            assert not re.search('[<>:"\\\\|?*\x00-\x1f\ud800-\udfff]', name)
            assert not ON_TERMINALS.search(name)


@pytest.mark.parametrize(
    "pattern", ["{0.__class__}", "{uid!r:>{width}}", "{name.__class__}", "{x}"]
)
def test_a_template_reaches_no_attributes(pattern: str):
    with pytest.raises(ConfigError):
        Template(pattern)
    assert "uid" in FIELDS


class _Page(HTMLParser):
    """Collects what a browser would act upon."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def fitting(layout: Layout) -> list[dict[str, Any]]:
    """Answer all questions with what some of them take: only that is drawn."""
    paths = [question.path for question in layout.form.questions if not question.repeat]
    answers = ("7", "8.5", "2026-11-21", "1 2 0 0")
    return [{**dict.fromkeys(paths, one), "_id": number} for number, one in enumerate(answers, 3)]


@settings(max_examples=max(PROJECTS // 3, 5), deadline=None)
@example(WHOLE)
@given(projects)
def test_the_report_page_runs_and_loads_nothing_of_a_form(project: Project):
    layout = project.layout(select_multiple="list")
    tabulator, summary = Tabulator(layout), Summary(layout)
    summary.add(tabulator.add([*project.rows, *fitting(layout)] * 3))
    html = page(summary.facts(tabulator.bad.count), MADE)
    read = _Page()
    read.feed(html)
    found = {name for name, _ in read.elements}
    assert project is not WHOLE or html.count('class="chart') > 5
    assert not found & {"img", "svg", "base", "iframe", "object", "embed", "form", "b", "x", "evil"}
    assert [name for name, _ in read.elements].count("script") == 3
    for name, attributes in read.elements:
        assert not [one for one in attributes if one.startswith("on")]
        links = [attributes.get(one) or "" for one in ("href", "src", "action")]
        assert not [link for link in links if link and not link.startswith(("#", "data:"))], name


@settings(max_examples=PROJECTS * 10, deadline=None)
@given(texts)
def test_whatever_is_shown_cannot_command_a_terminal(text: str):
    for shown in (plain(text), json_line(text.encode("utf-8", "replace").decode())):
        assert not ON_TERMINALS.search(shown)
        assert "\n" not in shown


@pytest.mark.parametrize("terminal", [True, False])
def test_tables_and_messages_show_attacks_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool
):
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    monkeypatch.setenv("COLUMNS", "10000")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    rows: list[tuple[Any, ...]] = [(text, number) for number, text in enumerate(SENDABLE)]
    show_table(("attack", "number"), rows)
    for text in TERMINAL:
        say(text)
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= len(rows)
    assert not [
        line for line in (out + err).split("\n") if ON_TERMINALS.search(line.replace("\t", ""))
    ]
