"""The media files of a form."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from kobo_async.testing import FakeForm

from .running import Invoke, lines, rows
from .telling import Teller, Told, page


def file(name: str, content: bytes = b"", **metadata: Any) -> dict[str, Any]:
    digest = hashlib.md5(content).hexdigest()  # noqa: S324 - what the server shows
    return {
        "uid": f"f{name}",
        "url": "",
        "asset": "",
        "file_type": "form_media",
        "description": "",
        "date_created": "2023-11-14T22:13:20Z",
        "content": "",
        "metadata": {"filename": name, "hash": f"md5:{digest}", "mimetype": "text/csv", **metadata},
    }


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "new.csv").write_bytes(b"new")
    (tmp_path / "same.csv").write_bytes(b"same")
    return str(tmp_path)


@pytest.fixture
def path(told: Teller, project: FakeForm) -> str:
    """Tell the server which files there are; return their path."""
    asset = f"/api/v2/assets/{project.uid}/"
    told.on("GET", f"{asset}files/", page(file("same.csv", b"same"), file("old.csv")))
    told.on("POST", f"{asset}files/", Told(file("new.csv", b"new"), 201))
    told.on("DELETE", f"{asset}files/fold.csv/", Told(status=204))
    deployed = {"backend": "openrosa", "active": True, "version_id": "v", "asset": project.asset}
    told.on("PATCH", f"{asset}deployment/", deployed)
    return asset


def test_files_are_listed(ask: Invoke, told: Teller, path: str, project: FakeForm):
    link = file("far.csv", redirect_url="https://example.org/far.csv")
    told.on("GET", f"{path}files/", page(file("same.csv"), link))
    assert rows(ask("files", "list", project.uid).stdout) == [
        ["fsame.csv", "same.csv", "form_media", "text/csv", "2023-11-14 22:13"],
        ["ffar.csv", "far.csv", "form_media", "link", "2023-11-14 22:13"],
    ]


def test_a_folder_is_synchronised(
    ask: Invoke, told: Teller, path: str, project: FakeForm, folder: str
):
    result = ask("files", "sync", project.uid, folder)
    assert result.exit_code == 0, result.stderr
    assert sorted(rows(result.stdout)) == [
        ["new.csv", "added"],
        ["old.csv", "left"],
        ["same.csv", "unchanged"],
    ]
    assert told.writes == [f"POST {path}files/", f"PATCH {path}deployment/"]
    assert "1 added" in result.stderr


def test_what_is_not_in_the_folder_is_deleted_when_asked_to(
    ask: Invoke, told: Teller, path: str, project: FakeForm, folder: str
):
    arguments = ("files", "sync", project.uid, folder, "--delete", "--no-redeploy")
    (told_,) = lines(ask(*arguments, "--json").stdout)
    assert (told_["removed"], told_["redeployed"]) == (["old.csv"], False)
    assert told.writes == [f"DELETE {path}files/fold.csv/", f"POST {path}files/"]


def test_a_dry_run_uploads_nothing(
    ask: Invoke, told: Teller, path: str, project: FakeForm, folder: str
):
    result = ask("files", "sync", project.uid, folder, "--dry-run")
    upload, deployment = rows(result.stdout)
    assert (upload[:2], deployment[:2]) == (
        ["POST", f"{path}files/"],
        ["PATCH", f"{path}deployment/"],
    )
    assert "new.csv (3 bytes)" in upload[3]
    assert told.writes == []


def test_a_form_gets_the_files_of_a_folder(invoke: Invoke, small: FakeForm, folder: str):
    assert invoke("files", "sync", small.uid, folder).exit_code == 0
    listed = rows(invoke("files", "list", small.uid).stdout)
    assert sorted(row[1] for row in listed) == ["new.csv", "same.csv"]
