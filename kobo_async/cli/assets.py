"""`kobo-async assets`: what the account can see, and the life of a project."""

from __future__ import annotations

from typing import Any, Final

import click

from kobo_async.cli.groups import Late
from kobo_async.cli.jobs import Way, fetched, reads
from kobo_async.cli.output import show_assets

COMMANDS: Final = {
    "list": "assets:list_",
    "show": "asset_show",
    "import": "asset_changes:import_",
    "deploy": "asset_changes:deploy",
    "clone": "asset_changes:clone",
    "archive": "asset_changes:archive",
    "unarchive": "asset_changes:unarchive",
}


@click.group("assets", cls=Late, places=COMMANDS, default="list")
def command() -> None:
    """List, import, deploy, clone and archive projects.

    Without a command: `assets list`, with its options.
    """


@click.command("list")
@click.option(
    "--q",
    metavar="QUERY",
    help="Only what matches, e.g. 'asset_type:survey AND name__icontains:water'.",
)
@reads
def list_(way: Way, *, q: str | None) -> None:
    """List projects, library items and collections.

    On a terminal a table, otherwise lines with tabs. With --json all that the server tells.
    """
    filters: dict[str, Any] = {} if q is None else {"q": q}
    show_assets(way, fetched(way, lambda api: api.assets.list(**filters).all()))
