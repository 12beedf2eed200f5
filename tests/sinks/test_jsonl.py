"""Rows that are JSON already: one line each, whatever the server put between their parts."""

from __future__ import annotations

import io
import json
import os
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


async def write_forty_megabytes(path: Path) -> list[bytes]:
    rows = [b'{"_id":%d,"text":"%b"}' % (number, b"x" * 100_000) for number in range(400)]
    async with JsonLines(path) as sink:
        for row in rows:
            await sink.write([row])
    return rows


@pytest.mark.anyio
async def test_a_file_that_goes_to_the_disk_in_stretches_holds_every_row(tmp_path: Path):
    rows = await write_forty_megabytes(tmp_path / "rows.jsonl")
    assert (tmp_path / "rows.jsonl").read_bytes().splitlines() == rows


@pytest.mark.anyio
@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="a hint of POSIX")
async def test_the_disk_is_told_of_every_stretch_to_write_it_and_again_to_let_it_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told: list[tuple[int, int]] = []

    def advise(file: int, begin: int, length: int, advice: int) -> None:
        told.append((begin, begin + length))
        raise OSError(file, f"{advice} is not supported")

    monkeypatch.setattr(os, "posix_fadvise", advise)
    rows = await write_forty_megabytes(tmp_path / "rows.jsonl")
    assert (tmp_path / "rows.jsonl").read_bytes().splitlines() == rows
    latest = told[-1][1]
    times = [sum(begin <= at < end for begin, end in told) for at in range(0, latest, 2**20)]
    assert latest > 30 * 2**20
    assert min(times[:-10]) >= 2
    assert min(times) >= 1
