"""Files that the server makes of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kobo_async.testing import FakeForm

from .running import Invoke, lines
from .telling import Teller, Told

FILE = "/private-media/alice/exports/wells.csv"


@pytest.fixture
def exports(told: Teller, project: FakeForm) -> str:
    """Tell the server to make an export; return the path of exports."""
    path = f"/api/v2/assets/{project.uid}/exports/"
    task: dict[str, Any] = {"uid": "e1", "status": "created", "messages": {}, "data": {}}
    task["url"] = f"http://server{path}e1/"
    task["date_created"] = "2023-11-14T22:13:20Z"
    done = task | {"status": "complete", "result": f"http://server{FILE}"}
    told.on("POST", path, Told(task, 201))
    told.on("GET", f"{path}e1/", task, done)
    told.on("GET", FILE, b'"a";"b"\n')
    return path


def test_a_file_is_made_and_saved(
    ask: Invoke, told: Teller, project: FakeForm, exports: str, tmp_path: Path
):
    path = tmp_path / "wells.csv"
    options = ("--lang", "English (en)", "--group-sep", ".", "--hierarchy", "--newest-version")
    result = ask("export", project.uid, "-o", str(path), *options, "--multiple-select", "summary")
    assert result.exit_code == 0
    assert path.read_bytes() == b'"a";"b"\n'
    assert result.stdout == ""
    assert result.stderr == f"exported: 5 submissions, 8 bytes -> {path}\n"
    assert told.body("POST", exports) == {
        "type": "csv",
        "lang": "English (en)",
        "group_sep": ".",
        "hierarchy_in_labels": True,
        "multiple_select": "summary",
        "fields_from_all_versions": False,
    }


@pytest.mark.usefixtures("exports")
def test_the_report_can_be_json(ask: Invoke, project: FakeForm, tmp_path: Path):
    path = tmp_path / "wells.txt"
    (report,) = lines(ask("export", project.uid, "-o", str(path), "--type", "csv", "--json").stdout)
    assert (report["path"], report["bytes"], report["submissions"]) == (str(path), 8, 5)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("wells.txt", (), "give --type"),
        ("wells.csv", ("--type", "xls"), "ending"),
        ("wells.csv", ("--lang", "Klingon"), "Klingon"),
        ("wells.xls", ("--setting", "es1"), ".csv or .xlsx"),
        ("wells.csv", ("--setting", "es1", "--lang", "_xml"), "--lang"),
        ("wells.csv", ("--setting", "es1", "--dry-run"), "--dry-run"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    ask: Invoke,
    told: Teller,
    project: FakeForm,
    tmp_path: Path,
    name: str,
    options: tuple[str, ...],
    said: str,
):
    result = ask("export", project.uid, "-o", str(tmp_path / name), *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert told.writes == []
    assert not list(tmp_path.iterdir())


def test_kept_settings_make_a_file_at_once(
    ask: Invoke, told: Teller, project: FakeForm, tmp_path: Path
):
    path = tmp_path / "wells.csv"
    told.on("GET", f"/api/v2/assets/{project.uid}/export-settings/es1/data/", b"a\n")
    result = ask("export", project.uid, "-o", str(path), "--setting", "es1")
    assert result.exit_code == 0
    assert path.read_bytes() == b"a\n"
    assert result.stderr == f"exported: 2 bytes -> {path}\n"


def test_a_dry_run_says_what_would_be_ordered(
    ask: Invoke, told: Teller, project: FakeForm, exports: str, tmp_path: Path
):
    path = tmp_path / "wells.xlsx"
    result = ask("export", project.uid, "-o", str(path), "--dry-run", "--json")
    (call,) = lines(result.stdout)
    assert (call["method"], call["path"], call["json"]["type"]) == ("POST", exports, "xls")
    assert told.writes == []
    assert not path.exists()


def test_the_server_makes_a_csv(invoke: Invoke, small: FakeForm, tmp_path: Path):
    path = tmp_path / "wells.csv"
    assert invoke("export", small.uid, "-o", str(path)).exit_code == 0
    assert len(path.read_text(encoding="utf-8-sig").splitlines()) == 6
