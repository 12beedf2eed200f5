"""`kobo-async mcp`: tools for language models, over stdin and stdout."""

from __future__ import annotations

import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.runner import run
from kobo_async.cli.stdin import served
from kobo_async.cli.terminal import say

EPILOG = """\b
In the settings of a program that speaks MCP:
  {"mcpServers": {"kobo": {"command": "kobo-async", "args": ["mcp", "--profile", "work"]}}}
"""


@click.command("mcp", short_help="Serve tools for language models.", epilog=EPILOG)
@click.option(
    "--allow-writes",
    is_flag=True,
    help="Also tools that set statuses, edit and delete, each for an exact number of submissions.",
)
@connected
def command(connection: Connection, *, allow_writes: bool) -> None:
    """Serve projects and submissions to a language model by the Model Context Protocol.

    The program that speaks it starts this command, and talks to it over stdin and stdout. Nothing
    can be changed, unless --allow-writes is given. What the model is shown leaves this machine
    for wherever the model runs: give it a token of an account that sees only what it may see.
    """
    run(lambda: _serve(connection, allow_writes=allow_writes))


async def _serve(connection: Connection, *, allow_writes: bool) -> None:
    from kobo_async.assistant.server import server  # noqa: PLC0415 - slow to import

    async with connection.client() as client:
        say(f"serving tools{', also such that write' if allow_writes else ''}, until stdin ends")
        await served(server(client, allow_writes=allow_writes).run_stdio_async())
