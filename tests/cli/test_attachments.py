"""The files of a project's submissions in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kobo_async.testing import FakeForm, FakeKobo, Fault

from .running import Invoke


@pytest.fixture
def photos(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=12)


def uids(form: FakeForm) -> dict[int, str]:
    return {n: one["uid"] for n in form.rows for one in form.rows[n]["_attachments"]}


def test_all_files_come_and_a_second_run_finds_them_there(
    invoke: Invoke, photos: FakeForm, tmp_path: Path
):
    folder = tmp_path / "photos"
    result = invoke("attachments", photos.uid, "-o", str(folder))
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.startswith(f"complete: {len(uids(photos))} files")
    assert len(result.stderr.splitlines()) == 1
    names = {path.name for path in (folder / "photo").iterdir()}
    assert names == {f"{number}.png" for number in uids(photos)}
    again = json.loads(invoke("attachments", photos.uid, "-o", str(folder), "--json").stdout)
    assert (again["downloaded"], again["unchanged"]) == (0, len(names))
    assert again["path"] == str(folder)


def test_a_file_that_cannot_be_had_is_told_of_and_ends_with_1(
    invoke: Invoke, fake: FakeKobo, photos: FakeForm, tmp_path: Path
):
    number, uid = next(iter(uids(photos).items()))
    fake.faults.add(Fault.status(400, match=uid))
    result = invoke("attachments", photos.uid, "-o", str(tmp_path))
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first.startswith("INCOMPLETE")
    assert second.startswith(f"failed: photo/{number}.png of submission {number}: GET")


def test_many_failures_are_counted(invoke: Invoke, fake: FakeKobo, tmp_path: Path):
    form = fake.add_form("Wells", rows=120)
    fake.faults.add(Fault.status(400, match="/attachments/"))
    result = invoke("attachments", form.uid, "-o", str(tmp_path))
    assert len(uids(form)) > 20
    assert len(result.stderr.splitlines()) == 22
    assert result.stderr.splitlines()[-1] == f"and {len(uids(form)) - 20} others; --json names all"


def test_names_sizes_and_a_query_are_handed_on(
    invoke: Invoke, fake: FakeKobo, photos: FakeForm, tmp_path: Path
):
    number, uid = next(iter(uids(photos).items()))
    where = json.dumps({"_id": number})
    options = ("--name", "{uid}{ext}", "--size", "small", "--where", where, "--concurrency", "1")
    assert invoke("attachments", photos.uid, "-o", str(tmp_path), *options).exit_code == 0
    assert (tmp_path / f"{uid}.png").exists()
    assert [one.path for one in fake.requests if one.path.endswith("/small/")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--name", "{answer}"), "there is no field 'answer'"),
        (("--size", "huge"), "--size"),
        (("--where", '{"hh_size": 3}'), "stored as text"),
    ],
)
def test_what_cannot_work_is_refused(
    invoke: Invoke, photos: FakeForm, tmp_path: Path, options: tuple[str, ...], said: str
):
    result = invoke("attachments", photos.uid, "-o", str(tmp_path), *options)
    assert result.exit_code == 2
    assert said in result.stderr
