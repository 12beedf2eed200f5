"""Arrow tables as frames of pandas, polars and GeoPandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Column, Holds, Layout, Table

with needed("arrow"):
    import pyarrow as pa

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import polars as pl

SHAPES: Final = ("geopoint", "geotrace", "geoshape")
WGS84: Final = "EPSG:4326"


def pandas_frame(table: pa.Table) -> pd.DataFrame:
    """Make a pandas frame, without turning whole numbers into floats."""
    with needed("pandas"):
        import pandas as pd  # noqa: PLC0415 - an extra
    kept = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=kept.get, date_as_object=False)
    return frame


def polars_frame(table: pa.Table) -> pl.DataFrame:
    """Make a polars frame, with enums in the order of the form."""
    with needed("polars"):
        import polars as pl  # noqa: PLC0415 - an extra
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    chosen = {name: pl.Enum(words) for name, words in _dictionaries(table).items()}
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in chosen.items())


def _dictionaries(table: pa.Table) -> dict[str, list[str]]:
    columns = ((name, table[name]) for name in table.column_names)
    return {
        name: column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
        for name, column in columns
        if pa.types.is_dictionary(column.type)
    }


def geo_frames(
    tables: Mapping[str, pa.Table], layout: Layout, geometry: str | None
) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Make frames with geometries, of the tables that have any.

    Raises:
        ConfigError: for a geometry that is not there, or cannot be read.
    """
    if (layout.options.values, layout.options.geometry) != ("typed", "wkt"):  # noqa: PD011 - no frame
        raise ConfigError("lay out the tables with values='typed' and geometry='wkt'")
    columns = {table.name: _shape(table, geometry) for table in layout.tables}
    if geometry and geometry not in {column.path for column in columns.values() if column}:
        raise ConfigError(f"no table has a place under {geometry!r}")
    return {name: _geo_frame(table, columns[name]) for name, table in tables.items()}


def _shape(table: Table, wanted: str | None) -> Column | None:
    """Return the column that was asked for, else the first point, line or outline."""
    shapes = [c for c in table.columns if c.type in SHAPES and c.holds is Holds.TEXT]
    shapes.sort(key=lambda column: (column.path != wanted, column.type != SHAPES[0]))
    return shapes[0] if shapes else None


def _geo_frame(table: pa.Table, column: Column | None) -> gpd.GeoDataFrame | pd.DataFrame:
    frame = pandas_frame(table)
    if column is None:
        return frame
    with needed("geopandas"):
        import geopandas as gpd  # noqa: PLC0415 - an extra
    places = gpd.GeoSeries.from_wkt(frame[column.name], crs=WGS84)
    return gpd.GeoDataFrame(frame.assign(**{column.name: places}), geometry=column.name)
