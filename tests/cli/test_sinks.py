"""Files that are whole or not there."""

from __future__ import annotations

import io
import json
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from kobo_async.errors import ConfigError
from kobo_async.sinks import Csv, JsonLines, JsonLinesStream, Row, Sink, sink_for

pytestmark = pytest.mark.anyio
MAKERS = [JsonLines, Csv]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")
ROWS = [{"_id": 1, "name": "Zoë", "none": None}, {"_id": 2, "members": [{"age": "3"}]}]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> Callable[[Path], Sink]:
    return request.param


async def fill(sink: Sink, *batches: Sequence[Row]) -> None:
    async with sink:
        for rows in batches:
            await sink.write(rows)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def fail(sink: Sink) -> None:
    async with sink:
        await sink.write(ROWS)
        raise RuntimeError("the download broke")


async def test_json_lines_hold_the_rows_unchanged(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    await fill(sink_for(path), ROWS, [], ROWS)
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [*ROWS, *ROWS]


async def test_a_stream_gets_the_rows_and_stays_open():
    file = io.BytesIO()
    await fill(JsonLinesStream(file), ROWS)
    assert [json.loads(line) for line in file.getvalue().splitlines()] == ROWS
    assert not file.closed


async def test_nothing_has_the_name_before_the_end(make: Callable[[Path], Sink], tmp_path: Path):
    path = tmp_path / "rows"
    async with make(path) as sink:
        await sink.write(ROWS)
        assert not path.exists()
    assert path.exists()
    assert names(tmp_path) == ["rows"]


async def test_no_rows_make_an_empty_file(make: Callable[[Path], Sink], tmp_path: Path):
    path = tmp_path / "rows"
    await fill(make(path))
    assert path.read_bytes() == b""


async def test_a_failure_leaves_nothing(make: Callable[[Path], Sink], tmp_path: Path):
    with pytest.raises(RuntimeError, match="broke"):
        await fail(make(tmp_path / "rows"))
    assert names(tmp_path) == []


async def test_a_failure_leaves_the_file_of_yesterday(make: Callable[[Path], Sink], tmp_path: Path):
    path = tmp_path / "rows"
    path.write_text("yesterday")
    with pytest.raises(RuntimeError, match="broke"):
        await fail(make(path))
    assert path.read_text() == "yesterday"
    assert names(tmp_path) == ["rows"]


async def test_a_failure_of_the_last_step_leaves_nothing(tmp_path: Path):
    path = tmp_path / "rows"
    sink = JsonLines(path)
    path.mkdir()
    with pytest.raises(OSError, match="rows"):
        await fill(sink, ROWS)
    assert names(tmp_path) == ["rows"]


@POSIX
async def test_a_new_file_hands_down_the_permissions_of_the_old_one(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.touch(mode=0o600)
    await fill(JsonLines(path), ROWS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@POSIX
async def test_a_link_keeps_pointing_where_it_points(tmp_path: Path):
    path, link = tmp_path / "rows.jsonl", tmp_path / "latest.jsonl"
    link.symlink_to(path)
    await fill(JsonLines(link), ROWS)
    assert link.is_symlink()
    assert path.read_bytes()


async def test_a_folder_is_not_written_over(tmp_path: Path):
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(ConfigError, match="is a folder"):
        sink_for(tmp_path / "rows.csv")


async def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"there is no folder .*nowhere"):
        sink_for(tmp_path / "nowhere" / "rows.csv")


@pytest.mark.parametrize("name", ["rows.xlsx", "rows", "rows.jsonl.gz"])
async def test_an_unknown_suffix_is_answered_with_the_known_ones(name: str):
    with pytest.raises(ConfigError, match=r"\.jsonl, \.ndjson, \.csv"):
        sink_for(name)


async def test_a_suffix_may_be_in_capitals(tmp_path: Path):
    assert isinstance(sink_for(tmp_path / "ROWS.CSV"), Csv)


async def test_writing_outside_of_the_context_is_an_error(tmp_path: Path):
    with pytest.raises(RuntimeError, match="async with"):
        await JsonLines(tmp_path / "rows").write(ROWS)


async def test_a_very_long_name_is_no_problem(tmp_path: Path):
    path = tmp_path / ("é" * 120 + ".jsonl")
    await fill(JsonLines(path), ROWS)
    assert path.exists()


class Noting:
    """A file that notes what is done to it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def write(self, data: bytes) -> None:
        self.seen.append(data)

    def flush(self) -> None:
        self.seen.append("flushed")


async def test_a_stream_is_flushed_after_every_page():
    file = Noting()
    await fill(JsonLinesStream(file), ROWS[:1], ROWS[1:])
    assert [one == "flushed" for one in file.seen] == [False, True, False, True]
