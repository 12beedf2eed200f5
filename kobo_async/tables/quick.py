"""The columns of one field as Arrow, without a Python object for each cell.

Reading goes by what answers are like: all the same, few of a list, or different. Each way ends in
the reader of the field itself, or in a cast that stands for it (`casting.py`), so that a text means
what it always means; and each is only for answers that all fit.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import NoneType
from typing import Final, TypeAlias

from kobo_async.extras import needed
from kobo_async.forms.columns import Cells, Column, Field
from kobo_async.forms.readers import EachOnce, plain
from kobo_async.forms.values import Misfit
from kobo_async.tables.casting import CASTS, TEXT, Arrays, Kernels, cast

with needed("arrow"):
    import pyarrow as pa

Make: TypeAlias = Callable[[Column, Cells], pa.Array]

MAYBE_TEXT: Final = (str, NoneType)
MOST_KNOWN: Final = 4096
"""Texts that are remembered of a question."""
SHARED: Final = pa.int32()
"""What says where a cell is that several rows share."""


class Quick:
    """Reads answers to one question.

    Args:
        field: what reads them otherwise; one that `suits`.
        arrow: what to compute with.
    """

    def __init__(self, field: Field, arrow: Kernels) -> None:
        self._field = field
        self._arrow = arrow
        self._many = field.read.many if isinstance(field.read, EachOnce) else None
        self._offers = any(column.choices for column in field.columns)
        self._same: tuple[str | None, int, Arrays] = "", 0, ()
        self._forget()

    def _forget(self) -> None:
        self._places: dict[str | None, int | None] = {None: None}
        self._known: Arrays = ()
        self._is_one = False

    def read(self, answers: Cells, make: Make) -> Arrays | None:
        """Read answers; None where the reader of the field must, or is as quick.

        `make` makes an array of cells.
        """
        if not answers:
            return None
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError, TypeError, Misfit):
            if _are_equal(answers):
                return self._repeated(answers[0], len(answers), make)
            if self._many is None:
                return (self._texts(answers),)
            if self._many in CASTS:
                found = cast(self._arrow, self._many, self._texts(answers))
                return found and found[: len(self._field.columns)]
            if self._offers:
                return self._chosen(answers, make)
        return None

    def _texts(self, answers: Cells) -> pa.Array:
        return pa.array(answers, TEXT, memory_pool=self._arrow.pool)

    def _repeated(self, answer: str | None, count: int, make: Make) -> Arrays:
        """Repeat the cells of one answer, which is often that of the last page."""
        if self._same[:2] != (answer, count):
            places = pa.array([0] * count, SHARED)
            arrays = [self._arrow.take(one, places) for one in self._arrays([answer], make)]
            self._same = answer, count, arrays
        return self._same[2]

    def _chosen(self, answers: Cells, make: Make) -> Arrays:
        """Look up what was chosen: the same few again and again, on every page."""
        try:
            places = list(map(self._places.__getitem__, answers))
        except KeyError:
            self._learn(answers, make)
            places = list(map(self._places.__getitem__, answers))
        indices = pa.array(places, SHARED, memory_pool=self._arrow.pool)
        if self._is_one:
            return (pa.DictionaryArray.from_arrays(indices, *self._known),)
        rows = pa.RecordBatch.from_arrays(self._known, [*map(str, range(len(self._known)))])
        found: Arrays = self._arrow.take(rows, indices).columns
        return found

    def _learn(self, answers: Cells, make: Make) -> None:
        if len(self._places) > MOST_KNOWN:
            self._forget()
        new = [text for text in dict.fromkeys(answers) if text not in self._places]
        arrays = self._arrays(new, make)
        self._is_one = pa.types.is_dictionary(arrays[0].type)
        if self._is_one:
            places, arrays = arrays[0].indices.to_pylist(), (arrays[0].dictionary,)
        else:
            places = range(len(self._places) - 1, len(self._places) + len(new) - 1)
            if self._known:
                pairs = zip(self._known, arrays, strict=True)
                arrays = [pa.concat_arrays(pair, self._arrow.pool) for pair in pairs]
        self._places |= zip(new, places, strict=True)
        self._known = arrays

    def _arrays(self, answers: Cells, make: Make) -> Arrays:
        columns = zip(self._field.columns, self._field.read(answers, _refuse), strict=True)
        return [make(column, cells) for column, cells in columns]


def suits(field: Field) -> bool:
    """Tell whether a field reads texts, so that there may be a quicker way."""
    return isinstance(field.read, EachOnce) or field.read is plain


def _are_equal(answers: Cells) -> bool:
    first = answers[0]
    if not isinstance(first, MAYBE_TEXT) or first != answers[-1]:
        return False
    return answers.count(first) == len(answers)


def _refuse(_: int, reason: str) -> None:
    raise Misfit(reason)
