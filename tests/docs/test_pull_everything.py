"""The part of the script of `docs/how-to/pull.md` that its page does not run: MongoDB."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from anyio.from_thread import start_blocking_portal

from kobo_async.testing import FakeKobo, serve

from ..sinks.mongod import mongod  # noqa: TID252 - test folders are no packages

SCRIPT = Path(__file__).parents[2] / "docs" / "how-to" / "pull_everything.py"
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


def test_mongodb_holds_all_submissions(script: ModuleType, uid: str):
    with mongod() as server:
        target = f"{server.url}#households"
        script.pull(uid, target)
        assert len(script.in_mongodb(target)) == ROWS
