"""Reads a form out of the content of an asset.

Contents come from many years and many tools. What cannot be understood is read as text, never
refused: a row without a name has no answers, an unknown type has texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from kobo_async.forms.schema import Choice, Form, Group, Labels, Question
from kobo_async.forms.types import kind_of

SILENT: Final = frozenset({"end_group", "end_repeat", "end group", "end repeat"})


def read_form(content: Mapping[str, Any], name: str = "") -> Form:
    """Read the form out of `asset.content`."""
    reader = _Reader(content)
    reader.read()
    languages = tuple(content.get("translations") or (None,))
    return Form(name, languages, tuple(reader.questions), reader.groups)


@attrs.define
class _Reader:
    content: Mapping[str, Any]
    questions: list[Question] = attrs.field(factory=list)
    groups: dict[str, Group] = attrs.field(factory=dict)
    around: list[Group] = attrs.field(factory=list)

    def read(self) -> None:
        self._choices = dict(_lists(self.content.get("choices") or ()))
        for row in self.content.get("survey") or ():
            self._take(row)

    _choices: dict[str, list[Choice]] = attrs.field(init=False, factory=dict)

    def _take(self, row: Mapping[str, Any]) -> None:
        type_ = str(row.get("type", ""))
        if type_ in SILENT:
            if self.around:
                self.around.pop()
        elif type_.startswith("begin"):
            self._open(row, repeat="repeat" in type_)
        elif path := self._path(row):
            self._ask(row, type_, path)

    def _path(self, row: Mapping[str, Any]) -> str:
        if "$xpath" in row:
            return str(row["$xpath"])
        name = str(row.get("name") or row.get("$autoname") or "")
        return "/".join([*(self.around[-1].path,) * bool(self.around), name]) if name else ""

    def _open(self, row: Mapping[str, Any], *, repeat: bool) -> None:
        group = Group(self._path(row), _labels(row), repeat)
        self.groups[group.path] = group
        self.around.append(group)

    def _ask(self, row: Mapping[str, Any], type_: str, path: str) -> None:
        repeats = [group.path for group in self.around if group.repeat]
        self.questions.append(
            Question(
                path,
                type_,
                kind_of(type_, {}),
                repeats[-1] if repeats else "",
                _labels(row),
                tuple(self._choices.get(str(row.get("select_from_list_name")), ())),
                bool(row.get("_or_other")),
            )
        )


def _labels(row: Mapping[str, Any]) -> Labels:
    label = row.get("label")
    if label is None or isinstance(label, str):
        return (label,)
    return tuple(label) if isinstance(label, Sequence) else ()


def _lists(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Choice]]]:
    lists: dict[str, list[Choice]] = {}
    for row in rows:
        choice = Choice(str(row.get("name") or row.get("$autovalue") or ""), _labels(row))
        lists.setdefault(str(row.get("list_name")), []).append(choice)
    yield from lists.items()
