"""The doctor: what it finds, and what it says to do about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import Any

import pytest

from kobo_async.cli import checks
from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke, run, serving

ALL = [
    *("packages", "extras", "speed"),
    *("server", "openrosa", "token", "clock", "projects", "page size"),
]


def findings(output: str) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(output)["checks"]}


def test_all_is_well(invoke: Invoke, form: FakeForm):
    result = invoke("doctor", "--json")
    assert result.exit_code == 0
    found = findings(result.stdout)
    assert list(found) == ALL
    assert {check["status"] for check in found.values()} == {"ok"}
    assert found["token"]["found"] == "the token is valid; you are alice"
    assert found["projects"]["found"] == "1 visible, 1 of them with data"
    assert found["page size"]["found"].startswith("1,000 rows at once")
    assert len(form.rows) > 1000


def test_people_get_one_line_per_finding(invoke: Invoke):
    lines = invoke("doctor").stdout.splitlines()
    assert [line[:2] for line in lines] == ["ok"] * len(ALL)


@pytest.mark.parametrize(("rows", "cap"), [(0, 1000), (300, 1000), (1000, 1000)])
def test_the_page_size_is_unknown_where_no_project_is_large_enough(
    invoke: Invoke, fake: FakeKobo, rows: int, cap: int
):
    fake.add_form("Wells", rows=rows)
    fake.max_page = cap
    found = findings(invoke("doctor", "--json").stdout)["page size"]
    assert found["status"] == "ok"
    assert found["found"].startswith("unknown")


def test_a_smaller_page_size_is_found_out(invoke: Invoke, fake: FakeKobo):
    fake.add_form("Wells", rows=300)
    fake.max_page = 250
    assert findings(invoke("doctor", "--json").stdout)["page size"]["found"].startswith("250 rows")


def test_a_wrong_token_fails(invoke: Invoke):
    result = invoke("doctor", KOBO_TOKEN="wrong")
    assert result.exit_code == 1
    assert "fail  token" in result.stdout
    assert "-> check KOBO_TOKEN" in result.stdout


def test_json_says_that_something_failed(invoke: Invoke):
    result = invoke("doctor", "--json", KOBO_TOKEN="wrong")
    assert json.loads(result.stdout)["ok"] is False
    assert list(findings(result.stdout)) == ALL[:6]


def test_missing_settings_fail():
    result = run("doctor")
    assert result.exit_code == 1
    assert "fail  settings" in result.stdout
    assert "KOBO_URL" in result.stdout


def test_a_server_that_is_not_there_fails():
    result = run("doctor", "-s", "http://127.0.0.1:1", "--token", "x")
    assert result.exit_code == 1
    assert "fail  server" in result.stdout
    assert "-> check the address" in result.stdout


@pytest.mark.parametrize(("hours", "where"), [(1, "ahead of"), (-1, "behind")])
def test_clocks_that_differ_are_a_warning(hours: int, where: str):
    fake = FakeKobo(seed=7, now=lambda: datetime.now(UTC) + timedelta(hours=hours))
    with serving(fake) as server:
        result = run("doctor", "--json", env=server.environment)
    found = findings(result.stdout)["clock"]
    assert (result.exit_code, found["status"]) == (0, "warn")
    assert where in found["found"]


def test_a_superuser_is_warned(invoke: Invoke, fake: FakeKobo):
    token = fake.add_user("root", superuser=True)
    found = findings(invoke("doctor", "--json", KOBO_TOKEN=token).stdout)["superuser"]
    assert found["status"] == "warn"


def test_projects_without_their_rows_are_named(
    invoke: Invoke, fake: FakeKobo, form: FakeForm, monkeypatch: pytest.MonkeyPatch
):
    token = fake.add_user("bob")
    readable = fake.add_form("Wells", rows=3)
    form.share("bob", "view_asset")
    readable.share("bob")
    found = findings(invoke("doctor", "--json", KOBO_TOKEN=token).stdout)["projects"]
    assert found["status"] == "warn"
    assert form.uid in found["found"]
    assert readable.uid not in found["found"]
    assert "view_submissions" in found["advice"]
    monkeypatch.setattr(checks, "NAMED", 0)
    found = findings(invoke("doctor", "--json", KOBO_TOKEN=token).stdout)["projects"]
    assert "and 1 more" in found["found"]


def test_of_very_many_shared_projects_some_are_looked_at(
    invoke: Invoke, fake: FakeKobo, monkeypatch: pytest.MonkeyPatch
):
    token = fake.add_user("bob")
    for name in ("Wells", "Schools", "Clinics"):
        fake.add_form(name, rows=1).share("bob")
    monkeypatch.setattr(checks, "LOOKED_AT", 1)
    found = findings(invoke("doctor", "--json", KOBO_TOKEN=token).stdout)["projects"]
    assert "(2 shared ones not looked at)" in found["found"]


def test_missing_extras_are_a_warning(monkeypatch: pytest.MonkeyPatch):
    version = metadata.version

    def without_uvicorn(name: str) -> str:
        if name == "uvicorn":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without_uvicorn)
    found = checks.extras()
    assert found.status == "warn"
    assert "uvicorn" in found.found
    assert "kobo-async[testing]" in found.advice


@pytest.mark.parametrize("http", ["httpx", "httpx2", "aiohttp"])
def test_the_library_that_carries_the_requests_is_told(invoke: Invoke, http: str):
    pytest.importorskip(http)
    found = findings(invoke("doctor", "--json", KOBO_HTTP=http).stdout)["speed"]
    assert found["found"].startswith(f"requests by {http} {metadata.version(http)}")
    idle = found["found"].partition("not in use: ")[2].partition(" (")[0].split(", ")
    assert http not in idle


def test_what_would_make_it_faster_is_told(monkeypatch: pytest.MonkeyPatch):
    version = metadata.version

    def without(name: str) -> str:
        if name in checks.FAST:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without)
    found = checks.speed("httpx")
    assert found.status == "ok"
    assert "msgspec" not in found.found
    assert found.advice == "msgspec, isal, uvloop: pip install 'kobo-async[fast]'"


def test_a_library_that_does_not_exist_is_refused(invoke: Invoke):
    result = invoke("doctor", KOBO_HTTP="curl")
    assert result.exit_code == 1
    assert "http must be one of httpx, httpx2, aiohttp" in result.stdout


def test_an_unknown_openrosa_host_is_a_warning():
    assert checks.openrosa("").status == "warn"
    assert checks.openrosa("https://kc.example.org").found == "https://kc.example.org"


def test_what_the_server_says_cannot_move_the_cursor(invoke: Invoke, fake: FakeKobo):
    token = fake.add_user("bob")
    fake.add_form("\x1b[2JWells", rows=1).share("bob", "view_asset")
    result = invoke("doctor", KOBO_TOKEN=token)
    assert "\x1b" not in result.stdout
    assert "\\x1b[2JWells" in result.stdout
