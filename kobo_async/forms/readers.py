"""How the answers to each kind of question become cells.

Each text of a page is read once, all of them at a time (`values.Many`); only where one does not
fit, they are read one by one, to tell which. Both ways give the same cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Final, TypeAlias

import attrs

from kobo_async.forms import values
from kobo_async.forms.columns import Cells, Holds, Read, Report
from kobo_async.forms.jsontext import as_json
from kobo_async.forms.schema import Kind
from kobo_async.forms.values import Columns, Many, Misfit

MOSTLY: Final = 0.5
"""Above this share of different texts it is quicker to read equal ones again than to find them."""

MANY: Final = 4
"""From so many columns on it is quicker to look up rows of them, and to turn these around."""
MOST_KNOWN: Final = 10_000
"""Texts."""

Whole: TypeAlias = Callable[[str, list[str]], Any]
"""Makes one cell of the text of an answer and of the labels of what was chosen."""

SCALARS: Final[Mapping[Kind, tuple[Holds, Many]]] = {
    Kind.INTEGER: (Holds.INTEGER, values.integers),
    Kind.DECIMAL: (Holds.DECIMAL, values.decimals),
    Kind.BOOLEAN: (Holds.BOOLEAN, values.agreed),
    Kind.DATE: (Holds.DATE, values.days),
}
TIMES: Final[Mapping[Kind, tuple[Holds, Many]]] = {
    Kind.DATETIME: (Holds.TIMESTAMP, values.moments),
    Kind.TIME: (Holds.TIME, values.hours),
}


def plain(answers: Cells, report: Report) -> Columns:
    """Take texts as they are."""
    return (_only(str, answers, report),)


def numbered(answers: Cells, report: Report) -> Columns:
    """Take the numbers that the server gives to submissions."""
    if {*map(type, answers)} == {int} and values.fit(answers):
        return (answers,)
    found = _only(int, answers, report)
    fitting = [one if one is None or one.bit_length() <= values.BITS else None for one in found]
    for place, one in enumerate(fitting):
        if one is not found[place]:
            report(place, "does not fit 64 bits")
    return (fitting,)


def as_sent(answers: Cells, report: Report) -> Columns:  # noqa: ARG001 - JSON always fits
    """Keep any value as JSON."""
    return ([None if one is None else as_json(one) for one in answers],)


def status(part: str) -> Read:
    """Make a column of the `uid` or the `label` of the validation status."""

    def read(answers: Cells, report: Report) -> Columns:
        found = _only(dict, answers, report)
        if not any(found):
            return ([None] * len(found),)
        return (_only(str, [one.get(part) if one else None for one in found], report),)

    return read


def file(flags: Sequence[Any]) -> Read:
    """Make the columns of an attachment: its address, and whether it was deleted."""

    def read(found: Cells, _: Report) -> Columns:
        return (
            [one and one.get("download_url") for one in found],
            [None if one is None else flags[one.get("is_deleted") is True] for one in found],
        )

    return read


def _only(kind: type, answers: Cells, report: Report) -> Cells:
    """Return what is of a type, and report what is not."""
    if {kind, NoneType} >= set(map(type, answers)):
        return answers
    found = [one if type(one) is kind else None for one in answers]
    for place, one in enumerate(answers):
        if one is not None and type(one) is not kind:
            report(place, _not_of(kind, one))
    return found


def _not_of(kind: type, one: Any) -> str:
    return f"{type(one).__name__} instead of {kind.__name__}"


@attrs.frozen
class EachOnce:
    """Makes some columns of texts, reading every text once."""

    many: Many
    width: int

    def __call__(self, answers: Cells, report: Report) -> Columns:
        """Read answers."""
        many, width = self.many, self.width
        try:
            texts = dict.fromkeys(answers)
            if None not in texts and len(texts) > MOSTLY * len(answers):
                return _all_at_once(many, answers, width)
            texts.pop(None, None)
            read_once = list(texts)
            columns = _all_at_once(many, read_once, width)
        except (TypeError, ValueError):
            return _one_by_one(many, width, answers, report)
        return _spread(read_once, columns, answers)


def _all_at_once(many: Many, texts: list[str], width: int) -> Columns:
    if not texts:
        return [[]] * width
    if set(map(type, texts)) != {str}:
        raise TypeError("not only texts")
    return many(texts)[:width]


def _spread(texts: list[str], columns: Columns, answers: Cells) -> Columns:
    """Give each answer the cells of its text."""
    first, count = answers[:1], len(answers)
    if len(texts) <= 1 and answers.count(*first or [None]) == count:
        return [column * count if texts else [None] * count for column in columns]
    if len(columns) < MANY:
        return [
            answers if texts == column else _looked_up(texts, column, answers, None)
            for column in columns
        ]
    rows = _looked_up(texts, zip(*columns, strict=True), answers, (None,) * len(columns))
    return list(map(list, zip(*rows, strict=True)))


def _looked_up(texts: list[str], found: Iterable[Any], answers: Cells, empty: Any) -> Cells:
    known: dict[str | None, Any] = dict(zip(texts, found, strict=True))
    known[None] = empty
    return list(map(known.__getitem__, answers))


def _one_by_one(many: Many, width: int, answers: Cells, report: Report) -> Columns:
    columns: list[Cells] = [[None] * len(answers) for _ in range(width)]
    for place, answer in enumerate(answers):
        if answer is not None:
            cells, reason = _one(many, answer)
            if reason is not None:
                report(place, reason)
            for column, cell in zip(columns, cells, strict=False):
                column[place] = cell
    return columns


def _one(many: Many, answer: Any) -> tuple[Sequence[Any], str | None]:
    if type(answer) is not str:
        return (), _not_of(str, answer)
    try:
        return [column[0] for column in many([answer])], None
    except Misfit as misfit:
        return misfit.cells or (), str(misfit)
    except ValueError as error:
        return (), str(error)


def one_choice(labels: Mapping[str, str], *, open_ended: bool) -> Many:
    """Make a reader of single choices, as names or as labels."""

    def read(texts: list[str]) -> Columns:
        if not open_ended and not labels.keys() >= set(texts):
            raise Misfit("not one of the choices")
        return ([labels.get(text, text) for text in texts],)

    return read


def choices(
    labels: Mapping[str, str],
    *,
    whole: Whole | None,
    flags: Sequence[Any] | None,
    open_ended: bool,
) -> Many:
    """Make a reader of several choices.

    `whole` makes the first column, None for no such column; `flags` are the cells for what was
    not chosen and what was, None for no such columns.
    """

    def read_new(texts: list[str]) -> Columns:
        chosen = [text.split() for text in texts]
        columns: list[Cells] = []
        if whole:
            columns.append(list(map(whole, texts, _labelled(chosen, labels))))
        if flags:
            columns += ([flags[name in names] for names in chosen] for name in labels)
        unknown = set() if open_ended else set().union(*chosen) - labels.keys()
        if unknown:
            reason = "not among the choices: " + ", ".join(sorted(unknown))
            raise Misfit(reason, [column[0] for column in columns])
        return columns

    return _remembered(read_new)


def _remembered(many: Many) -> Many:
    """Make a reader that reads no text again that it has read for another page."""
    known: dict[str, tuple[Any, ...]] = {}

    def read(texts: list[str]) -> Columns:
        rows = known if len(known) < MOST_KNOWN else {}
        if new := [text for text in texts if text not in rows]:
            rows.update(zip(new, zip(*many(new), strict=True), strict=True))
        return list(map(list, zip(*map(rows.__getitem__, texts), strict=True)))

    return read


def _labelled(chosen: list[list[str]], labels: Mapping[str, str]) -> list[list[str]]:
    if all(name == label for name, label in labels.items()):
        return chosen
    return [[labels.get(name, name) for name in names] for names in chosen]
