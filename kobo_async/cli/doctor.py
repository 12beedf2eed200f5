"""`kobo-async doctor`: does everything work from here?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.failures import FAILED
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import json_line, plain

if TYPE_CHECKING:
    from kobo_async.cli.checks import Check

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor", short_help="Check that everything works from here.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
@connected
def command(connection: Connection, as_json: bool) -> None:  # noqa: FBT001 - click's way
    """Check installation, settings, server, token, clock, permissions and page size.

    Nothing is changed on the server. Each finding is ok, warn or fail, with what to do next;
    the exit code is 1 if any has failed.
    """
    from kobo_async.cli.checks import examine  # noqa: PLC0415 - slow to import

    checks: list[Check] = []

    def tell(check: Check) -> None:
        checks.append(check)
        if not as_json:
            _print(check)

    run(lambda: examine(connection, tell))
    failed = any(check.status == "fail" for check in checks)
    if as_json:
        found = [attrs.asdict(check) for check in checks]
        click.echo(json_line({"ok": not failed, "checks": found}))
    if failed:
        raise click.exceptions.Exit(FAILED)


def _print(check: Check) -> None:
    status = click.style(f"{check.status:4}", fg=COLOURS[check.status], bold=True)
    click.echo(f"{status}  {check.name:<10} {plain(check.found)}")
    if check.advice:
        click.echo(f"{'':17}-> {plain(check.advice)}")
