"""Paths: removed ones, unknown ones, and those without their slash."""

from __future__ import annotations

import pytest

from kobo_async import Gone, KoboClient, KoboError, NotFound, ServerError, UnexpectedRedirect
from tests.live.workshop import Target, Workshop

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("path", ["/api/v1/data", "/assets/"])
async def test_a_path_of_api_v1_is_gone(client: KoboClient, target: Target, path: str):
    said: KoboError | None = None
    try:
        await client.request("GET", path)
    except KoboError as error:
        said = error
    if not isinstance(said, Gone) and not target.fake:
        pytest.skip("an older server, which still has API v1")
    assert isinstance(said, Gone)
    assert "v2" in str(said)


@pytest.mark.parametrize("path", ["/api/v2/assets", "/me"])
async def test_a_missing_slash_is_an_error_that_says_so(client: KoboClient, path: str):
    with pytest.raises(UnexpectedRedirect, match="slash"):
        await client.request("GET", path)


async def test_a_post_without_its_slash_does_not_become_a_get(
    client: KoboClient, workshop: Workshop
):
    draft = {"asset_type": "survey", "name": workshop.title}
    with pytest.raises((UnexpectedRedirect, ServerError)):  # the latter while it is debugged
        await client.request("POST", "/api/v2/assets", json=draft)


async def test_an_unknown_path_is_not_found(client: KoboClient):
    with pytest.raises(NotFound):
        await client.request("GET", "/api/v2/there-is-no-such-thing/")


async def test_an_unknown_format_is_not_found(client: KoboClient, project: str):
    with pytest.raises(NotFound):
        await client.request("GET", f"/api/v2/assets/{project}/data/", query={"format": "bogus"})
