"""REST services and their deliveries."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async.testing import FakeForm

from .running import Invoke, lines, rows
from .telling import Teller, page

HOOK = {
    "uid": "h1",
    "name": "Dashboard",
    "endpoint": "https://user:sEcrEt@example.org/in?key=sEcrEt",
    "active": True,
    "failed_count": 1,
    "success_count": 7,
    "settings": {"username": "u", "password": "sEcrEt", "custom_headers": {"X-Key": "sEcrEt"}},
}
QUIET = {"uid": "h2", "name": "Mail", "endpoint": "https://example.org/", "active": False}
LOG: dict[str, Any] = {
    "uid": "l1",
    "submission_id": 3,
    "status": 0,
    "status_str": "Failed",
    "status_code": 500,
    "tries": 1,
    "message": "no\tdisk",
    "date_modified": "2023-11-14T22:13:20Z",
}


@pytest.fixture
def path(told: Teller, project: FakeForm) -> str:
    """Tell the server which services and deliveries there are; return their path."""
    path = f"/api/v2/assets/{project.uid}/hooks/"
    told.on("GET", path, page(HOOK, QUIET))
    told.on("GET", f"{path}h1/logs/", page(LOG))
    told.on("GET", f"{path}h2/logs/", page())
    told.on("PATCH", f"{path}h1/retry/", {"detail": "ok", "pending_uids": ["l1"]})
    return path


@pytest.mark.usefixtures("path")
def test_services_are_listed_without_their_secrets(ask: Invoke, project: FakeForm):
    table = ask("hooks", "list", project.uid).stdout
    address = "https://•••@example.org/in?•••"
    assert rows(table)[0] == ["h1", "Dashboard", address, "yes", "7", "0", "1"]
    first, _ = lines(told := ask("hooks", "list", project.uid, "--json").stdout)
    assert first["settings"] == {
        "username": "u",
        "password": "•••",
        "custom_headers": {"X-Key": "•••"},
    }
    assert "sEcrEt" not in table + told


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("which", [[], ["h1"]])
def test_deliveries_are_listed(ask: Invoke, project: FakeForm, which: list[str]):
    result = ask("hooks", "logs", project.uid, *which)
    assert rows(result.stdout) == [
        ["h1", "l1", "3", "Failed", "500", "1", "2023-11-14 22:13", "no\\tdisk"]
    ]


def test_deliveries_in_one_state_are_listed(
    ask: Invoke, told: Teller, path: str, project: FakeForm
):
    told.on("GET", f"{path}h1/logs/", page({"uid": "l2", "submission_id": 4, "status": 1}))
    (log,) = lines(ask("hooks", "logs", project.uid, "h1", "--status", "pending", "--json").stdout)
    assert (log["hook"], log["uid"], log["status"]) == ("h1", "l2", 1)


@pytest.mark.parametrize(("status", "outcome", "code"), [(2, "delivered", 0), (0, "failed", 1)])
def test_what_failed_is_delivered_again(
    ask: Invoke, told: Teller, path: str, project: FakeForm, status: int, outcome: str, code: int
):
    after = LOG | {"status": status, "tries": 2, "date_modified": "2023-11-14T22:14:00Z"}
    told.on("GET", f"{path}h1/logs/", page(LOG), page(LOG), page(after))
    result = ask("hooks", "retry", project.uid)
    assert result.exit_code == code, result.stderr
    assert rows(result.stdout) == [["h1", "l1", outcome]]
    assert told.writes == [f"PATCH {path}h1/retry/"]


def test_where_nothing_failed_nothing_is_sent(
    ask: Invoke, told: Teller, path: str, project: FakeForm
):
    told.on("GET", path, page(QUIET))
    result = ask("hooks", "retry", project.uid, "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 of 0 delivered\n")


def test_a_dry_run_delivers_nothing(ask: Invoke, told: Teller, path: str, project: FakeForm):
    result = ask("hooks", "retry", project.uid, "h1", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert rows(result.stdout) == [["PATCH", f"{path}h1/retry/", "", ""]]
    assert told.writes == []


def test_a_project_has_no_services_at_first(invoke: Invoke, small: FakeForm):
    result = invoke("hooks", "list", small.uid)
    assert (result.exit_code, rows(result.stdout)) == (0, [])
