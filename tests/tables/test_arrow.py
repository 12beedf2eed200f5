"""Laws of Arrow tables: cells stay what they are."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async.forms.columns import Batch, Layout, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged
from kobo_async.tables.arrow import ArrowTables
from tests.forms.generated import FORMS, forms, submissions

OPTIONS = st.builds(
    TableOptions,
    values=st.sampled_from(["typed", "text"]),
    select_multiple=st.sampled_from(["list", "indicators", "both"]),
    numbering=st.sampled_from(["table", "submission"]),
    system=st.sampled_from(["all", ("_id", "_submission_time")]),
    geometry=st.sampled_from(["wkt", "geojson"]),
    media=st.booleans(),
    offsets=st.booleans(),
    repeat_system=st.booleans(),
)


@st.composite
def laid_out(draw: st.DrawFn) -> tuple[Layout, list[list[dict[str, Any]]]]:
    """Draw a layout, and pages of submissions."""
    form = draw(forms())
    layout = lay_out(merged(form.contents, form.name), draw(OPTIONS))
    return layout, [draw(submissions(form, strange=True)) for _ in range(draw(st.integers(0, 3)))]


@given(laid_out())
def test_tables_hold_the_cells_of_all_batches(drawn: tuple[Layout, list[list[dict[str, Any]]]]):
    layout, pages = drawn
    tabulator, arrow = Tabulator(layout), ArrowTables(layout)
    parts: dict[str, list[pa.RecordBatch]] = {table.name: [] for table in layout.tables}
    cells: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in layout.tables}
    for page in pages:
        for batch in tabulator.add(page):
            parts[batch.table.name].append(arrow.convert(batch))
            cells[batch.table.name] += batch.rows()
    for table in layout.tables:
        made = arrow.table(table.name, parts[table.name])
        made.validate(full=True)
        assert made.column_names == [column.name for column in table.columns]
        columns = [column.to_pylist() for column in made.columns]
        assert list(zip(*columns, strict=True)) == cells[table.name]


@settings(max_examples=FORMS // 5)
@given(laid_out())
def test_what_arrow_reads_itself_is_what_was_read_before(
    drawn: tuple[Layout, list[list[dict[str, Any]]]],
):
    layout, pages = drawn
    one, other = Tabulator(layout), Tabulator(layout)
    quick, plain = ArrowTables(layout), ArrowTables(layout)
    for page in pages:
        unread = one.add(page)
        read = [Batch(batch.table, tuple(batch.cells)) for batch in other.add(page)]
        for first, second in zip(unread, read, strict=True):
            assert quick.convert(first).equals(plain.convert(second), check_metadata=True)
        assert unread == read
    assert one.bad == other.bad


@given(laid_out())
def test_answers_that_do_not_fit_are_counted_though_nobody_reads_them(
    drawn: tuple[Layout, list[list[dict[str, Any]]]],
):
    layout, pages = drawn
    unread, read = Tabulator(layout), Tabulator(layout)
    for page in pages:
        unread.add(page)
        for batch in read.add(page):
            tuple(batch.cells)
    assert unread.bad == read.bad


@given(laid_out())
def test_schemas_tell_of_every_column(drawn: tuple[Layout, list[list[dict[str, Any]]]]):
    layout, _ = drawn
    schemas = ArrowTables(layout).schemas
    for table in layout.tables:
        for column, field in zip(table.columns, schemas[table.name], strict=True):
            assert told(field) == {
                "path": column.path,
                "type": column.type,
                "label": column.label,
                "choices": [list(choice) for choice in column.choices],
            }


def told(field: pa.Field) -> dict[str, Any]:
    found = {key.decode().removeprefix("kobo:"): value for key, value in field.metadata.items()}
    choices = orjson.loads(found.pop("choices", b"[]"))
    texts = {name: value.decode() for name, value in found.items()}
    return {"label": None, **texts, "choices": choices}


def test_choices_with_the_same_label_are_one_category():
    content = {
        "survey": [{"type": "select_one", "name": "c", "select_from_list_name": "l"}],
        "choices": [{"list_name": "l", "name": name, "label": ["Same"]} for name in ("a", "b")],
        "translations": ["English (en)"],
    }
    layout = lay_out(merged([content], "Form"), TableOptions(labels="en"))
    (batch,) = Tabulator(layout).add([{"_id": 1, "c": "a"}, {"_id": 2, "c": "b"}])

    column = ArrowTables(layout).convert(batch)["c"]

    assert column.dictionary.to_pylist() == ["Same"]
    assert column.to_pylist() == ["Same", "Same"]


@pytest.mark.parametrize("kind", ["select_one", "select_multiple"])
@pytest.mark.parametrize("size", [3, 300, 5000])
def test_choices_are_the_same_on_every_page(kind: str, size: int):
    names = [f"c{number}" for number in range(size)]
    content = {
        "survey": [{"type": kind, "name": "c", "select_from_list_name": "l"}],
        "choices": [{"list_name": "l", "name": name} for name in names],
    }
    options = TableOptions(select_multiple="list", system=("_id",))
    layout = lay_out(merged([content], "Form"), options)
    tabulator, arrow = Tabulator(layout), ArrowTables(layout)
    for answers in (names, [None, *names[:2]], [*names[::-1], None]):
        (batch,) = tabulator.add([{"_id": 1, "c": answer} for answer in answers])
        found = arrow.convert(batch)["c"]
        found.validate(full=True)
        assert found.to_pylist() == batch.cells[0]


@pytest.mark.parametrize("kind", ["text", "select_one_from_file"])
def test_what_has_no_choices_is_text(kind: str):
    content = {"survey": [{"type": kind, "name": "c"}]}
    schema = ArrowTables(lay_out(merged([content], "Form"))).schemas["Form"]
    assert schema.field("c").type == pa.string()
