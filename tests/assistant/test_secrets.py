"""No tool tells the token, also where a server echoes it in data and in errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from mcp import Client

from kobo_async import ConfigError, KoboClient
from kobo_async.assistant.server import server
from tests.hostile.canaries import PASSWORD, TOKEN, assert_clean

pytestmark = pytest.mark.anyio

ARGUMENTS = {
    "list_projects": {},
    "get_submission": {"uid": "a1", "id": 1},
    "describe_project": {"uid": "a1"},
    "describe_columns": {"uid": "a1"},
    "get_submissions": {"uid": "a1"},
    "count_submissions": {"uid": "a1", "where": {"x": "1"}},
    "export_rows": {"uid": "a1"},
    "summarise": {"uid": "a1"},
    "delete_submissions": {"uid": "a1", "ids": [1], "expect": 2},
}


def echo(status: int) -> httpx.MockTransport:
    """Answer everything with the token that came with the request, wherever it fits."""

    def respond(request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"]
        asset = {"uid": token, "name": token, "asset_type": "survey", "has_deployment": True}
        content = {"survey": [{"type": "text", "name": TOKEN, "label": [token]}]}
        row = {"_id": 1, TOKEN: token, "echo": [{"inner": token}]}
        answer: dict[str, Any] = {"detail": token, **asset, **row, "content": content}
        if request.url.path.endswith(("/v2/assets/", "/data/", "/versions/")):
            answer = {"count": 1, "next": None, "results": [answer]}
        return httpx.Response(status, json=answer, headers={"X-KoBoNaut": "alice"})

    return httpx.MockTransport(respond)


@pytest.mark.parametrize("tool", ARGUMENTS)
@pytest.mark.parametrize("status", [200, 400, 401, 404])
async def test_no_tool_tells_the_token(tool: str, status: int):
    async with (
        KoboClient("https://kobo.example", token=TOKEN, transport=echo(status)) as client,
        Client(server(client, allow_writes=True)) as model,
    ):
        reply = await model.call_tool(tool, ARGUMENTS[tool])
        tools = await model.list_tools()
    assert reply.is_error or status == 200
    assert_clean(reply.model_dump_json(), tools.model_dump_json())


async def test_the_echo_would_be_seen():
    async with (
        KoboClient("https://kobo.example", token=TOKEN, transport=echo(200)) as client,
        Client(server(client)) as model,
    ):
        reply = await model.call_tool("get_submission", ARGUMENTS["get_submission"])
    assert reply.structured_content["echo"] == [{"inner": "Token ***"}]


async def test_a_password_is_refused_for_its_token_is_not_known_beforehand():
    async with KoboClient("https://kobo.example", username="alice", password=PASSWORD) as client:
        with pytest.raises(ConfigError, match="login --username"):
            server(client)
