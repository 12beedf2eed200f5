"""Counts the answers to every question of a form, batch by batch, in bounded memory.

What the form names is told: its choices, numbers, days. What people wrote is only counted, and
places are told by the kilometre.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import attrs

from kobo_async.forms.columns import Batch, Cells, Field, Holds, Layout, Table
from kobo_async.forms.labels import label_of, place_of, titled
from kobo_async.forms.schema import Form, Kind, Question
from kobo_async.report.counters import (
    ABOUT_A_KILOMETRE,
    ChoiceCounter,
    Counting,
    FirstCounter,
    NameCounter,
    PlaceCounter,
    TextCounter,
)
from kobo_async.report.facts import Facts, QuestionFacts, TableFacts
from kobo_async.report.scales import DayCounter, HourCounter, NumberCounter

DAYS_IN_A_CARD: Final = 100
BETWEEN: Final = " · "
SCALES: Final[Mapping[Kind, Callable[[], Counting]]] = {
    Kind.INTEGER: NumberCounter,
    Kind.DECIMAL: NumberCounter,
    Kind.DATE: partial(DayCounter, DAYS_IN_A_CARD),
    Kind.DATETIME: partial(DayCounter, DAYS_IN_A_CARD),
    Kind.TIME: HourCounter,
}
NAMED: Final = ("_submitted_by", "__version__", "_validation_status")


class Summary:
    """The summary of the batches of one layout.

    The layout must have typed values, names instead of labels, and lists of what was chosen:
    `TableOptions(select_multiple="list")`.

    Args:
        layout: the tables that are summarised.
        language: language of the labels, by its name or code; None for the first of the form.
        step: side of the squares that places are counted in, in degrees.

    Raises:
        ConfigError: for a language that the form does not have.
    """

    def __init__(
        self, layout: Layout, language: str | None = None, *, step: float = ABOUT_A_KILOMETRE
    ) -> None:
        place = place_of(layout.form, language)
        self._words = _Words(layout.form, place, step)
        self._language = layout.form.languages[place] if layout.form.languages else None
        self._tables = [_TableSummary.of(table, self._words) for table in layout.tables]
        self._received = DayCounter()
        self._named = {path: NameCounter() for path in NAMED}

    def add(self, batches: Sequence[Batch]) -> None:
        """Take one batch of every table, in the order of the layout."""
        for table, batch in zip(self._tables, batches, strict=True):
            table.add(batch)
        answers = _by_path(batches[0])
        self._received.add(answers.get("_submission_time", ()))
        for path, counter in self._named.items():
            counter.add(answers.get(path, ()))

    def facts(self, bad: int = 0) -> Facts:
        """Tell what was found; `bad` is the number of answers that did not fit their type."""
        submitters, versions, statuses = (counter.bars() for counter in self._named.values())
        return Facts(
            name=self._words.form.name,
            language=self._language,
            submissions=self._tables[0].rows,
            per_day=self._received.found(),
            submitters=submitters,
            versions=versions,
            statuses=tuple(attrs.evolve(bar, label=_status(bar.name)) for bar in statuses),
            bad=bad,
            tables=tuple(table.facts(self._words) for table in self._tables),
        )


@attrs.frozen
class _Words:
    """What questions and choices are called, and how each question is counted."""

    form: Form
    place: int
    step: float

    def label(self, question: Question) -> str:
        return label_of(question, self.place) or question.name

    def group(self, question: Question) -> str:
        whole = titled(self.form, question, self.place, BETWEEN)
        return whole.removesuffix(self.label(question)).removesuffix(BETWEEN)

    def table(self, table: Table) -> str:
        group = self.form.groups.get(table.path)
        return (group and label_of(group, self.place)) or table.name

    def choices(self, question: Question) -> dict[str, str]:
        return {one.name: label_of(one, self.place) or one.name for one in question.choices}

    def counter(self, question: Question) -> Counting:
        """Return what counts the answers; choices from outside of the form count as texts."""
        labels = self.choices(question)
        match question.kind:
            case Kind.SELECT_ONE | Kind.SELECT_MULTIPLE if labels:
                return ChoiceCounter(labels)
            case Kind.RANK if labels:
                return FirstCounter(labels)
            case Kind.BOOLEAN:
                return ChoiceCounter({str(True): "OK"})
            case Kind.GEOPOINT:
                return PlaceCounter(self.step)
        return SCALES.get(question.kind, TextCounter)()


@attrs.define
class _QuestionSummary:
    """The answers to one question; its columns begin at `first`."""

    question: Question
    first: int
    numbers: Sequence[int]
    counter: Counting
    answered: int = 0

    def add(self, batch: Batch) -> None:
        cells = batch.cells[self.first]
        self.answered += len(cells) - cells.count(None)
        self.counter.add(self._counted(batch.cells))

    def _counted(self, columns: Sequence[Cells]) -> Sequence[Any]:
        """Return what is counted: of points, latitudes and longitudes; of lists, their texts."""
        cells = columns[self.first]
        if isinstance(self.counter, PlaceCounter):
            latitude, longitude, *_ = self.numbers
            return list(zip(columns[latitude], columns[longitude], strict=True))
        if isinstance(self.counter, TextCounter):
            return [" ".join(cell) if isinstance(cell, list) else cell for cell in cells]
        return cells

    def facts(self, rows: int, words: _Words) -> QuestionFacts:
        return QuestionFacts(
            path=self.question.path,
            type=self.question.type,
            label=words.label(self.question),
            group=words.group(self.question),
            answered=self.answered,
            missing=rows - self.answered,
            distribution=self.counter.found(),
        )


@attrs.define
class _TableSummary:
    table: Table
    questions: list[_QuestionSummary]
    rows: int = 0

    @classmethod
    def of(cls, table: Table, words: _Words) -> _TableSummary:
        known = {question.path: question for question in words.form.questions}
        watched = [
            _QuestionSummary(question, first, _numbers(field, first), words.counter(question))
            for first, field in _placed(table)
            if (question := known.get(field.path)) and question.type != "note"
        ]
        return cls(table, watched)

    def add(self, batch: Batch) -> None:
        self.rows += len(batch)
        for question in self.questions:
            question.add(batch)

    def facts(self, words: _Words) -> TableFacts:
        questions = tuple(one.facts(self.rows, words) for one in self.questions)
        label = words.table(self.table)
        return TableFacts(self.table.name, label, self.table.path, self.rows, questions)


def _placed(table: Table) -> Iterator[tuple[int, Field]]:
    """Yield each field with the place of its first column."""
    first = 0
    for field in table.fields:
        yield first, field
        first += len(field.columns)


def _numbers(field: Field, first: int) -> Sequence[int]:
    """Return the places of the columns with decimal numbers: of points, latitude comes first."""
    columns = enumerate(field.columns, first)
    return [place for place, column in columns if column.holds is Holds.DECIMAL]


def _by_path(batch: Batch) -> dict[str, Cells]:
    return {field.path: batch.cells[first] for first, field in _placed(batch.table)}


def _status(uid: str) -> str:
    """Name a validation status, such as `validation_status_on_hold`."""
    return uid.removeprefix("validation_status_").replace("_", " ").capitalize()
