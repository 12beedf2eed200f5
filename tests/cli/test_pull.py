"""Every submission of a project, in a file or on stdout."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

from kobo_async.cli.connection import Connection
from kobo_async.config import RetryPolicy
from kobo_async.testing import FakeForm, FakeKobo, Fault

from .running import Invoke

ONCE = RetryPolicy(attempts=1)


def lines(text: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def rows_of(form: FakeForm) -> list[dict[str, Any]]:
    return [form.rows[number] for number in form.rows]


def test_a_file_holds_all_rows_as_the_server_has_them(
    invoke: Invoke, form: FakeForm, tmp_path: Path
):
    path = tmp_path / "rows.jsonl"
    result = invoke("pull", form.uid, "-o", str(path))
    assert result.exit_code == 0
    assert lines(path.read_bytes()) == rows_of(form)
    assert result.stdout == ""
    assert result.stderr.startswith("complete: 2500 of 2500 rows")
    assert len(result.stderr.splitlines()) == 1


def test_csv_holds_all_rows(invoke: Invoke, form: FakeForm, tmp_path: Path):
    path = tmp_path / "rows.csv"
    assert invoke("pull", form.uid, "-o", str(path)).exit_code == 0
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [int(row["_id"]) for row in found] == list(form.rows)
    assert list(found[0])[-2:] == ["_index", "_extra"]
    assert (tmp_path / "rows.members.csv").exists()


def test_stdout_gets_nothing_but_rows(invoke: Invoke, form: FakeForm):
    result = invoke("pull", form.uid, "-o", "-")
    assert result.exit_code == 0
    assert lines(result.stdout) == rows_of(form)
    assert "complete" in result.stderr


def test_the_report_as_json_goes_to_stdout(invoke: Invoke, form: FakeForm, tmp_path: Path):
    path = str(tmp_path / "rows.jsonl")
    result = invoke("pull", form.uid, "-o", path, "--json")
    report = json.loads(result.stdout)
    assert (report["delivered"], report["complete"], report["path"]) == (2500, True, path)
    assert result.stderr == ""


def test_the_report_as_json_goes_to_stderr_when_the_rows_go_to_stdout(
    invoke: Invoke, form: FakeForm
):
    result = invoke("pull", form.uid, "-o", "-", "--json")
    report = json.loads(result.stderr.splitlines()[-1])
    assert (report["delivered"], report["path"]) == (2500, None)
    assert len(lines(result.stdout)) == 2500


@pytest.mark.parametrize("strategy", ["auto", "offsets", "ranges"])
def test_the_way_of_cutting_can_be_chosen(invoke: Invoke, form: FakeForm, strategy: str):
    result = invoke("pull", form.uid, "-o", "-", "--json", "--strategy", strategy)
    assert [row["_id"] for row in lines(result.stdout)] == list(form.rows)
    wanted = "offsets" if strategy == "auto" else strategy
    assert wanted in json.loads(result.stderr)["strategy"]


def test_fields_and_a_query_choose(invoke: Invoke, form: FakeForm):
    first, *_, last = form.rows
    where = json.dumps({"_id": {"$in": [first, last]}})
    chosen = ("--fields", "hh_size, comment", "--where", where)
    found = lines(invoke("pull", form.uid, "-o", "-", *chosen).stdout)
    assert [row["_id"] for row in found] == [first, last]
    assert found[0].keys() <= {"_id", "_uuid", "meta/rootUuid", "hh_size", "comment"}


def test_a_download_goes_on_where_an_earlier_one_ended(invoke: Invoke, form: FakeForm):
    *_, before, last = form.rows
    found = lines(invoke("pull", form.uid, "-o", "-", "--after", str(before)).stdout)
    assert [row["_id"] for row in found] == [last]


def test_no_more_requests_at_a_time_than_allowed(invoke: Invoke, fake: FakeKobo, form: FakeForm):
    active = []
    fake.on_request = lambda _: active.append(fake.active)
    invoke("pull", form.uid, "-o", "-", "--concurrency", "1")
    assert set(active) == {1}


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--where", "{name: x}"), "not JSON"),
        (("--where", "[]"), "not an object"),
        (("--where", '{"hh_size": 3}'), "stored as text"),
        (("--concurrency", "0"), "--concurrency"),
        (("--strategy", "luck"), "--strategy"),
        (("-o", "rows.pdf"), ".jsonl, .ndjson, .csv, .xlsx"),
        (("-o", "/nowhere/rows.csv"), "no folder"),
        (("-o", "."), "name a file"),
        (("-o", "rows.jsonl", "--labels", "fr"), "--labels is for tables"),
        (("--latest",), "is for tables"),
        (("-o", "data.csv", "--labels", "tlh"), "language 'tlh'"),
        (("-o", "data.csv", "--tables", "wells"), "no table 'wells'"),
        (("-o", "mysql://me:secret@host/x"), "'mysql://host/x' does not say"),
    ],
)
def test_bad_input_is_answered_in_words(
    invoke: Invoke, form: FakeForm, option: tuple[str, ...], said: str
):
    result = invoke("pull", form.uid, "-o", "-", *option)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


@pytest.fixture
def unreadable(fake: FakeKobo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all but the first page fail, and the client soon believe it."""
    broken = Fault.status(
        500, body=b"{}", content_type="application/json", match="/data/$", after=2
    )
    fake.faults.add(broken)
    monkeypatch.setattr(Connection, "client", partialmethod(Connection.client, retry=ONCE))


