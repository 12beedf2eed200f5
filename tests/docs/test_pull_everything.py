"""The script of `docs/how-to/pull.md`, against a fake server on a socket."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from anyio.from_thread import start_blocking_portal

from kobo_async.testing import FakeKobo, serve

from ..sinks.mongod import mongod  # noqa: TID252 - test folders are no packages
from ..sinks.postgres import postgres  # noqa: TID252 - likewise

SCRIPT = Path(__file__).parents[2] / "docs" / "how-to" / "pull_everything.py"
FILES = ["rows", "rows", "csv", "xlsx", "parquet", "geojson", "in_duckdb", "in_sqlite"]
ROWS = 150


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pull_everything", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def uid(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    fake = FakeKobo(seed=7)
    form = fake.add_form("Household survey", rows=ROWS)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serve(fake)) as url:
        monkeypatch.setenv("KOBO_URL", url)
        monkeypatch.setenv("KOBO_TOKEN", fake.token)
        yield form.uid


def test_every_file_holds_the_same_submissions(script: ModuleType, uid: str, tmp_path: Path):
    said: list[str] = []
    script.pull_everything(uid, tmp_path, say=said.append)
    assert [line.split()[-1] for line in said] == FILES
    assert {line.split()[0] for line in said if "geojson" not in line} == {str(ROWS)}


def test_postgresql_holds_them_too(script: ModuleType, uid: str):
    with postgres() as server, server.database() as name:
        script.pull(uid, server.url(name))
        assert len(script.in_postgresql(server.url(name))) == ROWS


def test_mongodb_holds_them_too(script: ModuleType, uid: str):
    with mongod() as server:
        target = f"{server.url}#households"
        script.pull(uid, target)
        assert len(script.in_mongodb(target)) == ROWS
