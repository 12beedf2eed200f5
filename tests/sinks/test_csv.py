"""Tables as CSV: every cell can be read back, by whoever reads CSV."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import anyio
import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.forms.columns import Batch, Holds, Layout, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.schema import Form
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged
from kobo_async.sinks.csv import Csv, harmless
from kobo_async.sinks.names import file_parts
from tests.forms.generated import Generated, forms, submissions
from tests.sinks.samples import ROWS, batches, column, layout, single, table, tables

EAST = timezone(timedelta(hours=5, minutes=30))
FORMULAS = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-1+1", "+49 (0) 30"]
WIDE = [unicodedata.lookup(f"FULLWIDTH {name}") for name in ("EQUALS SIGN", "PLUS SIGN")]
HARMLESS = ["", "a=1", "-1.5", "+49301234567", "1e-5", "-1.5 36.8 0 0", "-1 2;3 -4;", "'=1", " =1"]


def written(folder: Path, laid_out: Layout, *pages: list[Batch], **options: Any) -> Path:
    """Write pages of tables; return the file of the submissions."""

    async def write() -> None:
        async with Csv(folder / "data.csv", laid_out, **options) as sink:
            for page in pages:
                await sink.write(page)

    anyio.run(write)
    return folder / "data.csv"


def read(path: Path, **options: Any) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True, **options))


def text(cell: Any) -> str:
    """Write a cell by the rules of the documentation."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case list():
            return " ".join(cell)
        case date() | time():
            return cell.isoformat()
    return str(cell)


@pytest.mark.parametrize(
    ("holds", "cell", "expected"),
    [
        (Holds.TEXT, 'He said: "a, b"\r\nand\rleft\n', 'He said: "a, b"\r\nand\rleft\n'),
        (Holds.INTEGER, -(2**63), "-9223372036854775808"),
        (Holds.DECIMAL, 0.1, "0.1"),
        (Holds.DECIMAL, 1e300, "1e+300"),
        (Holds.BOOLEAN, True, "TRUE"),
        (Holds.BOOLEAN, False, "FALSE"),
        (Holds.DATE, date(2026, 11, 1), "2026-11-01"),
        (Holds.TIME, time(6, 15), "06:15:00"),
        (Holds.TIMESTAMP, datetime(2026, 1, 7, 8, tzinfo=EAST), "2026-01-07T08:00:00+05:30"),
        (
            Holds.TIMESTAMP,
            datetime(2026, 1, 7, 8, 0, 0, 5000, UTC),
            "2026-01-07T08:00:00.005000+00:00",
        ),
        (Holds.TEXTS, ["radio", "tv"], "radio tv"),
        (Holds.TEXTS, [], ""),
        (Holds.JSON, '{"a":"b"}', '{"a":"b"}'),
        (Holds.DATE, None, ""),
    ],
)
def test_cells_are_written_as_documented(holds: Holds, cell: Any, expected: str, tmp_path: Path):
    laid_out, batch = single(holds, cell)
    assert read(written(tmp_path, laid_out, [batch])) == [["cell"], [expected]]


def test_each_table_has_its_file(tmp_path: Path):
    path = written(tmp_path, layout(), batches(layout()))
    submissions_, members = read(path), read(tmp_path / "data.members.csv")
    assert submissions_[0][:3] == ["name", "size", "place"]
    assert [row[:2] for row in submissions_[1:]] == [["Zoë", "-3"], ["李雷", ""]]
    assert [row[0] for row in members] == ["members/called", "Ana", ""]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data.csv", "data.members.csv"]


def test_without_rows_there_are_headers(tmp_path: Path):
    path = written(tmp_path, layout())
    assert [len(read(path)), len(read(tmp_path / "data.members.csv"))] == [1, 1]


def test_the_file_is_utf_8_with_crlf_and_without_a_mark(tmp_path: Path):
    laid_out, batch = single(Holds.TEXT, "Zoë 李雷")
    assert written(tmp_path, laid_out, [batch]).read_bytes() == "cell\r\nZoë 李雷\r\n".encode()


def test_a_mark_can_be_had_for_excel(tmp_path: Path):
    path = written(tmp_path, layout(), batches(layout()), bom=True)
    for one in (path, tmp_path / "data.members.csv"):
        assert one.read_bytes().count(b"\xef\xbb\xbf") == 1
        assert one.read_bytes().startswith(b"\xef\xbb\xbf")


def test_another_delimiter_makes_another_dialect(tmp_path: Path):
    laid_out, batch = single(Holds.TEXT, "a\tb", "c,d")
    path = written(tmp_path, laid_out, [batch], delimiter="\t")
    assert path.read_text() == 'cell\n"a\tb"\nc,d\n'


@pytest.mark.parametrize("delimiter", [".", "-", "1", ":", "T"])
def test_what_holds_the_delimiter_is_quoted_whatever_it_is(tmp_path: Path, delimiter: str):
    kinds = (Holds.BOOLEAN, Holds.INTEGER, Holds.DECIMAL, Holds.TIMESTAMP, Holds.TEXT)
    only = table("Survey", *(column(holds.value, holds) for holds in kinds))
    row = (True, -10, 1.5, datetime(2026, 11, 21, tzinfo=UTC), "a.T-:1")
    batch = Batch(only, [[cell] for cell in row])
    path = written(tmp_path, Layout(Form("Survey"), (only,)), [batch], delimiter=delimiter)
    assert read(path, delimiter=delimiter)[1] == list(map(text, row))


