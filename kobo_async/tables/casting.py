"""Columns of texts that Arrow itself reads, without a Python object for each cell.

Every function here stands for one that reads the same texts into Python values, and takes less: it
gives the arrays that would be made of those values, or None, or an ArrowInvalid, where Arrow does
not accept a text or might mean something else by it. Then the other one is asked.

A page has few rows, so that a call costs more than what it does: what is here calls little.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from kobo_async.extras import needed
from kobo_async.forms import geometry, values
from kobo_async.forms.schema import Kind
from kobo_async.forms.values import Many

with needed("arrow"):
    import pyarrow as pa
    import pyarrow.compute as pc

Arrays: TypeAlias = Sequence[pa.Array]

TEXT: Final = pa.string()
MOMENT: Final = pa.timestamp("us", tz="UTC")
NOWHERE: Final = pa.scalar(None, pa.int32())
ONE_BACK: Final = pa.scalar(-1, pa.int32())
FIRST_DAY: Final = -719_162
"""0001-01-01, in days since 1970: Python knows none before."""
SECOND_DAY: Final = (FIRST_DAY + 1) * 86_400_000_000
"""In microseconds; on the day before it may be the year 0 somewhere."""
LEAST: Final = str(2**values.BITS).encode()
"""What fits 64 bits only with a minus, and no reader takes even then."""
BEHIND: Final = 2**31 - 1
"""Where no text reaches: what replaces nothing there stands behind it."""
END: Final = re.compile(f".*{values.OFFSET}")
PARTS: Final = geometry.PARTS


class Kernels:
    """What Arrow computes with, by its names, in memory of one pool."""

    def __init__(self, pool: pa.MemoryPool | None = None) -> None:
        self.pool = pool

    def __getattr__(self, name: str) -> Callable[..., Any]:
        kernel = partial(getattr(pc, name), memory_pool=self.pool)
        setattr(self, name, kernel)
        return kernel


Cast: TypeAlias = Callable[[Kernels, pa.Array], Arrays | None]


def cast(arrow: Kernels, many: Many, texts: pa.Array) -> Arrays | None:
    """Return the columns that a reader would make of texts, if Arrow can make them.

    Some must be texts; the others are null, and so are their cells.
    """
    return CASTS[many](arrow, texts)


def _without_nulls(way: Cast) -> Cast:
    """Let a cast take texts of which some are null, though it looks into each."""

    def among_nulls(arrow: Kernels, texts: pa.Array) -> Arrays | None:
        if not texts.null_count:
            return way(arrow, texts)
        found = way(arrow, arrow.drop_null(texts))
        there = arrow.is_valid(texts)
        numbers = arrow.cumulative_sum(arrow.cast(there, pa.int32()), -1)
        places = arrow.if_else(there, numbers, NOWHERE)
        return found and [arrow.take(column, places) for column in found]

    return among_nulls


def integers(arrow: Kernels, texts: pa.Array) -> Arrays | None:
    """Cast whole numbers; Arrow reads hexadecimal ones, too, and one more below zero."""
    characters = texts.buffers()[2].to_pybytes().lower()
    if b"x" in characters or LEAST in characters:
        return None
    return (arrow.cast(texts, pa.int64()),)


def decimals(arrow: Kernels, texts: pa.Array) -> Arrays | None:
    """Cast numbers; Arrow reads infinity and others that are none, too."""
    numbers = arrow.cast(texts, pa.float64())
    return (numbers,) if _are_finite(arrow, numbers) else None


def _are_finite(arrow: Kernels, numbers: pa.Array) -> bool:
    return math.isfinite(arrow.sum(numbers).as_py())


def days(arrow: Kernels, texts: pa.Array) -> Arrays | None:
    """Cast dates."""
    found = arrow.cast(texts, pa.date32())
    return (found,) if arrow.min(found.view(pa.int32())).as_py() >= FIRST_DAY else None


def moments(arrow: Kernels, texts: pa.Array) -> Arrays | None:
    """Cast dates with times and offsets; these are few, and read from the ends of the texts."""
    found = arrow.cast(texts, MOMENT)
    ends = arrow.binary_slice(texts.view(pa.binary()), -len("+02:00"))
    encoded = arrow.dictionary_encode(ends)
    known = [end.decode() for end in encoded.dictionary.to_pylist()]
    if not _are_whole(arrow, texts, found) or not all(map(END.fullmatch, known)):
        return None
    minutes = pa.array(list(map(values.offset, known)), pa.int64())
    return found, arrow.take(minutes, encoded.indices)


def utc_moments(arrow: Kernels, texts: pa.Array) -> Arrays | None:
    """Cast dates with times in UTC."""
    found = arrow.cast(texts, pa.timestamp("us"))
    return (found.view(MOMENT),) if _are_whole(arrow, texts, found) else None


def _are_whole(arrow: Kernels, texts: pa.Array, found: pa.Array) -> bool:
    """Tell whether moments have a `T`, and seconds, which Arrow does not ask for."""
    marks = arrow.unique(arrow.binary_slice(texts.view(pa.binary()), *MARKS)).to_pylist()
    earliest: int = arrow.min(found.view(pa.int64())).as_py()
    return {*marks} <= {b"T:", None} and earliest >= SECOND_DAY


MARKS: Final = len("2026-11-21"), len("2026-11-21T00:16:"), len("T00:16")
"""Start, stop and step of what is looked at."""


def points(arrow: Kernels, texts: pa.Array) -> Arrays | None:
    """Cast points: WKT, latitudes, longitudes, altitudes, precisions."""
    found = _places(arrow, texts)
    if found is None:
        return None
    wkt, numbers = found
    return _wrapped(arrow, Kind.GEOPOINT, wkt), *numbers


def _places(arrow: Kernels, texts: pa.Array) -> tuple[pa.Array, Arrays] | None:
    """Cast points on earth of which no part was left out, as WKT has them and part by part."""
    split = arrow.split_pattern(texts, " ")
    if not split.offsets.equals(_steps(len(texts))):
        return None
    numbers = arrow.cast(split.values, pa.float64())
    if not _are_finite(arrow, numbers):
        return None
    firsts = split.offsets[:-1]
    columns = [arrow.take(numbers[part:], firsts) for part in range(PARTS)]
    for column, most in zip(columns, geometry.MOST, strict=False):
        if not _are_within(arrow, column, -most, most):
            return None
    lats, lons, alts = (arrow.take(split.values[part:], firsts) for part in range(PARTS - 1))
    return arrow.binary_join_element_wise(lons, lats, alts, " "), columns


def _are_closed(arrow: Kernels, points: pa.Array, offsets: pa.Array) -> bool:
    ends = arrow.add(offsets[1:], ONE_BACK)
    return bool(arrow.take(points, offsets[:-1]).equals(arrow.take(points, ends)))


@lru_cache(maxsize=8)
def _steps(count: int) -> pa.Array:
    """Return the offsets of points that are whole."""
    return pa.array(range(0, PARTS * count + 1, PARTS), pa.int32())


def _are_within(arrow: Kernels, numbers: pa.Array, least: float, most: float) -> bool:
    low, high = map(float, arrow.min_max(numbers).as_py().values())
    return least <= low and high <= most


def _wrapped(arrow: Kernels, kind: Kind, inside: pa.Array) -> pa.Array:
    word, start, end = geometry.IN_WKT[kind]
    begun = arrow.binary_replace_slice(inside, 0, 0, f"{word} Z {start}")
    return arrow.binary_replace_slice(begun, BEHIND, BEHIND, end)


def _shapes(kind: Kind) -> Cast:
    """Make a function for lines, or for outlines that are closed."""
    closed = kind is Kind.GEOSHAPE
    least = geometry.LEAST[kind] + closed

    def way(arrow: Kernels, texts: pa.Array) -> Arrays | None:
        split = arrow.split_pattern(texts, ";")
        lengths = arrow.list_value_length(split)
        found = _places(arrow, split.values)
        if found is None or not _are_within(arrow, lengths, least, math.inf):
            return None
        wkt, _ = found
        if closed and not _are_closed(arrow, wkt, split.offsets):
            return None
        lists = pa.ListArray.from_arrays(split.offsets, wkt)
        return (_wrapped(arrow, kind, arrow.binary_join(lists, ", ")),)

    return way


CASTS: Final[Mapping[Many, Cast]] = {
    values.integers: integers,
    values.decimals: decimals,
    values.days: days,
    values.moments: moments,
    values.utc_moments: utc_moments,
    geometry.points("wkt"): _without_nulls(points),
    geometry.shapes(Kind.GEOTRACE, "wkt"): _without_nulls(_shapes(Kind.GEOTRACE)),
    geometry.shapes(Kind.GEOSHAPE, "wkt"): _without_nulls(_shapes(Kind.GEOSHAPE)),
}
"""What stands for the readers of texts that are seldom equal."""
