"""`kobo-async migrate`: what has to change since API v1 is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kobo_async.cli.connection import debug_option
from kobo_async.cli.failures import FAILED
from kobo_async.cli.options import json_option
from kobo_async.cli.terminal import counted, json_line, say, show_table

if TYPE_CHECKING:
    from kobo_async.migrate.scan import Finding

COLUMNS = ("where", "what", "instead", "notes")


@click.group("migrate")
def command() -> None:
    """Find calls of API v1, which answers 410 to everything."""


@command.command("scan")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@json_option
@debug_option
def scan(paths: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 - click's way
    """Find calls of API v1 in files and folders, and tell what to use in their place.

    Reads code of any language, settings, documents and notebooks; nothing is changed, and no
    server is asked. Ends with 1 if something was found.
    """
    from kobo_async.migrate import scan as scan_paths  # noqa: PLC0415 - slow to import

    found = [*scan_paths(*paths)]
    if as_json:
        for finding in found:
            click.echo(json_line(finding.as_dict()))
    elif found:
        show_table(COLUMNS, [_cells(finding) for finding in found])
    files = len({finding.path for finding in found})
    say(f"{counted(len(found), 'call')} of v1 in {counted(files, 'file')}")
    if found:
        raise click.exceptions.Exit(FAILED)


def _cells(finding: Finding) -> tuple[str, ...]:
    instead = finding.instead or "nothing"
    return finding.where, finding.what, instead, "; ".join(finding.notes)
