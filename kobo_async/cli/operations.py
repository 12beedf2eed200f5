"""`kobo-async operations`: what of the API has a method."""

from __future__ import annotations

import click

from kobo_async.cli.connection import debug_option
from kobo_async.cli.options import json_option
from kobo_async.cli.terminal import json_line, show_table

COLUMNS = ("python", "method", "path", "repeatable", "paging")


@click.command("operations")
@json_option
@debug_option
def command(as_json: bool) -> None:  # noqa: FBT001 - click's way
    """List all operations of the API that have a method.

    `submissions.list` is `client.submissions.list(...)`. What is repeatable is sent again when its
    fate is unknown. On a terminal a table, otherwise lines with tabs.
    """
    from kobo_async.operations import operations  # noqa: PLC0415 - slow to import

    rows = [operation.as_dict() for operation in operations()]
    if as_json:
        for row in rows:
            click.echo(json_line(row))
        return
    show_table(
        COLUMNS,
        [
            (row["name"], row["method"], row["path"], _yes(yes=row["repeatable"]), row["paging"])
            for row in rows
        ],
    )


def _yes(*, yes: bool) -> str:
    return "yes" if yes else "no"
