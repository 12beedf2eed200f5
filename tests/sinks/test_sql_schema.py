"""Tables that grow with their form, under names that every database accepts and that stay."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Layout
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks.sql.sink import Sql
from tests.sinks.databases import Target, form, put, question, quoted, repeat

pytestmark = pytest.mark.anyio

LONG = "a_group_with_a_long_name/" * 8


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def columns(target: Target, table: str = "Wells") -> dict[str, str]:
    """Return the columns that the sink says a table has, by their headers."""
    sql = f"SELECT header, column_name FROM _kobo_columns WHERE table_name = '{table}'"  # noqa: S608 - literal
    return dict(target.run(sql))  # type: ignore[arg-type]


async def value(target: Target, header: str, number: int = 1) -> Any:
    """Look a cell of a submission up by the header of its column, wherever it is."""
    ((table, column),) = target.run(
        "SELECT table_name, column_name FROM _kobo_columns "  # noqa: S608 - literal
        f"WHERE repeat = '' AND header = '{header.replace(chr(39), chr(39) * 2)}'"
    )
    sql = f"SELECT {quoted(column)} FROM {quoted(table)} WHERE _id = {number}"  # noqa: S608 - quoted
    ((found,),) = target.run(sql)
    return found


async def test_a_new_question_gets_a_column_and_an_old_one_keeps_its_own(target: Target):
    await put(target.url, form(question("old"), question("kept")), [{"_id": 1, "old": "a"}])
    await put(target.url, form(question("kept"), question("new")), [{"_id": 2, "new": "b"}])
    sql = 'SELECT _id, old, kept, new FROM "Wells" ORDER BY 1'
    assert target.run(sql) == [(1, "a", None, None), (2, None, None, "b")]


async def test_a_repeat_that_is_added_later_gets_a_table(target: Target):
    await put(target.url, form(question("name")), [{"_id": 1}])
    layout = form(question("name"), *repeat("pumps", question("maker")))
    await put(target.url, layout, [{"_id": 1, "pumps": [{"pumps/maker": "A"}]}])
    assert target.run("SELECT _submission__id, _index FROM pumps") == [(1, 1)]


async def test_another_project_of_the_same_name_is_kept_apart(target: Target):
    mine, other = (
        attrs.evolve(layout, form=attrs.evolve(layout.form, uid=uid))
        for uid, layout in (("aMine", form(question("q"))), ("aOther", form(question("q"))))
    )
    await put(target.url, mine, [{"_id": 1, "q": "a"}])
    with pytest.raises(ConfigError, match=r"'Wells' holds the project aMine, not aOther.*prefix"):
        await put(target.url, other, [{"_id": 2, "q": "b"}])
    await put(target.url, mine, [{"_id": 3, "q": "c"}])
    async with Sql(target.url, other, prefix="other_") as sink:
        await sink.write(Tabulator(other).add([{"_id": 2, "q": "b"}]))
    assert target.run('SELECT _id FROM "Wells" ORDER BY 1') == [(1,), (3,)]
    assert target.run('SELECT _id FROM "other_Wells"') == [(2,)]


async def test_a_project_that_is_renamed_keeps_its_tables(target: Target):
    survey = (question("q"), *repeat("pumps", question("maker")))
    for number, title in enumerate(("Wells", "Springs", "Wells"), 1):
        layout = form(*survey, name=title)
        mine = lay_out(attrs.evolve(layout.form, uid="aMine"), layout.options)
        await put(target.url, mine, [{"_id": number, "pumps": [{"pumps/maker": title}]}])
    assert target.tables() == {"Wells", "pumps"}
    assert target.run('SELECT _id FROM "Wells" ORDER BY 1') == [(1,), (2,), (3,)]
    assert target.run("SELECT _submission__id FROM pumps ORDER BY 1") == [(1,), (2,), (3,)]


WIDER = [
    ("integer", "decimal", "007", "2.5", 7, 2.5),
    ("integer", "text", "7", "007", "7", "007"),
    ("acknowledge", "text", "OK", "yes", "true", "yes"),
    ("date", "text", "2026-02-28", "soon", "2026-02-28", "soon"),
    ("decimal", "integer", "2.5", "7", 2.5, 7),
    ("text", "integer", "007", "7", "007", "7"),
    ("text", "decimal", "x", "1.5", "x", "1.5"),
    ("text", "acknowledge", "x", "OK", "x", "true"),
    ("text", "time", "x", "06:15:00.000+01:00", "x", "06:15:00"),
]


@pytest.mark.parametrize(("before", "after", "one", "two", "first", "second"), WIDER)
async def test_a_column_holds_the_answers_of_all_versions(
    target: Target, before: str, after: str, one: str, two: str, first: Any, second: Any
):
    await put(target.url, form(question("q", before)), [{"_id": 1, "q": one}, {"_id": 3}])
    for _ in range(2):
        await put(target.url, form(question("q", after)), [{"_id": 2, "q": two}])
    rows = target.run('SELECT q FROM "Wells" ORDER BY _id')
    assert rows == [(first,), (second,), (None,)]
    assert [type(cell) for (cell,) in rows[:2]] == [
        type(first) if not isinstance(first, int) or "decimal" not in {before, after} else float,
        type(second) if "decimal" not in {before, after} or isinstance(second, str) else float,
    ]


async def test_moments_and_lists_become_texts(target: Target):
    some = {"select_from_list_name": "l"}
    choices = [{"list_name": "l", "name": name} for name in "ab"]
    before = form(question("t", "datetime"), question("s", "rank", **some), choices=choices)
    row = {"_id": 1, "t": "2026-01-01T08:00:00.500+02:00", "s": "b a"}
    await put(target.url, before, [row])
    await put(target.url, form(question("t"), question("s")), [{"_id": 2, "t": "x", "s": "y"}])
    (moment, listed), strange = target.run('SELECT t, s FROM "Wells" ORDER BY _id')
    assert (moment[:21], listed.replace(" ", "")) == ("2026-01-01T06:00:00.5", '["b","a"]')
    assert strange == ("x", "y")


@pytest.mark.parametrize("target", ["postgresql"], indirect=True)
async def test_a_column_that_a_view_needs_is_named_before_anything_is_written(target: Target):
    await put(target.url, form(question("q", "integer")), [{"_id": 1, "q": "7"}])
    target.run('CREATE VIEW totals AS SELECT sum(q) FROM "Wells"')
    with pytest.raises(ConfigError, match=r'column "q" of "Wells" must become TEXT.*view'):
        await put(target.url, form(question("q"), question("new")), [{"_id": 2}])
    assert "new" not in columns(target)


HOSTILE = [
    *('a"b', "a'b", "a`b", "[a]", "a;b--", "%s", "%(x)s", ":x", "?", "a\\b", "a\nb", " ", "\t"),
    *("select", "table", "user", "order", "Größe", "大小", "\U0001f6b0", "a\x00b", "x\ud800y"),
    *("xmin", "ctid", "oid", "rowid", "_deleted_at", "_rowid_", "sqlite_", "a.b", "$1", "{}"),
    *(LONG + "one", LONG + "two", "é" * 60, "_id", "_index", "_submission__id", "_extra"),
]


async def test_hostile_names_become_columns(target: Target):
    layout = form(*map(question, HOSTILE), *repeat("pumps", *map(question, HOSTILE)))
    row = {"_id": 1, **{name: f"<{place}>" for place, name in enumerate(HOSTILE)}} | {"_id": 1}
    inside = {f"pumps/{name}": f"<{place}>" for place, name in enumerate(HOSTILE)}
    for _ in range(2):
        await put(target.url, layout, [row | {"pumps": [inside]}])
    for place, name in enumerate(HOSTILE[:-4]):
        shown = name.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
        assert await value(target, shown) == f"<{place}>", name


async def test_names_of_tables_may_be_hostile_too(target: Target):
    for place, name in enumerate(HOSTILE, 1):
        layout = form(question("q"), *repeat(name, question("r")), name=name)
        row = {"_id": place, "q": name, name: [{f"{name}/r": "x"}]}
        await put(target.url, layout, [row | {"_id": place}], prefix="t_")
    roots = target.run("SELECT DISTINCT root FROM _kobo_columns")
    assert len(roots) == len(HOSTILE)


@pytest.mark.parametrize("name", ["sqlite_master", "SQLite_x"])
async def test_names_that_sqlite_keeps_to_itself_are_no_names_of_tables(target: Target, name: str):
    layout = form(question("q"), *repeat(f"{name}y", question("r")), name=name)
    for _ in range(2):
        await put(target.url, layout, [{"_id": 1, f"{name}y": [{f"{name}y/r": "x"}]}])
    assert target.tables() == {f"_{name}", f"_{name}y"}


async def test_a_long_name_stays_what_it_is_when_questions_are_added(target: Target):
    await put(target.url, form(question(f"{LONG}one")), [{"_id": 1, f"{LONG}one": "a"}])
    before = columns(target)
    grown = form(question(f"{LONG}two"), question(f"{LONG}one"), question("x"))
    await put(target.url, grown, [{"_id": 2, f"{LONG}one": "b", f"{LONG}two": "c"}])
    after = columns(target)
    assert before.items() <= after.items()
    assert await value(target, f"{LONG}one", 1) == "a"
    assert (await value(target, f"{LONG}one", 2), await value(target, f"{LONG}two", 2)) == (
        "b",
        "c",
    )
    if target.kind == "postgresql":
        assert max(len(name.encode()) for name in after.values()) == 63


async def test_names_that_differ_in_case_stay_apart_over_time(target: Target):
    await put(target.url, form(question("a")), [{"_id": 1, "a": "one"}])
    await put(target.url, form(question("A")), [{"_id": 2, "A": "two"}])
    assert (await value(target, "a", 1), await value(target, "A", 2)) == ("one", "two")
    assert (await value(target, "a", 2), await value(target, "A", 1)) == (None, None)


async def test_a_question_that_moves_keeps_its_column_if_its_header_stays(target: Target):
    await put(target.url, form(question("q"), headers="name"), [{"_id": 1, "q": "a"}])
    moved = {"type": "text", "name": "q", "$xpath": "group/q"}
    await put(target.url, form(moved, headers="name"), [{"_id": 2, "group/q": "b"}])
    assert target.run('SELECT q FROM "Wells" ORDER BY _id') == [("a",), ("b",)]


def wide(count: int, type_: str = "text", *, first: int = 0) -> Layout:
    return form(*(question(f"q{number}", type_) for number in range(first, first + count)))


async def test_a_wide_form_goes_on_in_a_second_table(target: Target):
    row = {"_id": 1, **{f"q{number}": f"{number} " * 200 for number in range(3000)}}
    await put(target.url, wide(3000), [row])
    assert "Wells_2" in target.tables()
    places = columns(target)
    await put(target.url, wide(3010), [row | {"_id": 2, "q3005": "late"}, row | {"q7": "new"}])
    assert places.items() <= columns(target).items()
    for number in range(0, 3000, 149):
        assert await value(target, f"q{number}", 2) == row[f"q{number}"]
    assert await value(target, "q3005", 2) == "late"
    assert (await value(target, "q7", 1), await value(target, "q8", 1)) == ("new", row["q8"])


async def test_a_wide_form_of_numbers_fits_where_it_can(target: Target):
    row = {"_id": 1, **{f"q{number}": str(number) for number in range(900)}}
    await put(target.url, wide(900, "integer"), [row])
    assert target.tables() == {"Wells"}


async def test_tables_that_somebody_dropped_are_made_again(target: Target):
    layout = form(question("q"), *repeat("pumps", question("maker")))
    row = {"_id": 1, "q": "a", "pumps": [{"pumps/maker": "A"}]}
    await put(target.url, layout, [row])
    target.run('ALTER TABLE "Wells" DROP COLUMN q')
    target.run("DROP TABLE pumps")
    await put(target.url, layout, [row])
    assert target.run('SELECT q, "pumps/maker" FROM "Wells", pumps') == [("a", "A")]


async def test_a_table_of_somebody_else_is_left_alone(target: Target):
    target.run('CREATE TABLE "Wells" (_id integer)')
    with pytest.raises(ConfigError, match="prefix"):
        await put(target.url, form(question("q")), [{"_id": 1}])
    await put(target.url, form(question("q")), [{"_id": 1}], prefix="kobo ")
    assert target.tables() == {"Wells", "kobo Wells"}


async def test_repeats_of_two_projects_stay_apart(target: Target):
    for name in ("Wells", "Schools"):
        layout = form(*repeat("members", question("called")), name=name)
        await put(target.url, layout, [{"_id": 1, "members": [{"members/called": name}]}])
    assert target.tables() == {"Wells", "Schools", "members", "Schools_members"}
    assert target.run('SELECT "members/called" FROM "Schools_members"') == [("Schools",)]


async def test_columns_are_described(target: Target):
    layout = form(question("q", "integer", label=["How many?"]))
    await put(target.url, layout, [])
    await put(target.url, form(question("q", "integer", label=["How many people?"])), [])
    sql = "SELECT path, label, type, holds FROM _kobo_columns WHERE column_name = 'q'"
    assert target.run(sql) == [("q", "How many people?", "integer", "integer")]
    if target.kind == "postgresql":
        sql = (
            "SELECT col_description('\"Wells\"'::regclass, attnum) "
            "FROM pg_attribute WHERE attname = 'q'"
        )
        assert target.run(sql) == [("How many people? (integer)",)]


async def test_the_key_stays_when_a_question_takes_its_name(target: Target):
    await put(target.url, form(question("q")), [{"_id": 1, "q": "a"}])
    layout = form(
        question("q"), {"type": "text", "name": "_id", "$xpath": "group/_id"}, headers="name"
    )
    await put(target.url, layout, [{"_id": 1, "q": "b"}, {"_id": 2}])
    assert target.run('SELECT _id, q FROM "Wells" ORDER BY _id') == [(1, "b"), (2, None)]
