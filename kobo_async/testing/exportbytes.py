"""Exports as files: CSV, XLSX, GeoJSON, KML and labels for SPSS (observed §7)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from kobo_async.testing.exporttables import Layout, Options, Table
from kobo_async.testing.form import FakeForm
from kobo_async.testing.render import geometry_of
from kobo_async.testing.xlsform import write_xlsx

Row = dict[str, Any]

EXTENSIONS: Final = {
    "csv": "csv",
    "xls": "xlsx",
    "xlsx": "xlsx",
    "geojson": "geojson",
    "kml": "kml",
    "spss_labels": "zip",
}
MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "zip": "application/zip",
}


def export_bytes(form: FakeForm, data: dict[str, Any], rows: Sequence[Row], kind: str) -> bytes:
    """Return the file of an export.

    Raises:
        MissingLibraryError: for XLSX without openpyxl.
    """
    layout = Layout(form.name, form.content, Options.read(data))
    if kind == "csv":
        return _csv(layout.tables(rows)[0])
    if kind in {"xls", "xlsx"}:
        return write_xlsx({one.name: [one.header, *one.lines] for one in layout.tables(rows)})
    if kind == "spss_labels":
        return _spss(form)
    features = _features(form, data, rows)
    return _kml(form, features) if kind == "kml" else _geojson(form, features)


def _csv(table: Table) -> bytes:
    """Write everything in quotes, with semicolons between."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([table.header, *table.lines])
    return text.getvalue().encode()


def _features(form: FakeForm, data: dict[str, Any], rows: Sequence[Row]) -> list[Row]:
    """Return a feature for every answer that is a place."""
    options = Options.read({**data, "multiple_select": "summary"})
    layout = Layout(form.name, form.content, options)
    table, places = layout.tables(rows)[0], layout.places()
    kinds = {one["$xpath"]: one["type"] for one in form.content["survey"] if "$xpath" in one}
    return [
        {
            "type": "Feature",
            "geometry": geometry_of(kinds[path], row[path]),
            "properties": _properties(table.header, line, places, path),
        }
        for line, row in zip(table.lines, rows, strict=True)
        for path in places
        if row.get(path)
    ]


def _properties(
    header: list[str], line: list[Any], places: dict[str, list[str]], path: str
) -> dict[str, Any]:
    """Return the answers; of places only the parts of the point that is shown."""
    hidden = {title for titles in places.values() for title in titles} - set(places[path][1:])
    return {
        title: value
        for title, value in zip(header, line, strict=True)
        if value not in {"", None} and title not in hidden
    }


def _geojson(form: FakeForm, features: list[Row]) -> bytes:
    body = {"type": "FeatureCollection", "name": form.name, "features": features}
    return orjson.dumps(body)


def _kml(form: FakeForm, features: list[Row]) -> bytes:
    marks = "".join(
        f"<Placemark><name>{one['properties'].get('_id')}</name></Placemark>" for one in features
    )
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
    name = f"<name>{escape(form.name)}</name>"
    return f"{head}<Document>{name}{marks}</Document></kml>".encode()


def _spss(form: FakeForm) -> bytes:
    """Return an archive with one file of labels per language."""
    content = form.content
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        for place, language in enumerate(content.get("translations") or [None]):
            lines = [
                f" {row['$autoname']} '{row['label'][place]}'"
                for row in content.get("survey", [])
                if row.get("label") and not row["type"].startswith("begin_")
            ]
            suffix = f" - {language}" if language else ""
            text = "VARIABLE LABELS\n" + "\n /".join(lines) + ".\n"
            files.writestr(f"{form.name}{suffix} - SPSS labels.sps", text)
    return archive.getvalue()
