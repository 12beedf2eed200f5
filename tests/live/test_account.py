"""Who asks, and what the server says about itself."""

from __future__ import annotations

import pytest

from kobo_async import AuthenticationFailed, KoboClient, UnexpectedShape

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]


async def test_me_is_somebody(client: KoboClient):
    me = await client.me.get()
    assert me.username
    assert me.server_time.tzinfo


async def test_the_token_is_the_one_that_was_given(client: KoboClient, target):
    assert await client.token.get() == target.token


async def test_making_a_token_returns_the_one_there_is(client: KoboClient, writable):
    assert await client.token.create() == writable.token


async def test_the_environment_names_the_openrosa_server(client: KoboClient):
    environment = await client.environment.get()
    assert environment.open_rosa_server.startswith("http")
    assert environment.frontend_min_retry_time <= environment.frontend_max_retry_time


async def test_the_environment_is_open_to_everyone(target):
    async with target.client(anonymous=True) as nobody:
        assert (await nobody.environment.get()).open_rosa_server


async def test_nobody_is_refused_an_account(target):
    async with target.client(anonymous=True) as nobody:
        with pytest.raises((AuthenticationFailed, UnexpectedShape)):  # the latter by an older one
            await nobody.me.get()


async def test_a_wrong_token_is_an_error(target, project: str):
    async with target.client(token="0" * 40) as stranger:
        with pytest.raises(AuthenticationFailed):
            await stranger.me.get()
        with pytest.raises(AuthenticationFailed):
            await stranger.assets.list().all()
        with pytest.raises(AuthenticationFailed):
            await stranger.submissions.count(project)


async def test_an_api_token_sent_as_bearer_is_an_error_and_not_an_empty_list(target, project: str):
    async with target.client(bearer=target.token) as confused:
        with pytest.raises(AuthenticationFailed):
            await confused.assets.list().all()
        with pytest.raises(AuthenticationFailed):
            await confused.submissions.count(project)
        with pytest.raises(AuthenticationFailed):
            await confused.assets.get(project)
