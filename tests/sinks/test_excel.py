"""Tables as a workbook: what Excel can hold is held, what it cannot is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import anyio
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Batch, Holds, Layout
from kobo_async.forms.layout import lay_out
from kobo_async.forms.schema import Form
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged
from kobo_async.sinks.cells import MOST_CHARACTERS, SheetNames, fitting
from kobo_async.sinks.excel import MOST_COLUMNS, Excel
from tests.forms.generated import Generated, forms, submissions
from tests.sinks.samples import batches, column, layout, single, table, tables

EAST = timezone(timedelta(hours=5, minutes=30))
ESCAPED = re.compile(r"_x([0-9A-F]{4})_")
Cell = Any


def written(folder: Path, laid_out: Layout, *pages: list[Batch], **options: Any) -> list[str]:
    """Write pages of tables to `data.xlsx`; return the notes."""

    async def write() -> list[str]:
        async with Excel(folder / "data.xlsx", laid_out, **options) as sink:
            for page in pages:
                await sink.write(page)
        return sink.notes

    return anyio.run(write)


def read(folder: Path) -> dict[str, list[tuple[Cell, ...]]]:
    """Read all sheets, the escapes of Excel undone."""
    book = openpyxl.load_workbook(folder / "data.xlsx", rich_text=False)
    return {
        sheet.title: [tuple(map(unescaped, row)) for row in sheet.iter_rows(values_only=True)]
        for sheet in book.worksheets
    }


def unescaped(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    return cell


def only_cell(folder: Path, holds: Holds, cell: Any) -> tuple[Cell, list[str]]:
    laid_out, batch = single(holds, cell)
    notes = written(folder, laid_out, [batch])
    (rows,) = read(folder).values()
    return rows[1][0], notes


@pytest.mark.parametrize(
    ("holds", "cell", "expected"),
    [
        (Holds.TEXT, "=1+1", "=1+1"),
        (Holds.TEXT, "http://example.org", "http://example.org"),
        (Holds.TEXT, "12", "12"),
        (Holds.TEXT, " a\tb\nc ", " a\tb\nc "),
        (Holds.TEXT, "\x01\x1f\r\ufffe", "\x01\x1f\r\ufffe"),
        (Holds.TEXT, "_x0041_", "_x0041_"),
        (Holds.TEXT, "<r><t>a</t></r>", "<r><t>a</t></r>"),
        (Holds.TEXT, "<r>&</t></r>", "<r>&</t></r>"),
        (Holds.TEXTS, ["radio", "tv"], "radio tv"),
        (Holds.JSON, '{"a":1}', '{"a":1}'),
        (Holds.INTEGER, 10**15 - 1, 10**15 - 1),
        (Holds.DECIMAL, -0.1, -0.1),
        (Holds.BOOLEAN, False, False),
        (Holds.DATE, date(2026, 11, 21), datetime(2026, 11, 21)),  # noqa: DTZ001 - Excel has no zones
        (Holds.DATE, date(1900, 1, 1), datetime(1900, 1, 1)),  # noqa: DTZ001
        (Holds.TIME, time(6, 15, 30), time(6, 15, 30)),
        (Holds.TIMESTAMP, datetime(2026, 1, 7, 8, tzinfo=EAST), datetime(2026, 1, 7, 2, 30)),  # noqa: DTZ001
    ],
)
def test_cells_are_what_excel_has_for_them(holds: Holds, cell: Any, expected: Any, tmp_path: Path):
    found, notes = only_cell(tmp_path, holds, cell)
    assert (found, type(found)) == (expected, type(expected))
    assert notes == []


@pytest.mark.parametrize(
    ("holds", "cell", "expected"),
    [
        (Holds.INTEGER, 10**15, "1000000000000000"),
        (Holds.INTEGER, -(2**63), "-9223372036854775808"),
        (Holds.DATE, date(1899, 12, 31), "1899-12-31"),
        (Holds.TIMESTAMP, datetime(1, 1, 1, tzinfo=EAST), "0001-01-01T00:00:00+05:30"),
        (Holds.TEXT, "x" * 40_000, "x" * (MOST_CHARACTERS - 1) + "…"),
    ],
)
def test_what_excel_cannot_hold_is_told(holds: Holds, cell: Any, expected: Any, tmp_path: Path):
    found, notes = only_cell(tmp_path, holds, cell)
    assert found == expected
    (note,) = notes
    assert note.startswith("Survey, cell, row 2: ")


def test_timestamps_say_that_they_are_in_utc(tmp_path: Path):
    only_cell(tmp_path, Holds.TIMESTAMP, datetime(2026, 1, 7, tzinfo=UTC))
    (sheet,) = openpyxl.load_workbook(tmp_path / "data.xlsx").worksheets
    assert sheet["A2"].number_format == 'yyyy-mm-dd hh:mm:ss "UTC"'
    assert sheet["A2"].is_date


def test_many_notes_are_counted(tmp_path: Path):
    laid_out, batch = single(Holds.INTEGER, *[10**16] * 25)
    notes = written(tmp_path, laid_out, [batch])
    assert len(notes) == 21
    assert notes[-1] == "and 5 more like these"


@given(start=st.text("a𝄞", max_size=8), more=st.integers(-12, 12), tail=st.sampled_from("a𝄞"))
def test_a_text_is_cut_only_where_excel_would_refuse_it(start: str, more: int, tail: str):
    text = start + tail * (MOST_CHARACTERS // len(tail.encode("utf-16-le")) * 2 + more)
    length = len(text.encode("utf-16-le")) // 2
    shown, note = fitting(text)
    assert len(shown.encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert (shown == text) is (note is None) is (length <= MOST_CHARACTERS)


def test_each_table_has_a_sheet_with_filters_and_a_header_that_stays(tmp_path: Path):
    written(tmp_path, layout(), batches(layout()))
    book = openpyxl.load_workbook(tmp_path / "data.xlsx")
    assert book.sheetnames == ["Survey", "members"]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.b
        assert sheet.auto_filter.ref == sheet.dimensions


def test_rows_that_do_not_fit_go_on_in_another_sheet(tmp_path: Path):
    laid_out, batch = single(Holds.INTEGER, *range(7))
    notes = written(tmp_path, laid_out, [batch], most_rows=4)
    assert read(tmp_path) == {
        "Survey": [("cell",), (0,), (1,), (2,)],
        "Survey (2)": [("cell",), (3,), (4,), (5,)],
        "Survey (3)": [("cell",), (6,)],
    }
    assert notes == [
        "Survey goes on in the sheet Survey (2)",
        "Survey goes on in the sheet Survey (3)",
    ]


def test_a_sheet_that_is_full_is_not_followed_by_an_empty_one(tmp_path: Path):
    laid_out, batch = single(Holds.INTEGER, 0, 1, 2)
    assert written(tmp_path, laid_out, [batch], most_rows=4) == []
    assert list(read(tmp_path)) == ["Survey"]


def test_too_many_columns_are_refused_before_anything_is_written(tmp_path: Path):
    many = table("Survey", *(column(f"c{number}") for number in range(MOST_COLUMNS + 1)))
    with pytest.raises(ConfigError, match="Survey has 16,385 columns"):
        Excel(tmp_path / "data.xlsx", Layout(Form("Survey"), (many,)))


def test_nothing_is_left_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    written(tmp_path, layout(), batches(layout()))
    with pytest.raises(AttributeError):
        written(tmp_path, layout(), [None])  # type: ignore[list-item] # fails while writing
    assert list(folder.iterdir()) == []


NAMES = st.lists(
    st.text() | st.sampled_from(["History", "a" * 40, "A" * 40, "'x'", "[a]:*?/\\", "𝄞" * 20]),
    max_size=8,
)


@given(names=NAMES)
def test_excel_takes_every_name_of_a_sheet(names: list[str]):
    sheets = SheetNames()
    found = [sheets.free(name) for name in names]
    assert len({name.casefold() for name in found}) == len(names)
    for name in found:
        assert 1 <= len(name.encode("utf-16-le", "surrogatepass")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"


@settings(max_examples=40)
@given(names=st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=5, unique=True))
def test_every_table_is_read_back_from_its_sheet(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("xlsx")
    laid_out = tables(*names)
    written(
        folder,
        laid_out,
        [Batch(one, ([name],)) for one, name in zip(laid_out.tables, names, strict=True)],
    )
    found = [rows[1:] for rows in read(folder).values()]
    assert found == [[(name,)] for name in names]


def shown(cell: Any, holds: Holds) -> Cell:
    """Say what openpyxl makes of a cell."""
    match holds, cell:
        case Holds.TEXTS, list():
            return " ".join(cell)
        case Holds.DATE, date() if cell.year >= 1900:
            return datetime.combine(cell, time())
        case Holds.TIMESTAMP, datetime():
            moment = cell.astimezone(UTC).replace(tzinfo=None)
            return moment if moment.year >= 1900 else cell.isoformat()
        case Holds.DATE, date():
            return cell.isoformat()
        case Holds.DECIMAL, float():
            return float(f"{cell:.16G}")  # all that a sheet keeps of a number
    return cell


def same(found: Cell, expected: Cell) -> bool:
    if isinstance(expected, datetime | time) and isinstance(found, datetime | time):
        day = date(2000, 1, 1)
        one, two = (
            moment if isinstance(moment, datetime) else datetime.combine(day, moment)
            for moment in (found, expected)
        )
        return abs(one - two) <= timedelta(milliseconds=1)
    return bool(found == expected)


@st.composite
def filled(draw: Any) -> tuple[Generated, list[dict[str, Any]]]:
    form = draw(forms())
    return form, draw(submissions(form, strange=draw(st.booleans())))


@settings(max_examples=25)  # openpyxl takes its time
@given(drawn=filled())
def test_every_cell_of_every_table_is_read_back(
    drawn: tuple[Generated, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
):
    form, rows = drawn
    laid_out = lay_out(merged(form.contents, form.name))
    page = Tabulator(laid_out).add(rows)
    folder = tmp_path_factory.mktemp("xlsx")
    written(folder, laid_out, page)
    sheets = read(folder)
    for batch, (header, *found) in zip(page, sheets.values(), strict=True):
        columns = batch.table.columns
        assert [name or "" for name in header] == [column.name for column in columns]
        assert len(found) <= len(batch)  # openpyxl leaves out empty rows at the end
        for row, cells in zip(batch.rows(), padded(found, len(batch), len(columns)), strict=True):
            for cell, one, asked in zip(row, cells, columns, strict=True):
                assert same(one, shown(cell, asked.holds)), asked


def padded(rows: Sequence[tuple[Cell, ...]], length: int, width: int) -> list[tuple[Cell, ...]]:
    return [*rows, *[(None,) * width] * (length - len(rows))]


def test_the_file_is_a_sound_archive(tmp_path: Path):
    written(tmp_path, layout(), batches(layout()))
    with ZipFile(tmp_path / "data.xlsx") as archive:
        assert archive.testzip() is None
        assert "xl/worksheets/sheet2.xml" in archive.namelist()
