"""What a form asks: questions, groups, repeats and choices, in the order of the form.

A form is read from the content of an asset (`content.py`) or merged from several versions of it
(`versions.py`). Labels stand in the order of `Form.languages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TypeAlias, TypeVar

import attrs

T = TypeVar("T")
Labels: TypeAlias = tuple[str | None, ...]


class Kind(Enum):
    """What the answer to a question is."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    RANK = "rank"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    GEOPOINT = "geopoint"
    GEOTRACE = "geotrace"
    GEOSHAPE = "geoshape"
    MEDIA = "media"


@attrs.frozen
class Choice:
    """One answer that can be chosen."""

    name: str
    labels: Labels = ()


@attrs.frozen
class Group:
    """A group of questions; a repeat is a group that is answered any number of times."""

    path: str
    labels: Labels = ()
    repeat: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@attrs.frozen
class Question:
    """A question, or anything else of a form that leaves a value in a submission.

    Attributes:
        path: the key of its answers in a submission, `group/name`.
        type: its type in the XLSForm, `select_one` without the name of the list.
        kind: what its answers are.
        repeat: path of the innermost repeat around it; empty outside of repeats.
        choices: what can be chosen, in the order of the form; empty where the choices stand in
            a file outside of the form.
        other: whether answers outside of `choices` are wanted: `or_other`, or a version of the
            form in which the question was open.
    """

    path: str
    type: str
    kind: Kind
    repeat: str = ""
    labels: Labels = ()
    choices: tuple[Choice, ...] = ()
    other: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@attrs.frozen(slots=False)  # what is derived is kept in `__dict__`, beside its documentation
class Form:
    """The schema of a project.

    Attributes:
        name: its title.
        languages: names of the translations; `None` is the language without a name.
        questions: in the order of the form, groups flattened. A path and the repeat around it
            are unique together: a group that became a repeat has its questions twice.
        groups: groups and repeats by their paths, in the order of the form. A question that
            became a repeat has the same path as the repeat.
        uid: of the project; empty where it is not known.
    """

    name: str
    languages: tuple[str | None, ...] = (None,)
    questions: Sequence[Question] = ()
    groups: Mapping[str, Group] = attrs.field(factory=dict)
    uid: str = ""

    @cached_property
    def repeats(self) -> tuple[str, ...]:
        """Paths of the repeats, outer ones first."""
        return tuple(path for path, group in self.groups.items() if group.repeat)

    @cached_property
    def around(self) -> Mapping[str, str]:
        """The innermost repeat around each group, both by their paths; empty outside of repeats."""
        found, opened = dict.fromkeys(self.groups, ""), [""]
        for inside in sorted(f"{path}/" for path in self.groups):
            while not inside.startswith(opened[-1]):
                opened.pop()
            path = inside[:-1]
            found[path] = opened[-1][:-1]
            if self.groups[path].repeat:
                opened.append(inside)
        return found

    @cached_property
    def inner(self) -> Mapping[str, Sequence[str]]:
        """The repeats right inside of each repeat, or outside of all, by its path."""
        return grouped((self.around[path], path) for path in self.repeats)

    @cached_property
    def asked(self) -> Mapping[str, Sequence[Question]]:
        """The questions by the repeat around them."""
        return grouped((question.repeat, question) for question in self.questions)


def grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, Sequence[T]]:
    """Gather what has one key."""
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
