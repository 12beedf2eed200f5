"""`kobo-async assets`: what the account can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import json_line, show_table

if TYPE_CHECKING:
    from kobo_async.models.asset import Asset

COLUMNS = ("uid", "name", "type", "status", "submissions", "modified", "owner")


@click.command("assets")
@click.option(
    "--q",
    metavar="QUERY",
    help="Only what matches, e.g. 'asset_type:survey AND name__icontains:water'.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@connected
def command(connection: Connection, q: str | None, as_json: bool) -> None:  # noqa: FBT001 - click's way
    """List projects, library items and collections.

    On a terminal a table, otherwise lines with tabs. With --json all that the server tells.
    """
    assets = run(lambda: _fetch(connection, q))
    if as_json:
        _print_json(assets)
    else:
        show_table(COLUMNS, [_cells(asset) for asset in assets])


async def _fetch(connection: Connection, q: str | None) -> list[Asset]:
    filters: dict[str, Any] = {} if q is None else {"q": q}
    async with connection.client() as client:
        return await client.assets.list(**filters).all()


def _print_json(assets: list[Asset]) -> None:
    from kobo_async.models.convert import unstructure  # noqa: PLC0415 - slow to import

    for asset in assets:
        click.echo(json_line(unstructure(asset)))


def _cells(asset: Asset) -> tuple[object, ...]:
    count = asset.deployment__submission_count
    return (
        asset.uid,
        asset.name,
        asset.asset_type,
        asset.deployment_status,
        "?" if count is None else count,
        f"{asset.date_modified:%Y-%m-%d %H:%M}" if asset.date_modified else "",
        asset.owner__username,
    )
