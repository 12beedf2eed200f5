"""A mirror that is killed while the server changes, as the how-to tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_async import KoboClient
from tests.cli.running import environment
from tests.live.conftest import load_script


@pytest.mark.asyncio
@pytest.mark.timeout(900)
async def test_a_mirror_that_was_killed_equals_the_server_in_the_end(
    target, client: KoboClient, tmp_path: Path
) -> None:
    if not (target.fake or target.writable):
        pytest.skip("writes: only with KOBO_LIVE_WRITE=1")
    before = await client.assets.list().all()
    said: list[str] = []
    access = {"KOBO_URL": target.url, "KOBO_TOKEN": target.token, "KOBO_ALLOW_HTTP": "1"}
    await load_script("mirror").live(
        client, tmp_path, environment() | access, receive=target.fake, say=said.append
    )
    assert said[1:-1] == ["killed 1", "killed 2", "killed 3"]
    assert said[0].startswith("equal: 150 submissions")
    assert said[-1].startswith("equal: ")
    after = await client.assets.list().all()
    assert {asset.uid for asset in after} == {asset.uid for asset in before}
