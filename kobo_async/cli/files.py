"""`kobo-async files`: the media files of a form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from kobo_async.cli.jobs import Way, fetched, perform, reads, writes
from kobo_async.cli.options import uid_argument
from kobo_async.cli.output import minute, show
from kobo_async.cli.terminal import say

if TYPE_CHECKING:
    from kobo_async.models.file import AssetFile
    from kobo_async.verbs.media import SyncReport

COLUMNS = ("uid", "name", "type", "kind", "created")


@click.group("files")
def command() -> None:
    """List the media files of a form, or make them those of a folder."""


@command.command("list")
@uid_argument
@reads
def list_(way: Way, *, uid: str) -> None:
    """List the files of project UID."""
    show(way, COLUMNS, fetched(way, lambda api: api.files.list(uid).all()), _cells)


def _cells(file: AssetFile) -> tuple[object, ...]:
    kind = "link" if file.is_remote else file.metadata.mimetype or ""
    return file.uid, file.metadata.filename, file.file_type, kind, minute(file.date_created)


@command.command("sync")
@uid_argument
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--delete", is_flag=True, help="Delete files of the form that FOLDER does not have.")
@click.option(
    "--redeploy/--no-redeploy",
    default=True,
    help="Whether to deploy the form again, so that data collectors get them.  [default: yes]",
)
@writes
def sync(way: Way, *, uid: str, folder: Path, delete: bool, redeploy: bool) -> None:
    """Upload what is new or different in FOLDER as media files of project UID.

    Then the form is deployed again, once. What is equal already is not sent.
    """
    perform(
        way,
        lambda api: api.files.sync(uid, folder, delete=delete, redeploy=redeploy),
        lambda report: _tell(way, report),
    )


def _tell(way: Way, report: SyncReport) -> None:
    facts = attrs.asdict(report)
    if way.as_json:
        show(way, (), [facts], lambda _: (), lambda one: one)
        return
    del facts["redeployed"]
    pairs = [(name, what) for what, names in facts.items() for name in names]
    show(way, ("name", "what"), pairs, tuple)
    say(str(report))
