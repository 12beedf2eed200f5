"""`kobo-async assets import`, `deploy`, `clone`, `archive`, `unarchive`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli.jobs import Job, Way, perform, writes
from kobo_async.cli.options import FILE, uid_argument
from kobo_async.cli.output import show_assets

if TYPE_CHECKING:
    from kobo_async.models.asset import Asset


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--deploy", is_flag=True, help="Deploy it, too, so that it takes submissions.")
@click.option("--name", help="Name of the project; the form's title by default.")
@writes
def import_(way: Way, *, file: Path, deploy: bool, name: str | None) -> None:
    """Make a new project of an XLSForm, an XLS or XLSX file.

    What is wrong with the form is told, and the draft that remains. Running it again makes
    another project.
    """
    _change(
        way,
        lambda api: api.forms.import_xlsform(file, name=name, deploy=deploy),
        title=f"importing {file.name}",
    )


@click.command("deploy")
@uid_argument
@writes
def deploy(way: Way, *, uid: str) -> None:
    """Make sure that the newest version of a project takes submissions.

    For the first time, again where there are changes, or out of the archive. Nothing is sent
    where all of that is so.
    """
    _change(way, lambda api: api.forms.deploy(uid))


@click.command("clone")
@uid_argument
@click.option("--name", help="Name of the copy; the server makes one by default.")
@writes
def clone(way: Way, *, uid: str, name: str | None) -> None:
    """Make a new project with the form and the settings of another one.

    Media files, permissions and submissions do not come along.
    """
    named: dict[str, Any] = {} if name is None else {"name": name}
    _change(way, lambda api: api.forms.clone(uid, **named))


@click.command("archive")
@uid_argument
@writes
def archive(way: Way, *, uid: str) -> None:
    """Stop a project from taking submissions. Its data stays readable."""
    _change(way, lambda api: api.forms.archive(uid))


@click.command("unarchive")
@uid_argument
@writes
def unarchive(way: Way, *, uid: str) -> None:
    """Let an archived project take submissions again, with the version it had."""
    _change(way, lambda api: api.forms.unarchive(uid))


def _change(way: Way, job: Job[Asset], title: str = "") -> None:
    perform(way, job, lambda asset: show_assets(way, [asset]), title=title)
