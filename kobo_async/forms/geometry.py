"""Places, as OpenRosa writes them: `latitude longitude altitude precision`, points joined by `;`.

WKT and GeoJSON both say the longitude first. The texts of the numbers are kept, so that nothing
is rounded.
"""

from __future__ import annotations

from typing import TypeAlias

from kobo_async.forms.values import decimal

Point: TypeAlias = tuple[str, str, str, str]
LONGEST = 4
MOST = (90.0, 180.0)
RING = 4


def point(text: str) -> Point:
    """Read one point; altitude and precision are 0 where they are left out."""
    parts = text.split()
    if not 2 <= len(parts) <= LONGEST:
        raise ValueError("not a point")
    numbers = [decimal(part) for part in parts]
    if any(abs(number) > most for number, most in zip(numbers, MOST, strict=False)):
        raise ValueError("not a place on earth")
    latitude, longitude, altitude, precision = [*parts, "0", "0"][:LONGEST]
    return latitude, longitude, altitude, precision


def points(text: str) -> list[Point]:
    """Read the points of a line or an outline."""
    return [point(one) for one in text.strip("; ").split(";")]


def wkt(kind: str, found: list[Point]) -> str:
    """Write `POINT`, `LINESTRING` or `POLYGON` with altitudes."""
    inside = ", ".join(f"{lon} {lat} {alt}" for lat, lon, alt, _ in found)
    return f"{kind} Z (({inside}))" if kind == "POLYGON" else f"{kind} Z ({inside})"


def geojson(kind: str, found: list[Point]) -> str:
    """Write the geometry as the text of a GeoJSON object."""
    inside = ",".join(f"[{float(lon)},{float(lat)},{float(alt)}]" for lat, lon, alt, _ in found)
    nested = {"Point": inside, "LineString": f"[{inside}]", "Polygon": f"[[{inside}]]"}[kind]
    return f'{{"type":"{kind}","coordinates":{nested}}}'
