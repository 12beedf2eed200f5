"""The form builder's own widgets, as the questions that a deployed form has in their place.

A score, a ranking or a matrix is stored as it is edited and turned into standard rows when the
form is deployed (kobotoolbox/kpi, `kpi/utils/xlsform_preprocessors`), so answers arrive under
paths that no row of the content names: `$xpath` knows groups, repeats and scores only. The
levels of a ranking stand in a group, and a matrix has a group for each of its rows, `matrix_row`,
with a question for each of its columns, `matrix_row_column`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from kobo_async.forms.schema import Choice, Labels
from kobo_async.forms.survey import Row

Lists: TypeAlias = Mapping[str, Mapping[str, Choice]]
END: Final = Row("end_group")


def expanded(rows: Iterable[Row], lists: Lists) -> Iterator[Row]:
    """Replace the widgets; all other rows pass."""
    begin: Row | None = None
    inside: list[Row] = []
    for row in rows:
        if begin is None and row.type in WIDGETS:
            begin, inside = row, []
        elif begin is None:
            yield row
        elif row.type == begin.type.replace("begin", "end"):
            yield from WIDGETS[begin.type](begin, inside, lists)
            begin = None
        else:
            inside.append(attrs.evolve(row, path=""))
    if begin is not None:
        yield from WIDGETS[begin.type](begin, inside, lists)


def _score(begin: Row, inside: Sequence[Row], _lists: Lists) -> Iterator[Row]:
    yield from _opened(begin, "select_one", "header")
    for row in inside:
        yield _chosen(row, "score__row", begin)
    yield END


def _rank(begin: Row, inside: Sequence[Row], _lists: Lists) -> Iterator[Row]:
    yield from _opened(begin, "note", "label")
    for row in inside:
        yield _chosen(row, "rank__level", begin)
    yield END


def _matrix(begin: Row, inside: Sequence[Row], lists: Lists) -> Iterator[Row]:
    header = attrs.evolve(begin, name=f"{begin.name}_header", path="")
    yield from _opened(header, "note", "note")
    for column in inside:
        yield Row("note", f"{header.name}_{column.name}", labels=column.labels)
    yield END
    for choice in lists.get(begin.list_name, {}).values():
        group = Row("begin_group", f"{begin.name}_{choice.name}", labels=choice.labels)
        yield from _opened(group, "note", "note")
        for column in inside:
            labels = _prefixed(choice.name, column.labels)
            yield attrs.evolve(column, name=f"{group.name}_{column.name}", labels=labels)
        yield END


WIDGETS: Final[Mapping[str, Callable[[Row, Sequence[Row], Lists], Iterator[Row]]]] = {
    "begin_score": _score,
    "begin_rank": _rank,
    "begin_kobomatrix": _matrix,
}


def _opened(begin: Row, type_: str, ending: str) -> Iterator[Row]:
    """Open a group without a label; the label stands on a row of its own."""
    yield attrs.evolve(begin, type="begin_group", labels=())
    yield attrs.evolve(begin, type=type_, name=f"{begin.name}_{ending}", path="")


def _chosen(row: Row, type_: str, begin: Row) -> Row:
    if row.type != type_:
        return row
    return attrs.evolve(row, type="select_one", list_name=begin.list_name)


def _prefixed(name: str, labels: Labels) -> Labels:
    return tuple(label and f"{name}-{label}" for label in labels)
