"""What was interrupted goes on where it was: runs, connections, processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest

import kobo_async
from kobo_async import KoboClient
from kobo_async.attachments.report import FilesProgress
from kobo_async.testing import FakeForm, FakeKobo, Fault, RequestInfo, serve

from .photos import Photos, files, listed

pytestmark = pytest.mark.anyio
LARGE = 600_000
MANIFEST = ".kobo-attachments/manifest.jsonl"
UNFINISHED = ".kobo-attachments/unfinished"
SCRIPT = """
import asyncio, sys
from kobo_async import KoboClient

async def main(url, token, uid, folder):
    async with KoboClient(url, token=token) as client:
        await client.attachments.mirror(uid, folder, concurrency=4)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def online() -> FakeKobo:
    """A server in real time, for connections that break."""
    return FakeKobo(seed=7)


@pytest.fixture
def large(online: FakeKobo) -> Photos:
    photos = Photos(online.add_form("Household survey", rows=60), online)
    photos.enlarge(LARGE)
    return photos


@pytest.fixture
async def wired(online: FakeKobo, anyio_backend: str) -> AsyncIterator[KoboClient]:  # noqa: ARG001
    async with serve(online) as url, KoboClient(url, token=online.token) as client:
        yield client


@pytest.fixture
def ranges(online: FakeKobo) -> list[str]:
    """Note which parts of files are asked for."""
    asked: list[str] = []

    def note(request: RequestInfo) -> None:
        if "range" in request.headers:
            asked.append(request.headers["range"])

    online.on_request = note
    return asked


