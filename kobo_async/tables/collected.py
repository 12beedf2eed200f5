"""All tables of a project in memory, and as the data frames of other libraries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from kobo_async.bulk.report import Completeness
from kobo_async.extras import needed
from kobo_async.forms.columns import Layout
from kobo_async.forms.tabulate import BadCells
from kobo_async.tables import frames
from kobo_async.tables.arrow import ArrowTables

with needed("arrow"):
    import pyarrow as pa

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import polars as pl

    from kobo_async.tables.project import TableBatches


@attrs.frozen(eq=False)
class Tables(Mapping[str, pa.Table]):
    """The tables of a project by their names, the submissions first.

    Attributes:
        layout: what the tables are.
        report: what the download delivered.
        bad: answers that did not fit their question; they stand in `_extra`.
    """

    layout: Layout
    report: Completeness
    bad: BadCells
    _tables: Mapping[str, pa.Table] = attrs.field(repr=False)

    def __getitem__(self, name: str) -> pa.Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    @property
    def main(self) -> pa.Table:
        """The submissions, one row each."""
        return self._tables[self.layout.tables[0].name]

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Return a frame for each table.

        Whole numbers stay whole and truths stay true or false where answers are missing
        (`Int64`, `boolean`); dates and times are `datetime64`, times in UTC; choices are
        categories in the order of the form.

        Raises:
            ConfigError: if pandas is not installed (`kobo-async[pandas]`).
        """
        return {name: frames.pandas_frame(table) for name, table in self.items()}

    def to_polars(self) -> dict[str, pl.DataFrame]:
        """Return a frame for each table; choices are enums in the order of the form.

        Raises:
            ConfigError: if polars is not installed (`kobo-async[polars]`).
        """
        return {name: frames.polars_frame(table) for name, table in self.items()}

    def to_geopandas(
        self, geometry: str | None = None
    ) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
        """Return a frame for each table, with geometries in WGS 84 (EPSG:4326).

        The geometry of a table is its first question for a point, else its first line or
        outline; `geometry` names another one by its path. Tables without any are plain frames.

        Raises:
            ConfigError: if there is no such question, if the layout writes places otherwise than
                as WKT, or if GeoPandas is not installed (`kobo-async[geopandas]`).
        """
        return frames.geo_frames(self, self.layout, geometry)


async def collected(batches: TableBatches) -> Tables:
    """Keep everything that is downloaded, page by page as Arrow."""
    arrow = ArrowTables(batches.layout)
    kept: dict[str, list[pa.RecordBatch]] = {name: [] for name in arrow.schemas}
    async for page in batches:
        for batch in page:
            kept[batch.table.name].append(arrow.convert(batch))
    assert batches.report is not None
    tables = {name: arrow.table(name, parts) for name, parts in kept.items()}
    return Tables(batches.layout, batches.report, batches.bad, tables)
