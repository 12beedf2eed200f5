"""`kobo-async login` and `logout`: a token in the keyring of the system."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli.connection import Connection, addressed
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import say

if TYPE_CHECKING:
    from kobo_async.config import Secret

EPILOG = """\b
Examples:
  kobo-async login -s eu                   # asks for the token
  kobo-async login -s eu --username alice  # asks for the password, and keeps the token
  pass show kobo | kobo-async login -s eu  # reads the token from a pipe
"""


@click.command("login", short_help="Keep a token in the keyring of the system.", epilog=EPILOG)
@click.option("--username", help="Ask for this user's password, and fetch the token with it.")
@addressed
def login(connection: Connection, *, username: str | None) -> None:
    """Ask for the token of a server, try it, and keep it in the keyring of the system.

    From then on it is used for this server where no other credentials are given. Nothing secret
    stands in the history of the shell or in the list of processes. A password is not kept.
    """
    given: dict[str, Any]
    if username is None:
        given = {"token": _typed("API token")}
    else:
        given = {"username": username, "password": _typed("Password")}
    server, name = run(lambda: _log_in(connection, given))
    say(f"the token of {name} for {server} is in the keyring")


@click.command("logout", short_help="Take the token out of the keyring again.")
@addressed
def logout(connection: Connection) -> None:
    """Take the token of a server out of the keyring. It stays valid on the server."""
    from kobo_async.config.keyring import forget  # noqa: PLC0415 - slow to import

    server = connection.client(anonymous=True).settings.server
    found = forget(server)
    say(f"the token for {server} is {'no longer' if found else 'not'} in the keyring")


def _typed(what: str) -> Secret:
    from kobo_async.config import Secret  # noqa: PLC0415 - slow to import

    if sys.stdin.isatty():
        return Secret(click.prompt(what, hide_input=True, err=True))
    return Secret(sys.stdin.readline().strip())


async def _log_in(connection: Connection, given: dict[str, Any]) -> tuple[str, str]:
    from kobo_async.config import Secret  # noqa: PLC0415 - slow to import
    from kobo_async.config.keyring import remember  # noqa: PLC0415

    async with connection.client(**given) as client:
        name = (await client.me.get()).username
        remember(client.settings.server, given.get("token") or Secret(await client.token.get()))
        return client.settings.server, name
