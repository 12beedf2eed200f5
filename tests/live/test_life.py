"""The whole life of a project, as the how-to tells it."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from kobo_async import KoboClient

SCRIPT = Path(__file__).parents[2] / "docs" / "how-to" / "project_life.py"
ROWS = int(os.environ.get("KOBO_LIVE_ROWS", "500"))
COLLEAGUE = os.environ.get("KOBO_LIVE_COLLEAGUE")
"""Another account, to share with; without one the form is made public for a moment."""


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("project_life", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.mark.asyncio
@pytest.mark.timeout(1800)
async def test_a_project_lives_from_its_form_to_its_end(
    target, client: KoboClient, tmp_path: Path
) -> None:
    if not (target.fake or target.writable):
        pytest.skip("writes: only with KOBO_LIVE_WRITE=1")
    before = await client.assets.list().all()
    said: list[str] = []
    await load_script().live(client, tmp_path, rows=ROWS, other=COLLEAGUE, say=said.append)
    assert [word.split()[0] for word in said] == [
        "deployed",
        "submitted",
        "validated",
        "exported",
        "archived,",
        "deleted",
    ]
    assert (tmp_path / "wells.xlsx").read_bytes().startswith(b"PK")
    after = await client.assets.list().all()
    assert {asset.uid for asset in after} == {asset.uid for asset in before}
