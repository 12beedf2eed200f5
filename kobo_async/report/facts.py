"""What a summary tells. Of answers that people wrote themselves, only how many differ."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeAlias

import attrs


@attrs.frozen
class Bar:
    """How often something was answered; `label` is what people read."""

    name: str
    label: str
    count: int


@attrs.frozen
class Choices:
    """How often each choice was made, in the order of the form.

    Attributes:
        bars: every choice of the form, also those that nobody made.
        others: answers that are not among the choices.
        told: what is counted: `chosen`, or `ranked first`.
    """

    bars: tuple[Bar, ...]
    others: int = 0
    told: str = "chosen"


@attrs.frozen
class Bin:
    """How many numbers lie from `start` up to `end`, which belongs to the next one."""

    start: float
    end: float
    count: int


@attrs.frozen
class Numbers:
    """Where numbers lie. The median and the bins are estimated unless `exact`."""

    least: float
    median: float
    mean: float
    most: float
    bins: tuple[Bin, ...]
    exact: bool


@attrs.frozen
class Span:
    """A day, or a month by its first day, and how many answers fall in it."""

    start: date
    count: int


@attrs.frozen
class Days:
    """How answers lie in time; `unit` says whether spans are days or months."""

    first: date
    last: date
    unit: str
    spans: tuple[Span, ...]


@attrs.frozen
class Hours:
    """How many answers fall in each of the 24 hours of the day."""

    counts: tuple[int, ...]


@attrs.frozen
class Texts:
    """How many different answers there are. What they say may be personal, and is not told."""

    distinct: int
    exact: bool


@attrs.frozen
class Spot:
    """How many places lie in a square, by its centre in degrees."""

    longitude: float
    latitude: float
    count: int


@attrs.frozen
class Places:
    """Where answers come from, in squares of `step` degrees."""

    step: float
    spots: tuple[Spot, ...]


Scale: TypeAlias = Numbers | Days | Hours | Places
"""What a chart can show."""
Distribution: TypeAlias = Choices | Texts | Scale


@attrs.frozen
class QuestionFacts:
    """The answers to one question.

    Attributes:
        group: labels of the groups around it.
        answered: rows whose answer fits its type.
        missing: rows without such an answer.
        distribution: None where nothing was answered.
    """

    path: str
    type: str
    label: str
    group: str
    answered: int
    missing: int
    distribution: Distribution | None


@attrs.frozen
class TableFacts:
    """The submissions, or the rows of one repeat."""

    name: str
    label: str
    path: str
    rows: int
    questions: tuple[QuestionFacts, ...]


@attrs.frozen
class Facts:
    """The summary of a project.

    Attributes:
        language: language of the labels; None where it has no name.
        per_day: when submissions reached the server, in UTC; None without submissions.
        bad: answers that do not fit the type of their question.
        tables: the submissions first.
    """

    name: str
    language: str | None
    submissions: int
    per_day: Days | None
    submitters: tuple[Bar, ...]
    versions: tuple[Bar, ...]
    statuses: tuple[Bar, ...]
    bad: int
    tables: tuple[TableFacts, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON values; a distribution is told with its kind."""
        return attrs.asdict(self, value_serializer=_plain) | {"tables": [*map(_table, self.tables)]}


def _table(table: TableFacts) -> dict[str, Any]:
    told = attrs.asdict(table, value_serializer=_plain)
    for question, facts in zip(table.questions, told["questions"], strict=True):
        if question.distribution is not None:
            facts["distribution"]["kind"] = type(question.distribution).__name__.lower()
    return told


def _plain(_: object, __: object, value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
