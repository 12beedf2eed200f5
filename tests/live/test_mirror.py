"""A mirror that is killed while the server changes, as the how-to tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_async import KoboClient
from tests.cli.running import environment
from tests.live.conftest import load_script
from tests.live.workshop import Target, Workshop


@pytest.mark.asyncio
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("submitter")
async def test_a_mirror_that_was_killed_equals_the_server_in_the_end(
    target: Target, client: KoboClient, workshop: Workshop, tmp_path: Path
) -> None:
    said: list[str] = []
    script = load_script("mirror")
    try:
        await script.live(
            client,
            tmp_path,
            environment() | target.environment,
            title=workshop.title,
            receive=target.fake,
            say=said.append,
        )
    except (AssertionError, TimeoutError) as error:
        error.add_note((tmp_path / script.LOG).read_text()[-3000:])
        raise
    assert said[1:-1] == ["killed 1", "killed 2", "killed 3"]
    assert said[0].startswith("equal: 150 submissions")
    assert said[-1].startswith("equal: ")
    assert await workshop.left() == []
