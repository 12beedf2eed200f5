"""Layouts as Arrow schemas, batches as Arrow record batches.

Choices are dictionaries in the order of the form, so that they sort and show as the form has
them. An answer that the form does not know goes behind them when it first comes; so all batches
of one table belong together, and their dictionaries grow and never change.

Fields carry what is known of a column: `kobo:label`, `kobo:type`, `kobo:path`, and `kobo:choices`
as a JSON list of names and labels. Schemas carry `kobo:form`, `kobo:table`, `kobo:repeat` and
`kobo:parent`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import orjson

from kobo_async.collector import collector_pause
from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Cells, Column, Holds, Layout, Table
from kobo_async.forms.pages import Unread
from kobo_async.tables.casting import Kernels
from kobo_async.tables.quick import SHARED, Make, Quick, are_equal, suits

with needed("arrow"):
    import pyarrow as pa
    import pyarrow.compute as pc

TYPES: Final[Mapping[Holds, pa.DataType]] = {
    Holds.TEXT: pa.string(),
    Holds.INTEGER: pa.int64(),
    Holds.DECIMAL: pa.float64(),
    Holds.BOOLEAN: pa.bool_(),
    Holds.DATE: pa.date32(),
    Holds.TIME: pa.time64("us"),
    Holds.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Holds.TEXTS: pa.list_(pa.string()),
    Holds.JSON: pa.string(),
}
CHOSEN: Final = pa.dictionary(pa.int32(), pa.string())


class ArrowTables:
    """Makes record batches of the batches of one layout.

    Attributes:
        layout: the tables.
        schemas: the schema of each table, by its name.
        pool: where the memory of the arrays comes from; None for the default of pyarrow.
    """

    def __init__(self, layout: Layout, pool: pa.MemoryPool | None = None) -> None:
        labelled = layout.options.labels is not None
        self.layout = layout
        self.pool = pool
        self.schemas = {table.name: _schema(table, layout) for table in layout.tables}
        self._words = {
            (table.name, column.name): pa.array(_words(column, labelled=labelled), pa.string())
            for table in layout.tables
            for column in table.columns
            if _is_choice(column)
        }
        arrow = Kernels(pool)
        self._quick = {
            (table.name, place): Quick(field, arrow)
            for table in layout.tables
            for place, field in enumerate(table.fields)
            if suits(field)
        }

    def convert(self, batch: Batch) -> pa.RecordBatch:
        """Make a record batch with the schema of its table."""
        table, cells = batch.table, batch.cells
        if isinstance(cells, Unread) and not cells.is_read:
            with collector_pause:
                arrays = self._read(table, cells)
        else:
            pairs = zip(table.columns, cells, strict=True)
            arrays = [self._array(table, column, one) for column, one in pairs]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schemas[table.name])

    def _read(self, table: Table, unread: Unread) -> list[pa.Array]:
        """Read what nobody has read: by Arrow where that can be, else as everybody reads it."""
        arrays: list[pa.Array] = []
        make = partial(self._array, table)
        for place, field in enumerate(table.fields):
            quick = self._quick.get((table.name, place))
            found = quick.read(unread.answers(place), make) if quick else None
            if found is None:
                pairs = zip(field.columns, unread.columns(place), strict=True)
                found = [make(column, cells) for column, cells in pairs]
            else:
                unread.done(place)
            arrays += found
        return arrays + self._keys(table, unread, make)

    def _keys(self, table: Table, unread: Unread, make: Make) -> list[pa.Array]:
        """Convert keys: what several rows share is converted once."""
        arrays, known = [], {}
        for column in table.keys:
            cells, places = unread.key(column)
            if places is None:
                same = bool(cells) and are_equal(cells)
                arrays.append((self._repeated if same else make)(column, cells))
                continue
            if id(places) not in known:
                known[id(places)] = pa.array(places, SHARED, memory_pool=self.pool)
            array = pc.take(make(column, cells), known[id(places)], memory_pool=self.pool)
            arrays.append(array)
        return arrays

    def _repeated(self, column: Column, cells: Cells) -> pa.Array:
        return pa.repeat(pa.scalar(cells[0], TYPES[column.holds]), len(cells), self.pool)

    def _array(self, table: Table, column: Column, cells: Cells) -> pa.Array:
        if column.holds is Holds.TIMESTAMP:
            return self._moments(cells)
        array = pa.array(cells, TYPES[column.holds], memory_pool=self.pool)
        key = (table.name, column.name)
        return self._encoded(key, array) if key in self._words else array

    def _moments(self, cells: Cells) -> pa.Array:
        """Convert each object once: moments take longest, and equal answers share one."""
        places = list(map(id, cells))
        known = dict(zip(places, cells, strict=True))
        moments = pa.array([*known.values()], TYPES[Holds.TIMESTAMP], memory_pool=self.pool)
        if len(known) == len(cells):
            return moments
        numbers = dict(zip(known, range(len(known)), strict=True))
        indices = pa.array(map(numbers.__getitem__, places), pa.int32(), size=len(places))
        return pc.take(moments, indices, memory_pool=self.pool)

    def _encoded(self, key: tuple[str, str], array: pa.Array) -> pa.Array:
        codes = pc.index_in(array, value_set=self._words[key], memory_pool=self.pool)
        if codes.null_count > array.null_count:
            new = pc.unique(array.filter(pc.is_null(codes))).drop_null()
            self._words[key] = pa.concat_arrays([self._words[key], new])
            codes = pc.index_in(array, value_set=self._words[key])
        return pa.DictionaryArray.from_arrays(codes, self._words[key])

    def table(self, name: str, batches: Sequence[pa.RecordBatch]) -> pa.Table:
        """Put batches of one table together, with the same dictionary in all of them."""
        return pa.Table.from_batches(batches, self.schemas[name]).unify_dictionaries(self.pool)


def _schema(table: Table, layout: Layout) -> pa.Schema:
    facts = {"kobo:form": layout.form.name, "kobo:table": table.name, "kobo:repeat": table.path}
    if table.parent is not None:
        facts["kobo:parent"] = table.parent
    return pa.schema([_field(column) for column in table.columns], facts)


def _field(column: Column) -> pa.Field:
    facts: dict[str, Any] = {"kobo:path": column.path, "kobo:type": column.type}
    if column.label is not None:
        facts["kobo:label"] = column.label
    if column.choices:
        facts["kobo:choices"] = orjson.dumps(column.choices).decode()
    type_ = CHOSEN if _is_choice(column) else TYPES[column.holds]
    return pa.field(column.name, type_, metadata=facts)


def _is_choice(column: Column) -> bool:
    one = column.type.startswith("select_one") and column.holds is Holds.TEXT
    return one and bool(column.choices)


def _words(column: Column, *, labelled: bool) -> list[str]:
    """Return what the cells of a column of choices can be; several may share a label."""
    return list(dict.fromkeys(label if labelled else name for name, label in column.choices))
