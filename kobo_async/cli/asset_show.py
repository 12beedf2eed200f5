"""`kobo-async assets show`: one asset, with what lists leave out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from kobo_async.cli.jobs import Way, fetched, reads
from kobo_async.cli.options import uid_argument
from kobo_async.cli.output import as_told, minute
from kobo_async.cli.terminal import json_line, show_table

if TYPE_CHECKING:
    from kobo_async.models.asset import Asset


@click.command("show")
@uid_argument
@reads
def command(way: Way, *, uid: str) -> None:
    """Show a project, library item or collection.

    With --json all that the server tells, the whole form included.
    """
    asset = fetched(way, lambda api: api.assets.get(uid))
    if way.as_json:
        click.echo(json_line(as_told(asset)))
    else:
        show_table(("what", "value"), _facts(asset))


def _facts(asset: Asset) -> Iterator[tuple[str, str]]:
    count = asset.deployment__submission_count
    yield "uid", asset.uid
    yield "name", asset.name
    yield "type", asset.asset_type
    yield "owner", asset.owner__username
    yield "status", asset.deployment_status
    yield "sharing", asset.status
    yield "form", _form(asset)
    yield "questions", str(asset.summary.get("row_count", "?"))
    yield "languages", ", ".join(_languages(asset))
    yield "submissions", "?" if count is None else str(count)
    yield "latest submission", minute(asset.deployment__last_submission_time)
    yield "created", minute(asset.date_created)
    yield "modified", minute(asset.date_modified)
    yield "deployed", minute(asset.date_deployed)
    yield "you may", ", ".join(_rights(asset))


def _form(asset: Asset) -> str:
    if not asset.has_deployment:
        return "never deployed"
    if asset.version_id == asset.deployed_version_id:
        return "deployed as it is"
    return "has changes that are not deployed"


def _languages(asset: Asset) -> Iterator[str]:
    for name in asset.summary.get("languages") or ():
        yield "(unnamed)" if name is None else name


def _rights(asset: Asset) -> list[str]:
    return sorted(held["codename"] for held in asset.effective_permissions or ())
