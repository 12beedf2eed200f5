"""`kobo-async mcp`, as a program that speaks MCP runs it: a process with pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from kobo_async.testing import FakeForm

from .running import Server, environment, run


def test_a_program_starts_it_and_asks(
    server: Server, small: FakeForm, capfd: pytest.CaptureFixture[str]
):
    async def ask() -> object:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-W", "error", "-m", "kobo_async.cli", "mcp", "--allow-writes"],
            env=environment() | server.environment,
        )
        async with Client(stdio_client(parameters)) as model:
            count = await model.call_tool("count_submissions", {"uid": small.uid})
            await model.call_tool(
                "delete_submissions", {"uid": small.uid, "ids": [min(small.rows)], "expect": 1}
            )
            return count.structured_content

    assert anyio.run(ask) == {"count": 5}
    assert len(small.rows) == 4
    assert server.fake.token not in "".join(capfd.readouterr())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_ends_when_it_is_told_to_although_stdin_stays_open(
    server: Server, sent: signal.Signals, code: int
):
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "kobo_async.cli", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment() | server.environment,
    ) as command:
        assert command.stderr is not None
        assert command.stderr.readline() == b"serving tools, until stdin ends\n"
        command.send_signal(sent)
        assert command.wait(30) == code
        assert command.stderr.read() == b"kobo-async: stopped\n"


def test_without_settings_it_says_what_is_missing():
    result = run("mcp", env={"PATH": os.environ["PATH"]})
    assert result.exit_code == 2
    assert "no server" in result.stderr


def test_without_the_extra_it_says_how_to_install_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delitem(sys.modules, "kobo_async.assistant.server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    result = run("mcp", env=server.environment)
    assert result.exit_code == 2
    assert "pip install 'kobo-async[mcp]'" in result.stderr
