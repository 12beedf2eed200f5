"""The whole life of a project, as the how-to tells it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kobo_async import KoboClient
from tests.live.conftest import load_script
from tests.live.workshop import Workshop

ROWS = int(os.environ.get("KOBO_LIVE_ROWS", "500"))
COLLEAGUE = os.environ.get("KOBO_LIVE_COLLEAGUE")
"""Another account, to share with; without one the form is made public for a moment."""


@pytest.mark.asyncio
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("submitter")
async def test_a_project_lives_from_its_form_to_its_end(
    client: KoboClient, workshop: Workshop, tmp_path: Path
) -> None:
    said: list[str] = []
    await load_script("project_life").live(
        client, tmp_path, title=workshop.title, rows=ROWS, other=COLLEAGUE, say=said.append
    )
    assert [word.split()[0] for word in said] == [
        "deployed",
        "submitted",
        "validated",
        "exported",
        "archived,",
        "deleted",
    ]
    assert (tmp_path / "wells.xlsx").read_bytes().startswith(b"PK")
    assert await workshop.left() == []