def test_pandas_polars_and_duckdb_read_the_types_back(tmp_path: Path):
    only = table(
        "Survey",
        column("yes", Holds.BOOLEAN),
        column("day", Holds.DATE),
        column("n", Holds.INTEGER),
    )
    day = date(2026, 11, 21)
    page = [Batch(only, ([True, None, False], [day, None, day], [1, 2, -3]))]
    path = written(tmp_path, Layout(Form("Survey"), (only,)), page)
    frame = pd.read_csv(path, parse_dates=["day"])
    assert frame["yes"].tolist()[::2] == [True, False]
    assert frame["day"].dt.date.tolist()[::2] == [day, day]
    expected = [(True, day, 1), (None, None, 2), (False, day, -3)]
    assert pl.read_csv(path, try_parse_dates=True).rows() == expected
    assert duckdb.read_csv(str(path)).fetchall() == expected


@pytest.mark.parametrize("cell", [*FORMULAS, *(f"{sign}1+1" for sign in WIDE)])
def test_formulas_are_neutralised_when_asked(cell: str, tmp_path: Path):
    laid_out, batch = single(Holds.TEXT, cell)
    assert read(written(tmp_path, laid_out, [batch]))[1] == [cell]
    assert read(written(tmp_path, laid_out, [batch], neutralise_formulas=True))[1] == [f"'{cell}"]


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_is_no_formula_stays(cell: str):
    assert harmless(cell) == cell


@pytest.mark.parametrize(
    ("holds", "cell"), [(Holds.INTEGER, -3), (Holds.DECIMAL, -1.5), (Holds.DECIMAL, -1e-300)]
)
def test_numbers_are_never_touched(holds: Holds, cell: float, tmp_path: Path):
    laid_out, batch = single(holds, cell)
    assert read(written(tmp_path, laid_out, [batch], neutralise_formulas=True))[1] == [str(cell)]


def test_headers_and_lists_are_neutralised_too(tmp_path: Path):
    only = table("Survey", column("=A1", Holds.TEXTS))
    page = [Batch(only, ([["=1+1", "b"]],))]
    path = written(tmp_path, Layout(Form("Survey"), (only,)), page, neutralise_formulas=True)
    assert read(path) == [["'=A1"], ["'=1+1 b"]]


@given(cell=st.text())
def test_a_neutralised_text_is_itself_behind_a_quote_at_most(cell: str):
    shown = harmless(cell)
    assert shown in (cell, f"'{cell}")
    assert shown is not None
    assert not shown.startswith(("=", "@", "\t", "\r", *WIDE))
    if shown.startswith(("+", "-")):
        assert re.fullmatch(r"[-+0-9.eE ;]+", shown)


NAMES = st.lists(
    st.text()
    | st.sampled_from(
        ["CON", "nul", "aux.x", "a~1", "..", "../x", "a/b", "a\\b", "A", "a", "é", "e\u0301"]
    ),
    max_size=6,
)


@given(names=NAMES)
def test_file_names_stay_in_their_folder_and_apart_on_every_system(names: list[str]):
    parts = list(file_parts(names))
    assert len(parts) == len(names)
    for part in parts:
        assert part
        assert not re.search(r'[\x00-\x1f<>:"/\\|?*\ud800-\udfff]', part)
        assert part == part.strip(" .")
        assert not re.fullmatch(r"(?i)(con|prn|aux|nul)( *\..*)?", part)
        assert not re.search("~[0-9]", part)
        assert len(part.encode()) <= 100
    folded = {unicodedata.normalize("NFD", part).casefold() for part in parts}
    assert len(folded) == len(parts)


@given(names=st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True))
def test_every_table_gets_a_file_in_the_folder(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("csv")
    laid_out = tables(*names)
    page = [Batch(table, (["x"],)) for table in laid_out.tables]
    written(folder, laid_out, page)
    assert len(list(folder.iterdir())) == len(names)
    assert all(read(path) == [["text"], ["x"]] for path in folder.iterdir())


@st.composite
def filled(draw: Any) -> tuple[Generated, list[dict[str, Any]], TableOptions]:
    """Draw a form, rows and how the tables are wanted."""
    form = draw(forms())
    rows = draw(submissions(form, strange=draw(st.booleans())))
    values = draw(st.sampled_from(["typed", "text"]))
    headers = draw(st.sampled_from(["path", "name", "label"]))
    return form, rows, TableOptions(values=values, headers=headers)


@given(drawn=filled())
def test_every_cell_of_every_table_is_read_back(
    drawn: tuple[Generated, list[dict[str, Any]], TableOptions],
    tmp_path_factory: pytest.TempPathFactory,
):
    form, rows, options = drawn
    laid_out = lay_out(merged(form.contents, form.name), options)
    page = Tabulator(laid_out).add(rows)
    folder = tmp_path_factory.mktemp("csv")
    path = written(folder, laid_out, page)
    parts = file_parts(table.name for table in laid_out.tables[1:])
    files = [path, *(folder / f"data.{part}.csv" for part in parts)]
    assert sorted(folder.iterdir()) == sorted(files)
    for batch, file in zip(page, files, strict=True):
        expected = [[text(cell) for cell in row] for row in batch.rows()]
        assert read(file) == [[column.name for column in batch.table.columns], *expected]


def test_several_pages_follow_each_other(tmp_path: Path):
    tabulator = Tabulator(layout())
    pages = [tabulator.add([row]) for row in ROWS]
    names = [row[0] for row in read(written(tmp_path, layout(), *pages))]
    assert names == ["name", "Zoë", "李雷"]
