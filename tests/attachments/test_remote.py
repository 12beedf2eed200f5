"""Mirrors in whatever fsspec writes to."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import fsspec
import pytest

from kobo_async import KoboClient
from kobo_async.attachments import remote
from kobo_async.attachments.report import FilesProgress
from kobo_async.testing import FakeKobo

from .photos import Photos, files, listed

pytestmark = pytest.mark.anyio
ADDRESS = "memory://bucket/photos"


@pytest.fixture(autouse=True)
def memory() -> Iterator[Any]:
    """Empty the memory that all share."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def stored(memory: Any) -> dict[str, bytes]:
    inside = "/bucket/photos/"
    found = (name for name in memory.find(inside) if not name.startswith(f"{inside}."))
    return {name.removeprefix(inside): memory.cat_file(name) for name in found}


def logs(memory: Any) -> list[str]:
    found = memory.find("/bucket/photos/.kobo-attachments")
    return sorted(name.rpartition("/")[2] for name in found)


async def test_files_and_manifest_stand_in_the_store(
    client: KoboClient, photos: Photos, memory: Any
):
    first = await client.attachments.mirror(photos.form.uid, ADDRESS)
    assert first.ok
    assert stored(memory) == photos.expected()
    second = await client.attachments.mirror(photos.form.uid, f"{ADDRESS}/")
    assert (second.downloaded, second.unchanged) == (0, first.downloaded)
    assert set(photos.asked().values()) == {1}


@pytest.mark.parametrize("deletes", ["keep", "move", "remove"])
async def test_changes_are_followed(client: KoboClient, photos: Photos, memory: Any, deletes: str):
    await client.attachments.mirror(photos.form.uid, ADDRESS)
    one, other, *_ = photos.numbers
    gone, before = photos.content(one), photos.content(other)
    photos.delete(one)
    photos.replace(other, b"another photo")
    report = await client.attachments.mirror(photos.form.uid, ADDRESS, deletes=deletes)
    assert (report.deleted, report.replaced) == (1, 1)
    kept = {
        "keep": {f"photo/{one}.png": gone},
        "move": {f"_deleted/photo/{one}.png": gone, f"_deleted/photo/{other}.png": before},
        "remove": {},
    }
    assert stored(memory) == photos.expected() | kept[deletes]


async def test_files_are_renamed_in_the_store(client: KoboClient, photos: Photos, memory: Any):
    await client.attachments.mirror(photos.form.uid, ADDRESS)
    report = await client.attachments.mirror(photos.form.uid, ADDRESS, name="{_id}{ext}")
    assert (report.renamed, report.downloaded) == (len(photos.numbers), 0)
    assert set(stored(memory)) == {f"{number}.png" for number in photos.numbers}


async def test_the_log_is_uploaded_in_portions_and_put_together_by_the_next_run(
    client: KoboClient, fake: FakeKobo, memory: Any
):
    photos = Photos(fake.add_form("Household survey", rows=600), fake)
    assert len(photos.numbers) > 2 * remote.MOST_LINES
    await client.attachments.mirror(photos.form.uid, ADDRESS)
    assert len(logs(memory)) > 3
    await client.attachments.mirror(photos.form.uid, ADDRESS, name="{_id}{ext}")
    report = await client.attachments.mirror(photos.form.uid, ADDRESS, name="{_id}{ext}")
    assert report.unchanged == len(photos.numbers)
    assert len(logs(memory)) == 1
    assert int(logs(memory)[0]) > 3


async def test_a_run_that_ends_half_way_is_remembered(
    client: KoboClient, photos: Photos, memory: Any
):
    with anyio.CancelScope() as scope:

        def stop(progress: FilesProgress) -> None:
            if progress.files >= 2:
                scope.cancel()

        await client.attachments.mirror(photos.form.uid, ADDRESS, on_progress=stop, concurrency=1)
    half = stored(memory)
    assert 2 <= len(half) < len(photos.numbers)
    report = await client.attachments.mirror(photos.form.uid, ADDRESS)
    assert report.unchanged == len(half)
    assert stored(memory) == photos.expected()


async def test_elsewhere_files_are_moved_into_place(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    address = f"local://{tmp_path}/photos"
    await client.attachments.mirror(photos.form.uid, address)
    assert files(tmp_path / "photos") == photos.expected()
    report = await client.attachments.mirror(photos.form.uid, address, name="a/{_id}{ext}")
    assert report.renamed == len(photos.numbers)
    assert not [name for name in files(tmp_path / "photos") if name.endswith(".part")]


async def test_nothing_is_left_on_this_machine(
    client: KoboClient, photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await client.attachments.mirror(photos.form.uid, ADDRESS)
    assert listed(tmp_path) == []


async def test_a_log_in_many_pieces_is_put_together(
    client: KoboClient, photos: Photos, memory: Any
):
    for number in range(remote.MOST_PIECES + 2):
        photos.change(photos.numbers[0], is_deleted=bool(number % 2))
        photos.form.insert(4)
        await client.attachments.mirror(photos.form.uid, ADDRESS)
    assert len(logs(memory)) < remote.MOST_PIECES


def within(folder: Path) -> list[Path]:
    return [*folder.iterdir()]


async def test_a_store_that_cannot_be_listed_leaves_no_temporary_folder(
    client: KoboClient,
    photos: Photos,
    memory: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    def find(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(memory, "find", find)
    with pytest.raises(PermissionError):
        await client.attachments.mirror(photos.form.uid, ADDRESS)
    assert within(tmp_path) == []
