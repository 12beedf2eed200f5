"""Tables against what a real server exported of the same submissions, cell by cell.

Deliberate differences, and nothing else differs:

1. `_extra` is the last column of every table: the server leaves out what it does not know.
2. With `headers="path"` the header of a point is its path, `general/gps`: the server leaves its
   groups out, `gps`, so that the name depends on which other points a form has.
3. A cell without an answer is None; the server's CSV has an empty text, its XLSX no cell.
4. In GeoJSON the server leaves out empty answers and has one feature for each place.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from openpyxl import load_workbook

from kobo_async.forms.columns import BadCell, Batch, Column, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.rows import rows_of
from kobo_async.forms.schema import Form, Kind
from kobo_async.forms.tabulate import BadCells, Tabulator
from kobo_async.forms.versions import merged

PAGE = 1000
AS_TEXT = TableOptions(values="text", select_multiple="both", repeat_system=True)
IN_ENGLISH = attrs.evolve(AS_TEXT, labels="English (en)", headers="label")
IN_FRENCH = attrs.evolve(AS_TEXT, labels="fr", headers="label")
SHAPES = {
    "household": (3039, 4565),
    "simple": (25000,),
    "sandbox": (46,),
    "empty": (0,),
}

Record = tuple[Any, ...]


@attrs.frozen
class Project:
    """A real form with all its submissions."""

    form: Form
    rows: Sequence[dict[str, Any]]
    folder: Path

    def tables(self, options: TableOptions) -> tuple[list[list[Batch]], BadCells]:
        """Tabulate page by page: the batches of each table, and what did not fit."""
        layout = lay_out(self.form, options)
        tabulator = Tabulator(layout)
        starts = range(0, max(len(self.rows), 1), PAGE)
        added = [tabulator.add(self.rows[start : start + PAGE]) for start in starts]
        return [list(batches) for batches in zip(*added, strict=True)], tabulator.bad


@cache
def project(folder: Path) -> Project:
    asset = json.loads((folder / "asset.json").read_text("utf-8"))
    versions = json.loads((folder / "versions.json").read_text("utf-8"))
    contents = [version["content"] for version in versions["detail"]]
    with gzip.open(folder / "submissions.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row for line in lines if isinstance(row := json.loads(line), dict)]
    return Project(merged([asset["content"], *contents], asset["name"]), rows, folder)


@pytest.fixture
def household(shared: Path) -> Project:
    return project(shared / "kpi" / "data" / "household")


@pytest.fixture(params=SHAPES)
def any_project(shared: Path, request: pytest.FixtureRequest) -> Project:
    return project(shared / "kpi" / "data" / request.param)


def exported_csv(project: Project, name: str) -> tuple[Record, list[Record]]:
    with gzip.open(project.folder / name, "rt", encoding="utf-8", newline="") as file:
        head, *rows = map(tuple, csv.reader(file, delimiter=";", strict=True))
    return head, rows


def exported_sheets(project: Project, name: str) -> dict[str, tuple[Record, list[Record]]]:
    book = load_workbook(project.folder / name, read_only=True)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    book.close()
    return {title: (head, rows) for title, (head, *rows) in sheets.items()}


def head_of(columns: Sequence[Column], *, points: str = "label") -> Record:
    """Return the headers without `_extra`; by path, those of points without their groups."""
    names = (
        column.name.rpartition("/")[2] if points == "path" and is_point(column) else column.name
        for column in columns[:-1]
    )
    return tuple(names)


def is_point(column: Column) -> bool:
    return column.type == "geopoint" and column.name == column.path


def as_csv(batches: Sequence[Batch]) -> list[Record]:
    return [
        tuple("" if cell is None else str(cell) for cell in row[:-1])
        for batch in batches
        for row in batch.rows()
    ]


def as_sheet(batches: Sequence[Batch]) -> list[Record]:
    return [row[:-1] for batch in batches for row in batch.rows()]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("export_xml_values.csv.gz", AS_TEXT),
        ("export_labels_en.csv.gz", attrs.evolve(IN_ENGLISH, select_multiple="indicators")),
        ("export_labels_fr.csv.gz", IN_FRENCH),
    ],
)
def test_the_submissions_are_those_of_the_servers_csv(
    household: Project, name: str, options: TableOptions
):
    head, rows = exported_csv(household, name)
    (batches, _), bad = household.tables(options)
    assert head_of(batches[0].table.columns, points=options.headers) == head
    assert as_csv(batches) == rows
    assert len(rows) == 3039
    assert bad == BadCells()


@pytest.mark.parametrize(
    ("name", "options"),
    [("export_xml_values.xlsx", AS_TEXT), ("export_labels_en.xlsx", IN_ENGLISH)],
)
def test_submissions_and_members_are_those_of_the_servers_sheets(
    household: Project, name: str, options: TableOptions
):
    sheets = exported_sheets(household, name)
    tables, _ = household.tables(options)
    assert [batches[0].table.name for batches in tables] == list(sheets)
    for batches, (head, rows) in zip(tables, sheets.values(), strict=True):
        assert head_of(batches[0].table.columns, points=options.headers) == head
        assert as_sheet(batches) == rows


def test_places_are_those_of_the_servers_geojson(household: Project):
    with gzip.open(household.folder / "export.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    written = attrs.evolve(AS_TEXT, values="typed", geometry="geojson", offsets=False)
    (typed, _), _ = household.tables(written)
    (texts, _), _ = household.tables(attrs.evolve(AS_TEXT, select_multiple="list"))
    made = [
        {"type": "Feature", "geometry": json.loads(place), "properties": properties}
        for places, properties in zip(geometries(typed), answers(texts), strict=True)
        for place in places
    ]
    assert made == features


def geometries(batches: Sequence[Batch]) -> Iterator[list[str]]:
    """Yield the places of each submission, in the order of the form."""
    for batch in batches:
        named = {"geopoint", "geotrace", "geoshape"}
        places = [
            cells
            for column, cells in zip(batch.table.columns, batch.cells, strict=True)
            if column.type in named and column.name == column.path
        ]
        yield from ([one for one in row if one is not None] for row in zip(*places, strict=True))


def answers(batches: Sequence[Batch]) -> Iterator[dict[str, Any]]:
    """Yield what was answered, without the places themselves."""
    for batch in batches:
        for row in batch.rows():
            cells = zip(batch.table.columns, row, strict=True)
            yield {
                column.name: cell
                for column, cell in cells
                if cell is not None
                and not (column.type.startswith("geo") and column.name == column.path)
            }


def test_real_rows_come_back_out_of_their_tables(any_project: Project):
    options = TableOptions(values="text", system="all")
    layout = lay_out(any_project.form, options)
    tables, bad = any_project.tables(options)
    assert rows_of((one for batches in tables for one in batches), layout) == list(any_project.rows)
    assert bad == BadCells()
    counts = tuple(sum(map(len, batches)) for batches in tables)
    assert counts == SHAPES[any_project.folder.name]


ODD = {
    "sandbox": (
        [BadCell("n", 28074, "edited", "not a whole number")],
        {"nope": "x", "zzz": "1", "n": "edited"},
    )
}


def test_every_real_answer_fits_its_type_but_those_made_to_be_odd(any_project: Project):
    tables, bad = any_project.tables(TableOptions())
    extra = {
        key: value
        for batches in tables
        for batch in batches
        for cell in batch.cells[-1]
        if cell is not None
        for key, value in json.loads(cell).items()
    }
    assert (bad.examples, extra) == ODD.get(any_project.folder.name, ([], {}))
    assert bad.count == len(bad.examples)


def test_typed_cells_say_what_the_texts_say(household: Project):
    (typed, members), _ = household.tables(TableOptions())
    (texts, _), _ = household.tables(TableOptions(values="text"))
    said = dict(zip((c.name for c in texts[0].table.columns), texts[0].cells, strict=True))
    meant = dict(zip((c.name for c in typed[0].table.columns), typed[0].cells, strict=True))
    kinds = {question.path: question.kind for question in household.form.questions}
    for path, kind in kinds.items():
        if kind in {Kind.INTEGER, Kind.DECIMAL, Kind.DATE} and path in said:
            assert [one and str(one) for one in meant[path]] == [
                one and str(float(one) if kind is Kind.DECIMAL else one) for one in said[path]
            ]
    assert [one.isoformat(timespec="milliseconds") for one in meant["start"]] == said["start"]
    assert {one.utcoffset().total_seconds() for one in meant["_submission_time"]} == {0}
    assert sum(map(len, members)) == 4565
