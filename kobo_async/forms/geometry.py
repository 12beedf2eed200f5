"""Places, as OpenRosa writes them: `latitude longitude altitude precision`, points joined by `;`.

WKT and GeoJSON both say the longitude first. In WKT the texts of the numbers are kept, so that
nothing is rounded. Rings are closed where they were not, and run counterclockwise in GeoJSON, as
RFC 7946 and the server's own exports have it. A shape has altitudes if all of its points do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, Final, TypeAlias

import attrs
import orjson

from kobo_async.forms.columns import Cells
from kobo_async.forms.schema import Kind
from kobo_async.forms.values import Columns, Many, Misfit, floats, made_of

IN_WKT: Final = {
    Kind.GEOPOINT: ("POINT", "(", ")"),
    Kind.GEOTRACE: ("LINESTRING", "(", ")"),
    Kind.GEOSHAPE: ("POLYGON", "((", "))"),
}
IN_GEOJSON: Final = {
    Kind.GEOPOINT: "Point",
    Kind.GEOTRACE: "LineString",
    Kind.GEOSHAPE: "Polygon",
}
LEAST: Final = {Kind.GEOTRACE: 2, Kind.GEOSHAPE: 3}
PARTS: Final = 4
MOST: Final = (90, 180)

_are_numbers = made_of("0123456789+.eE; -", "not points")


Numbers: TypeAlias = Mapping[str | None, float | None]


@attrs.frozen
class Places:
    """Points by their parts, as texts and as numbers; None where a part was left out.

    Altitudes and precisions are known by their texts: many are equal, and few are asked for.
    """

    parts: Sequence[Cells]
    _flat: Sequence[Cells]
    _known: Sequence[Numbers]

    @property
    def numbers(self) -> list[Cells]:
        """Latitudes, longitudes, altitudes, precisions."""
        pairs = zip(self._known, self.parts[len(MOST) :], strict=True)
        return [*self._flat, *(list(map(known.__getitem__, texts)) for known, texts in pairs)]

    def are_high(self, shape: slice) -> bool:
        """Tell whether all points of a shape have an altitude."""
        return None not in self.parts[2][shape]


Write: TypeAlias = Callable[[Kind, Places, Sequence[slice]], Cells]


@cache
def points(written: str) -> Many:
    """Make a reader of points: the place, latitude, longitude, altitude, precision."""

    def read(texts: list[str]) -> Columns:
        _are_numbers(texts)
        places = _places(";".join(texts), len(texts))
        if written == "wkt" and None not in places.parts[2]:
            return (_high_points(places), *places.numbers)
        each = [slice(place, place + 1) for place in range(len(texts))]
        write = _WRITERS.get(written)
        return (write(Kind.GEOPOINT, places, each) if write else texts, *places.numbers)

    return read


def parted(texts: list[str]) -> Columns:
    """Take points apart without reading their numbers."""
    return (texts, *map(list, zip(*map(_padded, texts), strict=True)))


@cache
def shapes(kind: Kind, written: str) -> Many:
    """Make a reader of lines or of outlines."""
    least = LEAST[kind]

    def read(texts: list[str]) -> Columns:
        _are_numbers(texts)
        found = [text.strip("; ") for text in texts]
        if kind is Kind.GEOSHAPE:
            found = list(map(_closed, found))
        lengths = [text.count(";") + 1 for text in found]
        if min(lengths) < least + (kind is Kind.GEOSHAPE):
            raise Misfit(f"fewer than {least} points")
        places = _places(";".join(found), sum(lengths))
        ends = accumulate(lengths, initial=0)
        each = [slice(start, end) for start, end in pairwise(ends)]
        write = _WRITERS.get(written)
        return (write(kind, places, each) if write else texts,)

    return read


def _closed(ring: str) -> str:
    first, last = ring.partition(";")[0], ring.rpartition(";")[2]
    return ring if first.split()[:2] == last.split()[:2] else f"{ring};{first}"


def _padded(text: str) -> Sequence[str | None]:
    return [*text.split(), None, None, None, None][:PARTS]


def _places(joined: str, count: int) -> Places:
    """Read points on earth."""
    parts = _parts(joined, count)
    flat = [floats(column) for column in parts[: len(MOST)]]
    for found, most in zip(flat, MOST, strict=True):
        if max(found) > most or min(found) < -most:
            raise Misfit("not a place on earth")
    return Places(parts, flat, [*map(_numbers, parts[len(MOST) :])])


def _parts(joined: str, count: int) -> Sequence[Cells]:
    """Take points apart; those that are whole all at once.

    A semicolon that is not where one has to be is among the numbers then, and is none.
    """
    flat: Cells = joined.replace(";", " ; ").split(" ")
    are_whole = len(flat) == (PARTS + 1) * count - 1 and {*flat[PARTS :: PARTS + 1]} <= {";"}
    if are_whole and "" not in flat:
        return [flat[part :: PARTS + 1] for part in range(PARTS)]
    texts = joined.split(";")
    lengths = [len(text.split()) for text in texts]
    if len(texts) != count or min(lengths) < len(MOST) or max(lengths) > PARTS:
        raise Misfit("not a point")
    return list(map(list, zip(*map(_padded, texts), strict=True)))


def _numbers(column: Cells) -> Numbers:
    """Read altitudes or precisions, of which many are equal and some were left out."""
    texts = [text for text in set(column) if text is not None]
    return {**dict(zip(texts, floats(texts), strict=True)), None: None}


def _high_points(places: Places) -> Cells:
    lats, lons, alts, _ = places.parts
    return [f"POINT Z ({lon} {lat} {alt})" for lat, lon, alt in zip(lats, lons, alts, strict=True)]


def _wkt(kind: Kind, places: Places, each: Sequence[slice]) -> Cells:
    """Write `POINT`, `LINESTRING` or `POLYGON`."""
    lats, lons, alts, _ = places.parts
    word, start, end = IN_WKT[kind]
    if None in alts:
        return [_flat_or_high(kind, places, one) for one in each]
    high = list(map(" ".join, zip(lons, lats, alts, strict=True)))
    return [f"{word} Z {start}{', '.join(high[one])}{end}" for one in each]


def _flat_or_high(kind: Kind, places: Places, one: slice) -> str:
    word, start, end = IN_WKT[kind]
    lats, lons, alts = (column[one] for column in places.parts[: PARTS - 1])
    high = places.are_high(one)
    numbers = zip(lons, lats, alts, strict=True) if high else zip(lons, lats, strict=True)
    return f"{word}{' Z' if high else ''} {start}{', '.join(map(' '.join, numbers))}{end}"


def _geojson(kind: Kind, places: Places, each: Sequence[slice]) -> Cells:
    """Write the geometries as texts of GeoJSON objects."""
    lats, lons, alts, _ = places.numbers
    flat = list(zip(lons, lats, strict=True))
    high = list(zip(lons, lats, alts, strict=True))
    return [_object(kind, high[one] if places.are_high(one) else flat[one]) for one in each]


def _object(kind: Kind, found: Sequence[Any]) -> str:
    inside: Any = found[0] if kind is Kind.GEOPOINT else found
    if kind is Kind.GEOSHAPE:
        inside = [found if _area(found) >= 0 else found[::-1]]
    return orjson.dumps({"type": IN_GEOJSON[kind], "coordinates": inside}).decode()


def _area(ring: Sequence[Sequence[float]]) -> float:
    """Return twice the area within a ring, negative where it runs clockwise."""
    return sum(one[0] * two[1] - two[0] * one[1] for one, two in pairwise(ring))


_WRITERS: Final[dict[str, Write]] = {"wkt": _wkt, "geojson": _geojson}
