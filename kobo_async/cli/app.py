"""The group of commands; each one is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from kobo_async._version import __version__
from kobo_async.cli import failures
from kobo_async.cli.groups import Late

COMMANDS: Final[Mapping[str, str]] = {
    "demo": "demo",
    "doctor": "doctor",
    "assets": "assets",
    "pull": "pull",
    "attachments": "attachments",
    "sync": "sync",
    "receive": "receive",
    "schema": "schema",
    "summary": "summary",
    "export": "export",
    "submit": "submit",
    "edit": "edit",
    "validate": "validate",
    "delete": "delete",
    "permissions": "permissions",
    "files": "files",
    "hooks": "hooks",
    "history": "history",
    "usage": "usage",
    "fake-server": "fake_server",
    "login": "login:login",
    "logout": "login:logout",
    "mcp": "mcp",
    "migrate": "migrate",
    "operations": "operations",
}
EXIT_CODES = """\b
Exit codes:
  0  done
  1  failed, or a download that is not complete
  2  wrong usage or settings; nothing was changed
  3  the server does not accept the token
  4  not found, or not permitted
  5  no usable answer from the server
  130, 143, 141  ended by Ctrl-C, by SIGTERM, by the reader of the output
"""


class Commands(Late):
    """All commands; tells failures in one or two lines."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the edge of the program
            ctx.exit(failures.tell(error, debug=failures.DEBUG in ctx.meta))


@click.group(cls=Commands, places=COMMANDS, epilog=EXIT_CODES)
@click.version_option(__version__, package_name="kobo-async", prog_name="kobo-async")
def app() -> None:
    """Work with a KoboToolbox server: projects, complete downloads, submissions, permissions.

    Server and token come from KOBO_URL and KOBO_TOKEN, or from a profile in the settings file
    (~/.config/kobo-async/config.toml, or KOBO_CONFIG); the token also from the keyring, by `login`.
    Data goes to stdout, all talk to stderr.
    """