@pytest.mark.usefixtures("unreadable")
def test_what_cannot_be_read_leaves_no_file(invoke: Invoke, form: FakeForm, tmp_path: Path):
    result = invoke("pull", form.uid, "-o", str(tmp_path / "rows.jsonl"))
    assert result.exit_code == 1
    assert "was not written" in result.stderr
    assert "--no-strict" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("unreadable")
def test_what_cannot_be_read_is_reported_as_json_too(
    invoke: Invoke, form: FakeForm, tmp_path: Path
):
    result = invoke("pull", form.uid, "-o", str(tmp_path / "rows.jsonl"), "--json")
    report = json.loads(result.stdout)
    assert (report["complete"], report["path"]) == (False, None)


@pytest.mark.usefixtures("unreadable")
def test_a_lenient_download_keeps_what_can_be_read_and_names_the_gaps(
    invoke: Invoke, form: FakeForm, tmp_path: Path
):
    path = tmp_path / "rows.jsonl"
    result = invoke("pull", form.uid, "-o", str(path), "--no-strict")
    assert result.exit_code == 1
    assert len(lines(path.read_bytes())) == 1000
    assert "INCOMPLETE" in result.stderr
    assert "missing: _id 1001 to 2500" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_full_disk_is_told_in_words_and_leaves_nothing(
    invoke: Invoke, form: FakeForm, tmp_path: Path, suffix: str
):
    with largest_file(100_000):
        result = invoke("pull", form.uid, "-o", str(tmp_path / f"rows.{suffix}"))
    assert result.exit_code == 1
    assert "File too large" in result.stderr
    assert not list(tmp_path.iterdir())


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to write more into a file."""
    import resource  # noqa: PLC0415 - POSIX

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", ["household", "simple", "sandbox", "empty"])
def test_rows_of_a_real_form_arrive_as_the_same_json(
    invoke: Invoke, fake: FakeKobo, shared: Path, tmp_path: Path, name: str
):
    form = fake.load_form(shared / "kpi" / "data" / name)
    path = tmp_path / "rows.jsonl"
    token = fake.users[form.owner].token
    result = invoke("pull", form.uid, "-o", str(path), KOBO_TOKEN=token)
    assert result.exit_code == 0
    assert lines(path.read_bytes()) == rows_of(form)
