"""The fixtures for pytest, in projects of others: with every way to run asynchronous tests."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest
from kobo_async.testing import Fault

@pytest.fixture
def form(fake_kobo):
    return fake_kobo.add_form("Wells", rows=1200)

{mark}
async def test_counts(kobo_client, form):
    assert await kobo_client.submissions.count(form.uid) == 1200

{mark}
async def test_goes_on_after_a_pause_that_takes_no_time(kobo_client, kobo_faults, kobo_clock, form):
    kobo_faults.add(Fault.status(503, retry_after=60, times=1))
    async with kobo_client, kobo_client.submissions.stream(form.uid) as rows:
        assert len([row async for row in rows]) == 1200
    assert kobo_faults.fired() == 1
    assert kobo_clock.monotonic() >= 60

{mark}
async def test_begins_anew(kobo_client, fake_kobo):
    assert await kobo_client.assets.list().all() == []
    assert len(fake_kobo.requests) >= 1
"""
BLOCKING = """
from kobo_async.sync_api import Kobo

def test_needs_no_event_loop(fake_kobo, kobo_clock):
    with Kobo("http://localhost", token=fake_kobo.token, app=fake_kobo, clock=kobo_clock) as kobo:
        assert kobo.me.get().username == fake_kobo.username
"""
SOCKET = """
import urllib.request

def test_any_client_may_ask(kobo_server, fake_kobo):
    fake_kobo.latency = 3600
    headers = {"Authorization": f"Token {fake_kobo.token}"}
    request = urllib.request.Request(f"{kobo_server}/me/?format=json", headers=headers)
    with urllib.request.urlopen(request) as reply:
        assert reply.status == 200
"""
UNUSED = """
import sys

def test_nothing_was_loaded():
    ours = {name for name in sys.modules if name.startswith("kobo_async")}
    assert ours == {"kobo_async", "kobo_async._version", "kobo_async.testing",
                    "kobo_async.testing.plugin"}
    assert not {"anyio", "httpx", "uvicorn"} & set(sys.modules)
"""
WITHOUT_EXTRA = """
import sys
sys.modules.update(dict.fromkeys(["uvicorn", "httptools", "openpyxl", "pyxform"]))

def test_in_process_it_needs_no_extra(kobo_client, fake_kobo):
    assert fake_kobo.add_form("Wells", rows=3).uid

def test_on_a_socket_it_does(kobo_server):
    pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of somebody else, who has only the plugins that are named."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in [name for name in os.environ if name.startswith("COV")]:
        monkeypatch.delenv(name)
    return pytester


def run(project: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    project.makepyfile(test_suite=code)
    plugin = ("-p", "kobo_async.testing.plugin", "-p", "no:cacheprovider", "-W", "error")
    return project.runpytest_subprocess(*plugin, *options)


@pytest.mark.parametrize(
    ("mark", "options", "passed"),
    [
        ("@pytest.mark.asyncio", ("-p", "pytest_asyncio.plugin", "--asyncio-mode=strict"), 3),
        ("", ("-p", "pytest_asyncio.plugin", "--asyncio-mode=auto"), 3),
        ("@pytest.mark.anyio", ("-p", "anyio.pytest_plugin"), 6),
    ],
    ids=["asyncio-strict", "asyncio-auto", "anyio"],
)
def test_the_fixtures_work_with(
    project: pytest.Pytester, mark: str, options: tuple[str, ...], passed: int
):
    if "pytest_asyncio.plugin" in options:
        options += ("-o", "asyncio_default_fixture_loop_scope=function")
    run(project, SUITE.format(mark=mark), *options).assert_outcomes(passed=passed)


def test_the_fixtures_work_without_an_event_loop(project: pytest.Pytester):
    run(project, BLOCKING).assert_outcomes(passed=1)


def test_the_server_can_be_had_on_a_socket(project: pytest.Pytester):
    run(project, SOCKET).assert_outcomes(passed=1)


def test_the_plugin_costs_nothing_when_unused(project: pytest.Pytester):
    run(project, UNUSED).assert_outcomes(passed=1)


def test_only_the_socket_needs_the_extra(project: pytest.Pytester):
    result = run(project, WITHOUT_EXTRA)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*pip install 'kobo-async[[]testing[]]'*"])


def test_the_fixtures_say_what_they_are_for(project: pytest.Pytester):
    result = run(project, "", "--fixtures")
    names = ("kobo_clock", "fake_kobo", "kobo_faults", "kobo_client", "kobo_server")
    result.stdout.fnmatch_lines([f"{name}*plugin.py*" for name in names])
    assert "no docstring" not in result.stdout.str()


def test_the_package_offers_the_plugin_to_pytest():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"kobo_async": "kobo_async.testing.plugin"}