async def test_a_run_that_ends_half_way_fetches_no_finished_file_again(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    half = len(photos.numbers) // 2

    with anyio.CancelScope() as scope:

        def stop(progress: FilesProgress) -> None:
            if progress.files >= half:
                scope.cancel()

        await client.attachments.mirror(photos.form.uid, tmp_path, on_progress=stop, concurrency=2)
    finished = set(files(tmp_path))
    assert half <= len(finished) < len(photos.numbers)
    report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert files(tmp_path) == photos.expected()
    assert report.unchanged == len(finished)
    asked = photos.asked()
    done = [n for n in photos.numbers if f"photo/{n}.png" in finished]
    assert {asked[photos.uid(number)] for number in done} == {1}


@pytest.mark.parametrize("parts", [True, False])
async def test_a_file_that_breaks_off_goes_on_where_the_server_sends_parts(
    wired: KoboClient,
    online: FakeKobo,
    large: Photos,
    ranges: list[str],
    tmp_path: Path,
    *,
    parts: bool,
):
    online.ranges = parts
    number = large.numbers[0]
    online.faults.add(Fault.truncate(0.5, match=large.uid(number), times=1))
    report = await wired.attachments.mirror(large.form.uid, tmp_path)
    assert report.ok
    assert files(tmp_path) == large.expected()
    (asked,) = ranges
    first = int(asked.removeprefix("bytes=").removesuffix("-"))
    assert 0 < first < LARGE // 2
    whole = LARGE * len(large.numbers)
    assert report.bytes == whole + (1 if parts else first + 1)


async def test_smaller_images_are_fetched_from_the_start(
    wired: KoboClient, online: FakeKobo, large: Photos, ranges: list[str], tmp_path: Path
):
    online.ranges = True
    online.faults.add(Fault.truncate(0.5, match=large.uid(large.numbers[0]), times=1))
    await wired.attachments.mirror(large.form.uid, tmp_path, size="medium")
    assert files(tmp_path) == large.expected()
    assert ranges == []


async def test_a_file_that_never_gets_longer_is_given_up_and_goes_on_in_the_next_run(
    wired: KoboClient, online: FakeKobo, large: Photos, ranges: list[str], tmp_path: Path
):
    number = large.numbers[0]
    online.faults.add(Fault.truncate(0.5, match=large.uid(number), times=4))
    report = await wired.attachments.mirror(large.form.uid, tmp_path)
    assert [failure.submission for failure in report.failed] == [number]
    assert listed(tmp_path / UNFINISHED) == [f"{large.uid(number)}.original"]
    online.ranges = True
    again = await wired.attachments.mirror(large.form.uid, tmp_path)
    assert again.ok
    assert again.bytes < LARGE
    assert files(tmp_path) == large.expected()
    assert len(ranges) == 4
    assert listed(tmp_path / UNFINISHED) == []


@pytest.mark.parametrize(
    ("left", "bytes_again"),
    [(LARGE, 1), (LARGE + 2, LARGE), (1, LARGE), (0, LARGE)],
    ids=["whole", "too long", "one byte", "nothing"],
)
async def test_whatever_is_left_of_a_file_becomes_the_file(
    client: KoboClient, fake: FakeKobo, photos: Photos, tmp_path: Path, left: int, bytes_again: int
):
    fake.ranges = True
    photos.enlarge(LARGE)
    number, *others = photos.numbers
    (tmp_path / UNFINISHED).mkdir(parents=True)
    growing = tmp_path / UNFINISHED / f"{photos.uid(number)}.original"
    growing.write_bytes((photos.content(number) + b"xx")[:left])
    report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert files(tmp_path) == photos.expected()
    assert report.bytes == LARGE * len(others) + bytes_again


@pytest.mark.parametrize("said", ["bytes 7-9/10", "bytes 0-9/*"], ids=["another part", "no length"])
async def test_parts_that_were_not_asked_for_do_not_spoil_a_file(
    client: KoboClient, photos: Photos, fake: FakeKobo, tmp_path: Path, said: str
):
    number = photos.numbers[0]
    await client.attachments.mirror(photos.form.uid, tmp_path)
    (tmp_path / f"photo/{number}.png").unlink()
    growing = tmp_path / UNFINISHED / f"{photos.uid(number)}.original"
    growing.write_bytes(b"some")
    inner, odd = fake.__class__.__call__, [said]

    async def answering(scope: object, receive: object, send: object) -> None:
        async def sending(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start" and "/attachments/" in scope["path"]:
                extra = [(b"content-range", odd.pop().encode())] if odd else []
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await inner(fake, scope, receive, sending)

    async with KoboClient("http://localhost", token=fake.token, app=answering) as other:
        report = await other.attachments.mirror(photos.form.uid, tmp_path)
    assert odd == []
    assert report.ok
    assert files(tmp_path) == photos.expected()


@pytest.mark.parametrize("whole", [True, False], ids=["the whole, too", "parts alone"])
async def test_a_part_that_does_not_say_where_it_belongs_is_never_kept(
    client: KoboClient, photos: Photos, fake: FakeKobo, tmp_path: Path, *, whole: bool
):
    fake.ranges = True
    photos.enlarge(LARGE)
    number = photos.numbers[0]
    await client.attachments.mirror(photos.form.uid, tmp_path)
    (tmp_path / f"photo/{number}.png").unlink()
    growing = tmp_path / UNFINISHED / f"{photos.uid(number)}.original"
    growing.write_bytes(photos.content(number)[: LARGE // 2])

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start" and "/attachments/" in scope["path"]:
                told = [one for one in message["headers"] if one[0] != b"content-range"]
                status = message["status"] if whole else 206
                message = {**message, "status": status, "headers": told}
            await send(message)

        await fake(scope, receive, sending)

    async with KoboClient("http://localhost", token=fake.token, app=answering) as other:
        report = await other.attachments.mirror(photos.form.uid, tmp_path)
    kept = photos.expected()
    if not whole:
        del kept[f"photo/{number}.png"]
        (failure,) = report.failed
        assert "not the one asked for" in failure.reason
    assert files(tmp_path) == kept


async def test_half_a_line_at_the_end_of_the_manifest_is_no_harm(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    log = tmp_path / MANIFEST
    log.write_bytes(log.read_bytes()[:-20])
    report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert (report.downloaded, report.unchanged) == (1, len(photos.numbers) - 1)
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    assert len(lines) == 1 + len(photos.numbers)
    assert files(tmp_path) == photos.expected()


async def test_a_file_that_was_noted_and_not_yet_named_is_named(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    number = photos.numbers[0]
    growing = tmp_path / UNFINISHED / f"{photos.uid(number)}.original"
    (tmp_path / f"photo/{number}.png").rename(growing)
    report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert (report.downloaded, report.unchanged) == (0, len(photos.numbers))
    assert files(tmp_path) == photos.expected()


async def test_lines_that_later_ones_replaced_are_left_out(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    for name in ("{_id}{ext}", "{uid}{ext}", "{_id}{ext}"):
        await client.attachments.mirror(photos.form.uid, tmp_path, name=name)
    await client.attachments.mirror(photos.form.uid, tmp_path, name="{_id}{ext}")
    lines = [orjson.loads(line) for line in (tmp_path / MANIFEST).read_bytes().splitlines()]
    assert len(lines) == 1 + len(photos.numbers)
    assert {"was"} & {name for line in lines for name in line} == set()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_a_process_that_is_killed_at_any_moment_loses_nothing(
    online: FakeKobo, tmp_path: Path, anyio_backend: str
):
    if anyio_backend == "trio":
        pytest.skip("the process runs on its own event loop")
    photos = Photos(online.add_form("Household survey", rows=300), online)
    photos.enlarge(60_000)
    async with serve(online) as url:
        for wanted in (1, len(photos.numbers) // 3, len(photos.numbers) // 2):
            await anyio.to_thread.run_sync(_kill_after, wanted, url, online, photos.form, tmp_path)
        async with KoboClient(url, token=online.token) as client:
            before = photos.asked()
            there = {n for n in photos.numbers if (tmp_path / f"photo/{n}.png").exists()}
            report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert len(there) >= len(photos.numbers) // 2
    assert report.ok
    assert files(tmp_path) == photos.expected()
    again = {n for n in there if photos.asked()[photos.uid(n)] > before[photos.uid(n)]}
    assert again == set()


def _kill_after(wanted: int, url: str, fake: FakeKobo, form: FakeForm, folder: Path) -> None:
    words = [sys.executable, "-c", SCRIPT, url, fake.token, form.uid, str(folder)]
    root = Path(kobo_async.__file__).parents[1]
    with subprocess.Popen(words, cwd=root) as process:  # noqa: S603 - our own code
        while process.poll() is None and len(files(folder)) < wanted:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
