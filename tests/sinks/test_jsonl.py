"""Rows that are JSON already: one line each, whatever the server put between their parts."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.raw import RawPage
from kobo_async.sinks.jsonl import JsonLines, JsonLinesStream, encode
from tests.sinks.samples import ROWS

VALUES = st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=6)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES), max_size=5)
INDENTS = st.sampled_from([None, 0, 2, "\t"])


@given(OBJECTS, INDENTS)
def test_raw_rows_are_lines_with_the_same_values(rows: list[Any], indent: Any):
    for line_break in ("\n", "\r\n"):
        texts = [json.dumps(row, indent=indent).replace("\n", line_break) for row in rows]
        written = encode([text.encode() for text in texts])
        assert [json.loads(line) for line in written.split(b"\n")[:-1]] == rows
        assert b"\r" not in written


@given(OBJECTS, INDENTS)
def test_a_raw_page_is_written_as_its_rows_are(rows: list[Any], indent: Any):
    texts = [json.dumps(row, indent=indent).encode() for row in rows]
    page = RawPage(b",".join(texts), [*map(memoryview, texts)])
    assert encode(page) == encode(texts)
    assert encode(page[1:]) == encode(texts[1:])
    assert [page[place] for place in range(len(page))] == [*page] == texts


def test_compact_rows_are_written_byte_for_byte():
    raw = [b'{"_id":1,"a":1.50,"b":"\\u00e9"}', b'{"_id":2}']
    assert encode(raw) == b'{"_id":1,"a":1.50,"b":"\\u00e9"}\n{"_id":2}\n'
    assert encode([*map(orjson.dumps, ROWS)]) == encode(ROWS)
    assert encode([]) == b""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_sinks_take_raw_rows_and_dicts_alike(tmp_path: Any, backend: str):
    async def fill() -> bytes:
        stream = io.BytesIO()
        for rows in (ROWS, [*map(orjson.dumps, ROWS)]):
            async with JsonLinesStream(stream) as pipe:
                await pipe.write(rows)
            async with JsonLines(tmp_path / "rows.jsonl") as sink:
                await sink.write(rows)
        return stream.getvalue()

    piped = anyio.run(fill, backend=backend)
    assert piped == (tmp_path / "rows.jsonl").read_bytes() * 2


@pytest.mark.anyio
async def test_a_file_that_goes_to_the_disk_in_stretches_holds_every_row(tmp_path: Path):
    rows = [b'{"_id":%d,"text":"%b"}' % (number, b"x" * 100_000) for number in range(400)]
    async with JsonLines(tmp_path / "rows.jsonl") as sink:
        for row in rows:
            await sink.write([row])
    assert (tmp_path / "rows.jsonl").read_bytes().splitlines() == rows
