"""Files that are whole or not there, on this machine and elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import secrets
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import fsspec
import pytest
import zstandard
from fsspec import AbstractFileSystem

from kobo_async.errors import ConfigError
from kobo_async.sinks.base import Draft, FileSink, Target, beside
from kobo_async.sinks.csv import Csv
from kobo_async.sinks.excel import Excel
from kobo_async.sinks.geojson import GeoJson
from kobo_async.sinks.jsonl import JsonLines, JsonLinesStream
from tests.sinks.samples import ROWS, batches, layout

pytestmark = pytest.mark.anyio
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")
LAYOUT = layout()
MAKERS: dict[str, Callable[[Target], Any]] = {
    "rows.jsonl": JsonLines,
    "rows.jsonl.gz": JsonLines,
    "rows.jsonl.zst": JsonLines,
    "rows.csv": lambda target: Csv(target, LAYOUT),
    "rows.csv.gz": lambda target: Csv(target, LAYOUT),
    "rows.xlsx": lambda target: Excel(target, LAYOUT),
    "rows.geojson": lambda target: GeoJson(target, LAYOUT),
}
BESIDE = {"rows.csv": ["rows.members.csv"], "rows.csv.gz": ["rows.members.csv.gz"]}


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=MAKERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(name: str, folder: Path | str) -> Any:
    return MAKERS[name](folder / name if isinstance(folder, Path) else f"{folder}/{name}")


def what(sink: FileSink) -> Sequence[Any]:
    return ROWS if isinstance(sink, JsonLines) else batches(LAYOUT)


async def fill(sink: Any, times: int = 1) -> None:
    async with sink:
        for _ in range(times):
            await sink.write(what(sink))


async def fail(sink: Any) -> None:
    async with sink:
        await sink.write(what(sink))
        raise RuntimeError("the download broke")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_nothing_has_the_name_before_the_end(name: str, tmp_path: Path):
    async with made(name, tmp_path) as sink:
        await sink.write(what(sink))
        assert all(one.endswith(".part") for one in names(tmp_path))
    assert names(tmp_path) == sorted([name, *BESIDE.get(name, [])])


async def test_a_failure_leaves_nothing(name: str, tmp_path: Path):
    with pytest.raises(RuntimeError, match="broke"):
        await fail(made(name, tmp_path))
    assert names(tmp_path) == []


async def test_a_failure_leaves_the_file_of_yesterday(name: str, tmp_path: Path):
    (tmp_path / name).write_text("yesterday")
    with pytest.raises(RuntimeError, match="broke"):
        await fail(made(name, tmp_path))
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "yesterday"


async def test_a_failure_of_the_last_step_leaves_nothing(name: str, tmp_path: Path):
    sink = made(name, tmp_path)
    (tmp_path / name).mkdir()
    with pytest.raises(OSError, match="rows"):
        await fill(sink)
    assert [one for one in names(tmp_path) if one.endswith(".part")] == []


@pytest.mark.parametrize("steps", range(16))
async def test_being_cancelled_leaves_all_files_or_none(name: str, steps: int, tmp_path: Path):
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fill, made(name, tmp_path), 3)
            for _ in range(steps):
                await anyio.lowlevel.checkpoint()
            scope.cancel()
    assert names(tmp_path) in ([], sorted([name, *BESIDE.get(name, [])]))


@pytest.mark.parametrize("milliseconds", range(8))
def test_a_task_that_is_cancelled_leaves_all_files_or_none(
    name: str, milliseconds: int, tmp_path: Path
):
    """The cancellation of asyncio itself breaks off even what waits for a thread."""

    async def run() -> None:
        task = asyncio.create_task(fill(made(name, tmp_path), 3))
        _, pending = await asyncio.wait([task], timeout=milliseconds / 1000)
        if pending:
            task.cancel()
        await asyncio.wait([task])

    asyncio.run(run())
    assert names(tmp_path) in ([], sorted([name, *BESIDE.get(name, [])]))


async def test_writing_outside_of_the_context_is_an_error(name: str, tmp_path: Path):
    sink = made(name, tmp_path)
    with pytest.raises(RuntimeError, match="async with"):
        await sink.write(what(sink))


@POSIX
async def test_a_new_file_hands_down_the_permissions_of_the_old_one(name: str, tmp_path: Path):
    path = tmp_path / name
    path.touch(mode=0o600)
    await fill(made(name, tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@POSIX
async def test_a_link_keeps_pointing_where_it_points(tmp_path: Path):
    path, link = tmp_path / "rows.jsonl", tmp_path / "latest.jsonl"
    link.symlink_to(path)
    await fill(JsonLines(link))
    assert link.is_symlink()
    assert path.read_bytes()


async def test_a_folder_is_not_written_over(name: str, tmp_path: Path):
    (tmp_path / name).mkdir()
    with pytest.raises(ConfigError, match="is a folder"):
        made(name, tmp_path)


async def test_a_missing_folder_is_named(name: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"there is no folder .*nowhere"):
        made(name, tmp_path / "nowhere")


async def test_a_very_long_name_is_no_problem(tmp_path: Path):
    path = tmp_path / ("é" * 120 + ".jsonl")
    await fill(JsonLines(path))
    assert path.exists()


async def test_a_file_may_be_given_as_an_address(name: str, tmp_path: Path):
    folder = tmp_path / "with space"
    folder.mkdir()
    await fill(made(name, folder.as_uri()))
    assert name in names(folder)


def elsewhere() -> str:
    return f"memory://{secrets.token_hex(8)}"


def found(address: str) -> list[str]:
    system, path = fsspec.url_to_fs(address)
    return sorted(one.rpartition("/")[2] for one in system.find(path))


async def test_other_file_systems_get_the_same_files(name: str, tmp_path: Path):
    there = elsewhere()
    await fill(made(name, there))
    await fill(made(name, tmp_path))
    assert found(there) == names(tmp_path)
    if not name.endswith(".xlsx"):  # holds the time at which it was made
        for one in names(tmp_path):
            assert fsspec.open(f"{there}/{one}").open().read() == (tmp_path / one).read_bytes()


async def test_other_file_systems_see_nothing_before_the_end(name: str):
    there = elsewhere()
    async with made(name, there) as sink:
        await sink.write(what(sink))
        assert found(there) == []
    assert name in found(there)


async def test_a_failure_leaves_nothing_on_other_file_systems(name: str):
    there = elsewhere()
    with pytest.raises(RuntimeError, match="broke"):
        await fail(made(name, there))
    assert found(there) == []


async def test_drivers_without_transactions_move_the_file_at_the_end(name: str, tmp_path: Path):
    there = f"local://{tmp_path}"
    async with made(name, there) as sink:
        await sink.write(what(sink))
        assert all(one.endswith(".part") for one in names(tmp_path))
    assert names(tmp_path) == sorted([name, *BESIDE.get(name, [])])


async def test_a_failure_leaves_nothing_where_files_are_moved(name: str, tmp_path: Path):
    with pytest.raises(RuntimeError, match="broke"):
        await fail(made(name, f"local://{tmp_path}"))
    assert names(tmp_path) == []


@pytest.mark.parametrize("address", ["nothing://a/rows.jsonl", "http://example.org/rows.jsonl"])
async def test_an_address_that_cannot_be_written_to_is_refused(address: str):
    with pytest.raises(ConfigError, match=address[:4]):
        await fill(JsonLines(address))


class ReadOnly(AbstractFileSystem):
    """A file system that only can be read."""

    protocol = "readonly"

    def _open(self, path: str, mode: str = "rb", **_options: Any) -> Any:
        raise NotImplementedError(f"{path} cannot be opened as {mode}")


async def test_a_file_system_that_is_only_read_is_refused():
    fsspec.register_implementation("readonly", ReadOnly, clobber=True)
    with pytest.raises(ConfigError, match="readonly:// can be read from alone"):
        await fill(JsonLines("readonly://rows.jsonl"))


async def test_a_library_that_opens_files_itself_needs_one_of_this_machine(tmp_path: Path):
    assert Draft(tmp_path / "a.b").path.parent == Draft(tmp_path / "a.b").target.parent
    with pytest.raises(ConfigError, match=r"memory://\w+ must be a file of this machine") as caught:
        _ = Draft("memory://me:secret@rows").path
    assert "secret" not in str(caught.value)


def test_paths_do_without_fsspec(tmp_path: Path):
    code = (
        "import sys; sys.modules['fsspec'] = None\n"
        "from kobo_async.sinks.base import Draft\n"
        f"Draft({str(tmp_path / 'rows')!r})\n"
        "try: Draft('s3://bucket/rows')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert "ConfigError" in done.stdout
    assert "pip install 'kobo-async[remote]'" in done.stdout


async def test_files_are_committed_in_order_the_main_one_last(tmp_path: Path):
    main, first = tmp_path / "rows.csv", tmp_path / "rows.members.csv"
    sink = Csv(main, LAYOUT)
    first.mkdir()  # in the way of the first name
    with pytest.raises(OSError, match="members"):
        await fill(sink)
    assert names(tmp_path) == ["rows.members.csv"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("data.csv", "data.x.csv"),
        ("a.b/data", "a.b/data.x"),
        ("a/data.2026.csv", "a/data.2026.x.csv"),
        ("data.csv.gz", "data.x.csv.gz"),
        ("s3://bucket/data.jsonl.zst", "s3://bucket/data.x.jsonl.zst"),
        (".hidden", ".hidden.x"),
    ],
)
def test_files_beside_others_keep_the_suffix(target: str, expected: str):
    assert beside(target, "x") == expected


def test_nothing_stands_beside_a_folder():
    with pytest.raises(ConfigError, match="does not name a file"):
        beside("folder/", "x")


def lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


async def test_json_lines_hold_the_rows_unchanged(tmp_path: Path):
    await fill(JsonLines(tmp_path / "rows.jsonl"), 2)
    assert lines((tmp_path / "rows.jsonl").read_bytes()) == [*ROWS, *ROWS]


async def test_json_lines_can_be_packed(tmp_path: Path):
    for suffix in ("GZ", "zst"):
        await fill(JsonLines(tmp_path / f"rows.jsonl.{suffix}"), 2)
    assert lines(gzip.decompress((tmp_path / "rows.jsonl.GZ").read_bytes())) == [*ROWS, *ROWS]
    packed = io.BytesIO((tmp_path / "rows.jsonl.zst").read_bytes())
    assert lines(zstandard.ZstdDecompressor().stream_reader(packed).read()) == [*ROWS, *ROWS]


async def test_no_rows_make_an_empty_file(tmp_path: Path):
    await fill(JsonLines(tmp_path / "rows.jsonl"), 0)
    assert (tmp_path / "rows.jsonl").read_bytes() == b""


async def test_the_same_rows_make_the_same_bytes(name: str, tmp_path: Path):
    if name.endswith(".xlsx"):
        pytest.skip("workbooks hold the time at which they were made")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        await fill(made(name, tmp_path / folder))
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


async def test_a_stream_gets_the_rows_and_stays_open():
    file = io.BytesIO()
    async with JsonLinesStream(file) as sink:
        await sink.write(ROWS)
    assert lines(file.getvalue()) == ROWS
    assert not file.closed


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
    async with JsonLinesStream(file) as sink:
        await sink.write(ROWS[:1])
        await sink.write(ROWS[1:])
    assert [one == "flushed" for one in file.seen] == [False, True, False, True]
