"""One asset from close by, and its life: import, deploy, clone, archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke, lines, rows
from .telling import Teller, Told


def deployment(asset: dict[str, Any], *, active: bool) -> dict[str, Any]:
    status = {
        "deployment__active": active,
        "deployment_status": "deployed" if active else "archived",
    }
    return {
        "backend": "openrosa",
        "active": active,
        "version_id": asset["version_id"],
        "asset": asset | status,
    }


@pytest.fixture
def deployed(told: Teller, project: FakeForm) -> str:
    """Tell the server how to change the deployment; return its path."""
    path = f"/api/v2/assets/{project.uid}/deployment/"
    told.on("PATCH", path, deployment(project.asset, active=False))
    return path


def test_an_asset_is_shown_with_what_the_caller_may_do(invoke: Invoke, small: FakeForm):
    result = invoke("assets", "show", small.uid)
    facts = dict(rows(result.stdout))
    assert facts["form"] == "deployed as it is"
    assert facts["submissions"] == "5"
    assert facts["languages"] == "English (en), Français (fr)"
    assert "manage_asset" in facts["you may"]


def test_json_holds_the_whole_form(invoke: Invoke, small: FakeForm):
    (told,) = lines(invoke("assets", "show", small.uid, "--json").stdout)
    assert told["content"] == small.asset["content"]


def test_the_state_of_the_form_is_told(invoke: Invoke, fake: FakeKobo, small: FakeForm):
    draft = fake.add_form("Draft", deployed=False)
    small.raw_asset["version_id"] = "vOther"
    small.raw_asset["summary"]["languages"] = [None]
    shown = [dict(rows(invoke("assets", "show", one.uid).stdout)) for one in (draft, small)]
    states = [facts["form"] for facts in shown]
    assert states == ["never deployed", "has changes that are not deployed"]
    assert shown[1]["languages"] == "(unnamed)"


def test_a_project_is_archived(ask: Invoke, told: Teller, project: FakeForm, deployed: str):
    result = ask("assets", "archive", project.uid)
    assert rows(result.stdout)[0][:4] == [project.uid, "Wells", "survey", "archived"]
    assert told.body("PATCH", deployed) == {"active": False}


def test_an_archived_project_is_opened(ask: Invoke, told: Teller, project: FakeForm, deployed: str):
    told.on("PATCH", deployed, deployment(project.asset, active=True))
    (asset,) = lines(ask("assets", "unarchive", project.uid, "--json").stdout)
    assert asset["deployment_status"] == "deployed"
    assert told.body("PATCH", deployed) == {"active": True}


def test_what_is_deployed_is_not_deployed_again(ask: Invoke, told: Teller, project: FakeForm):
    result = ask("assets", "deploy", project.uid)
    assert rows(result.stdout)[0][3] == "deployed"
    assert told.writes == []


def test_a_draft_is_deployed(ask: Invoke, told: Teller):
    draft = told.add_form("Draft", deployed=False)
    path = f"/api/v2/assets/{draft.uid}/deployment/"
    told.on("POST", path, deployment(draft.asset, active=True))
    assert ask("assets", "deploy", draft.uid).exit_code == 0
    assert told.writes == [f"POST {path}"]


def test_a_copy_gets_its_name(ask: Invoke, told: Teller, project: FakeForm):
    told.on("POST", "/api/v2/assets/", project.asset | {"uid": "aCopy", "name": "Copy"})
    result = ask("assets", "clone", project.uid, "--name", "Copy")
    assert rows(result.stdout)[0][:2] == ["aCopy", "Copy"]
    sent = told.body("POST", "/api/v2/assets/")
    assert (sent["clone_from"], sent["name"]) == (project.uid, "Copy")
    ask("assets", "clone", project.uid)
    assert "name" not in told.body("POST", "/api/v2/assets/")


def test_a_form_is_imported(ask: Invoke, told: Teller, project: FakeForm, tmp_path: Path):
    file = tmp_path / "wells.xlsx"
    file.write_bytes(b"PK")
    task = {"uid": "i1", "status": "processing", "messages": {}}
    done = {"status": "complete", "messages": {"created": [{"uid": project.uid}]}}
    told.on("POST", "/api/v2/imports/", Told(task, 201))
    told.on("GET", "/api/v2/imports/i1/", task, task | done)
    result = ask("assets", "import", str(file))
    assert rows(result.stdout)[0][:2] == [project.uid, "Wells"]
    assert b"library" in told.body("POST", "/api/v2/imports/")


def test_what_is_wrong_with_a_file_is_told(ask: Invoke, told: Teller, tmp_path: Path):
    file = tmp_path / "wells.xlsx"
    file.write_bytes(b"no")
    told.on("POST", "/api/v2/imports/", {"uid": "i1", "status": "created", "messages": {}})
    messages = {"error": "Unsupported format", "error_type": "ValueError"}
    failed = {"uid": "i1", "status": "error", "messages": messages}
    told.on("GET", "/api/v2/imports/i1/", failed)
    result = ask("assets", "import", str(file))
    assert result.exit_code == 1
    assert "Unsupported format" in result.stderr


def test_a_dry_run_sends_nothing(ask: Invoke, told: Teller, project: FakeForm, deployed: str):
    result = ask("assets", "archive", project.uid, "--dry-run", "--json")
    (call,) = lines(result.stdout)
    assert (call["method"], call["path"], call["json"]) == ("PATCH", deployed, {"active": False})
    assert "1 request would be sent, none was" in result.stderr
    assert told.writes == []


def test_the_life_of_a_project(invoke: Invoke, small: FakeForm):
    archived = rows(invoke("assets", "archive", small.uid).stdout)
    assert archived[0][3] == "archived"
    opened = rows(invoke("assets", "unarchive", small.uid).stdout)
    assert opened[0][3] == "deployed"
    copy = json.loads(invoke("assets", "clone", small.uid, "--name", "Copy", "--json").stdout)
    assert copy["name"] == "Copy"
    deployed = rows(invoke("assets", "deploy", copy["uid"]).stdout)
    assert deployed[0][3] == "deployed"


def test_a_real_form_is_imported_and_deployed(invoke: Invoke, tmp_path: Path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    for line in (("type", "name", "label"), ("text", "village", "Village")):
        survey.append(line)
    file = tmp_path / "villages.xlsx"
    book.save(file)
    result = invoke("assets", "import", str(file), "--deploy", "--name", "Villages", "--json")
    (asset,) = lines(result.stdout)
    assert (asset["name"], asset["deployment_status"]) == ("Villages", "deployed")
