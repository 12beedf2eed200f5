"""Reads a form out of the content of an asset.

Contents come from many years and many tools. What cannot be understood is read as text, never
refused: a row without a name has no answers, an unknown type has texts.
"""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

from kobo_async.forms.schema import Choice, Form, Group, Kind, Question
from kobo_async.forms.survey import Row, choices_of, languages_of, rows_of, title_of
from kobo_async.forms.types import OUTSIDE, kind_of
from kobo_async.forms.union import Union
from kobo_async.forms.widgets import expanded

OTHER: Final = "other"
REFERENCE: Final = re.compile(r"\s*\$\{[^{}]*\}\s*")


def read_form(content: Any, name: str = "") -> Form:
    """Read the form out of `asset.content`.

    `name` is the title of the project, which the server keeps outside of the content.
    """
    rows, lists = list(rows_of(content)), choices_of(content)
    languages = languages_of(content)
    reader = _Reader(len(languages), {key: tuple(found.values()) for key, found in lists.items()})
    reader.open_lists({row.list_name for row in rows if row.other})
    for row in expanded(rows, lists):
        reader.take(row)
    title = name or title_of(content)
    return Form(title, languages, tuple(reader.questions.values()), reader.groups)


def paths_of(form: Form) -> dict[str, str]:
    """Return all paths of a form, each with that of the repeat around it, empty outside of repeats.

    An answer beside a question, `question_other`, is among them for every question: older versions
    of the form may have asked for it.
    """
    asked = {question.path: question.repeat for question in form.questions}
    others = {f"{path}_{OTHER}": repeat for path, repeat in asked.items()}
    return {**others, **form.around, **asked}


@attrs.define
class _Reader:
    """Walks through the rows; `around` holds the path and the repeat of every open group."""

    languages: int
    choices: dict[str, tuple[Choice, ...]]
    questions: dict[tuple[str, str], Question] = attrs.field(factory=dict)
    groups: dict[str, Group] = attrs.field(factory=dict)
    union: Union = attrs.field(factory=Union)
    around: list[tuple[str, str]] = attrs.field(factory=lambda: [("", "")])

    def open_lists(self, names: set[str]) -> None:
        """Add `other` to the lists of the questions that allow it, as the server does."""
        for name in names:
            listed = self.choices.get(name, ())
            if listed and all(choice.name != OTHER for choice in listed):
                self.choices[name] = (*listed, Choice(OTHER, ("Other",) * self.languages))

    def take(self, row: Row) -> None:
        if row.type.startswith("end_"):
            if len(self.around) > 1:
                self.around.pop()
        elif row.type.startswith("begin_"):
            self._open(row)
        elif row.type not in OUTSIDE and (path := self._path(row)):
            self._ask(row, path)

    def _path(self, row: Row) -> str:
        if row.type == "audit":
            return "meta/audit"
        above = self.around[-1][0]
        return row.path or (f"{above}/{row.name}" if above and row.name else row.name)

    def _open(self, row: Row) -> None:
        path, repeat = self._path(row), row.type == "begin_repeat"
        if not path:
            self.around.append(self.around[-1])
            return
        if repeat and row.count and not REFERENCE.fullmatch(row.count):
            self._keep(Question(f"{path}_count", "calculate", Kind.TEXT, self.around[-1][1]))
        known = self.groups.get(path)
        labels = known.labels if known else row.labels
        self.groups[path] = Group(path, labels, repeat or bool(known and known.repeat))
        self.around.append((path, path if repeat else self.around[-1][1]))

    def _ask(self, row: Row, path: str) -> None:
        kind, repeat = kind_of(row.type, row.parameters), self.around[-1][1]
        listed = self.choices.get(row.list_name, ())
        self._keep(Question(path, row.type, kind, repeat, row.labels, listed, row.other))
        if row.other:
            labels = ("Specify other.",) * self.languages
            self._keep(Question(f"{path}_{OTHER}", "text", Kind.TEXT, repeat, labels))

    def _keep(self, question: Question) -> None:
        """Keep a question; of two that answer under one key, neither is lost."""
        key = (question.repeat, question.path)
        known = self.questions.get(key)
        self.questions[key] = self.union.of(known, question) if known else question
