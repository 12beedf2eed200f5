"""The columns of one field as Arrow, without a Python object for each cell.

Reading goes by what answers are like: all the same, few of a list, or different. Each way ends in
the reader of the field itself, or in a cast that stands for it (`casting.py`), so that a text means
what it always means; and each is only for answers that all fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from operator import itemgetter
from types import NoneType
from typing import Any, Final, TypeAlias

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
IN_A_BYTE: Final = 256
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
        self._places: dict[str | None, int] = {}
        self._known: pa.RecordBatch | None = None
        self._words: pa.Array | None = None

    def read(self, answers: Sequence[Any], make: Make) -> Arrays | None:
        """Read answers; None where the reader of the field must, or is as quick.

        `make` makes an array of cells.
        """
        if len(answers) <= 1:
            return None
        with suppress(pa.ArrowInvalid, pa.ArrowTypeError, TypeError, Misfit):
            if are_equal(answers):
                return self._repeated(answers[0], len(answers), make)
            if self._many is None:
                return (self._texts(answers),)
            if self._many in CASTS:
                found = cast(self._arrow, self._many, self._texts(answers))
                return found and found[: len(self._field.columns)]
            if self._offers:
                return self._chosen(answers, make)
        return None

    def _texts(self, answers: Sequence[Any]) -> pa.Array:
        return pa.array(answers, TEXT, memory_pool=self._arrow.pool)

    def _repeated(self, answer: str | None, count: int, make: Make) -> Arrays:
        """Repeat the cells of one answer, which is often that of the last page."""
        if self._same[:2] != (answer, count):
            places = pa.array([0] * count, SHARED)
            arrays = [self._arrow.take(one, places) for one in self._arrays([answer], make)]
            self._same = answer, count, arrays
        return self._same[2]

    def _chosen(self, answers: Sequence[Any], make: Make) -> Arrays:
        """Look up what was chosen: the same few again and again, on every page."""
        try:
            places = self._looked_up(answers)
        except KeyError:
            self._learn(answers, make)
            places = self._looked_up(answers)
        found: Arrays = self._arrow.take(self._known, places).columns
        if self._words is None:
            return found
        return (pa.DictionaryArray.from_arrays(*found, self._words),)

    def _looked_up(self, answers: Sequence[Any]) -> pa.Array:
        places = itemgetter(*answers)(self._places)
        if len(self._places) > IN_A_BYTE:
            return pa.array(places, SHARED, memory_pool=self._arrow.pool)
        buffers = [None, pa.py_buffer(bytes(places))]
        return pa.Array.from_buffers(pa.uint8(), len(answers), buffers)

    def _learn(self, answers: Sequence[Any], make: Make) -> None:
        if len(self._places) > MOST_KNOWN:
            self._forget()
        new = [text for text in dict.fromkeys([None, *answers]) if text not in self._places]
        arrays = self._arrays(new, make)
        if pa.types.is_dictionary(arrays[0].type):
            self._words, arrays = arrays[0].dictionary, [arrays[0].indices]
        if self._known is not None:
            pairs = zip(self._known.columns, arrays, strict=True)
            arrays = [pa.concat_arrays(pair, self._arrow.pool) for pair in pairs]
        self._known = pa.RecordBatch.from_arrays(arrays, [*map(str, range(len(arrays)))])
        self._places |= zip(new, count(len(self._places)))

    def _arrays(self, answers: Cells, make: Make) -> list[pa.Array]:
        columns = zip(self._field.columns, self._field.read(answers, _refuse), strict=True)
        return [make(column, cells) for column, cells in columns]


def suits(field: Field) -> bool:
    """Tell whether a field reads texts, so that there may be a quicker way."""
    return isinstance(field.read, EachOnce) or field.read is plain


def are_equal(answers: Sequence[Any]) -> bool:
    """Tell whether answers are the same text, or all missing."""
    first = answers[0]
    if not isinstance(first, MAYBE_TEXT) or first != answers[-1]:
        return False
    return answers.count(first) == len(answers)


def _refuse(_: int, reason: str) -> None:
    raise Misfit(reason)
