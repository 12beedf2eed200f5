"""Places as GeoJSON (RFC 7946): a feature for each place that was answered.

As in the server's own export, a submission with a point, a line and an outline makes three
features with the same properties, and one without a place makes none; what was not answered is no
property. What differs on purpose:

* Properties are typed, where the server knows texts only; `values="text"` gives its texts.
* Answers that fit no question stand in `_extra`.
* The places of a repeat can be had, by `geometry`; the server leaves repeats out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import time
from typing import Final, TypeAlias

import attrs
import orjson

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Batch, Cells, Column, Holds, Layout, Table
from kobo_async.forms.geometry import points, shapes
from kobo_async.forms.schema import Kind
from kobo_async.sinks.base import Target
from kobo_async.sinks.once import each, singly
from kobo_async.sinks.packing import PackedSink

SHAPES: Final = frozenset({Kind.GEOPOINT, Kind.GEOTRACE, Kind.GEOSHAPE})

WRITTEN: Final = {Holds.TEXTS: singly(" ".join), Holds.TIME: singly(time.isoformat)}
"""What orjson would write otherwise, or, as some times of the day, wrongly (`dated`)."""

AsJson: TypeAlias = Callable[[str], str | None]


@attrs.frozen
class _Shape:
    """A column of places: where it stands in its table, and how a cell becomes GeoJSON."""

    place: int
    path: str
    as_json: AsJson


class GeoJson(PackedSink):
    """A feature collection of one table; `.gz` or `.zst` at the end of its name packs it.

    Args:
        target: the file; `.geojson`.
        layout: the tables, with `geometry="geojson"` or `values="text"`.
        geometry: path of the only question whose places are wanted, also inside of a repeat. All
            of the first table that has any, if it is left out.

    Raises:
        ConfigError: if there is no such question, or the layout has its places as WKT.
    """

    def __init__(self, target: Target, layout: Layout, *, geometry: str | None = None) -> None:
        if layout.options.values != "text" and layout.options.geometry == "wkt":
            raise ConfigError('GeoJSON is not made of WKT: lay out with geometry="geojson"')
        self._table, self._shapes = _chosen(layout, geometry)
        super().__init__(target)
        drawn = {shape.place for shape in _shapes(layout, self._table)}
        places = range(len(self._table.columns))
        self._properties = [place for place in places if place not in drawn]
        self._name = layout.form.name
        self._begun = False
        self._rows = self._placed = 0

    async def _begin(self) -> None:
        await super()._begin()
        name = orjson.dumps(self._name).decode()
        head = f'{{"type":"FeatureCollection","name":{name},"features":['
        await self._put(head.encode())

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more rows; those of other tables are let go."""
        for batch in batches:
            if batch.table.name == self._table.name:
                features = b",\n".join(self._features(batch))
                if features:
                    await self._put((b",\n" if self._begun else b"\n") + features)
                    self._begun = True

    async def _finish(self) -> None:
        await self._put(b"\n]}\n")
        if without := self._rows - self._placed:
            what = f"rows of {self._table.name}" if self._table.parent else "submissions"
            self.notes.append(
                f"{without:,} of {self._rows:,} {what} have no place: not in the file"
            )
        await super()._finish()

    def _features(self, batch: Batch) -> Iterator[bytes]:
        columns = batch.table.columns
        names = [columns[place].name for place in self._properties]
        cells = [_plain(columns[place], batch.cells[place]) for place in self._properties]
        shapes = zip(
            *(_drawn(shape, batch.cells[shape.place]) for shape in self._shapes), strict=True
        )
        for row, drawn in zip(zip(*cells, strict=True), shapes, strict=True):
            self._rows += 1
            if not any(drawn):
                continue
            self._placed += 1
            answered = {
                name: cell for name, cell in zip(names, row, strict=True) if cell is not None
            }
            properties = orjson.dumps(answered)
            for one in filter(None, drawn):
                yield b'{"type":"Feature","geometry":%b,"properties":%b}' % (one, properties)


def _plain(column: Column, cells: Cells) -> Cells:
    write = WRITTEN.get(column.holds)
    return each(write, cells) if write else cells


def _drawn(shape: _Shape, cells: Cells) -> list[bytes | None]:
    texts = [None if cell is None else shape.as_json(cell) for cell in cells]
    return [None if text is None else text.encode() for text in texts]


def _shapes(layout: Layout, table: Table) -> Iterator[_Shape]:
    kinds = {(q.path, q.repeat): q.kind for q in layout.form.questions}
    place = 0
    for field in table.fields:
        kind = kinds.get((field.path, table.path))
        if kind in SHAPES:
            yield _Shape(place, field.path, _as_json(layout, kind))
        place += len(field.columns)


def _chosen(layout: Layout, geometry: str | None) -> tuple[Table, list[_Shape]]:
    known = []
    for table in layout.tables:
        shapes = [one for one in _shapes(layout, table) if geometry in (None, one.path)]
        if shapes:
            return table, shapes
        known += [one.path for one in _shapes(layout, table)]
    asked = ", ".join(known) or "none"
    raise ConfigError(f"{geometry or 'the form'} asks for no place; questions that do: {asked}")


def _as_json(layout: Layout, kind: Kind) -> AsJson:
    """Return what makes GeoJSON of a cell, None of one that is no place."""
    if layout.options.values != "text" and layout.options.geometry == "geojson":
        return str
    many = points("geojson") if kind is Kind.GEOPOINT else shapes(kind, "geojson")

    def read(text: str) -> str | None:
        try:
            (drawn, *_) = many([text])
        except ValueError:
            return None
        return str(drawn[0])

    return read
