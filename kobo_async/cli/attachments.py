"""`kobo-async attachments`: the files of a project's submissions in a folder that follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kobo_async.bulk.report import Progress
from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.downloads import Job
from kobo_async.cli.failures import FAILED
from kobo_async.cli.options import concurrency_option, uid_argument, where_option
from kobo_async.cli.progress import Watch, shown
from kobo_async.cli.runner import run
from kobo_async.cli.secrets import shown_address
from kobo_async.cli.terminal import counted, json_line, say

if TYPE_CHECKING:
    from kobo_async.attachments.report import AttachmentsReport, FilesProgress

MOST_TOLD = 20
EPILOG = """\b
Fields of --name, which names the files:
  question_xpath   path of the question, as folders: members[2]/photo
  question         the last part of it
  _id, root_uuid   of the submission
  uid              of the attachment
  name, stem, ext  the file's own name, without its ending, its ending

\b
Examples:
  kobo-async attachments aBcD… -o photos/
  kobo-async attachments aBcD… -o s3://bucket/photos --size medium
  kobo-async attachments aBcD… -o photos/ --name '{_id}/{name}' --deletes move
"""


@click.command(
    "attachments", short_help="Mirror the files of a project's submissions.", epilog=EPILOG
)
@uid_argument
@click.option(
    "-o", "--output", required=True, metavar="DIR", help="A folder, or s3:// and the like."
)
@where_option
@click.option(
    "--size",
    type=click.Choice(["original", "large", "medium", "small"]),
    default="original",
    show_default=True,
    help="Images of at most 1280, 640 or 240 pixels.",
)
@click.option(
    "--name",
    default="{question_xpath}/{_id}{ext}",
    show_default=True,
    metavar="TEMPLATE",
    help="How files are called: see Fields of --name.",
)
@click.option(
    "--deletes",
    type=click.Choice(["keep", "move", "remove"]),
    default="keep",
    show_default=True,
    help="What becomes of files that are deleted on the server; `move`: into _deleted.",
)
@click.option(
    "--max-delete-fraction",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Stop if a larger part of the files would be moved or removed.",
)
@concurrency_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@connected
def command(connection: Connection, *, output: str, as_json: bool, **given: Any) -> None:
    """Bring a folder up to date with all attachments of project UID.

    Files that are there are not fetched again; what was interrupted goes on when it is repeated.
    The report is one line on stderr, and a line for each file that could not be fetched.
    """
    place = shown_address(output) if "://" in output else output
    uid = given.pop("uid")
    with shown(f"mirroring {uid}", unit="files") as watch:
        report = run(lambda: _mirror(connection, uid, output, given, watch))
    if as_json:
        click.echo(json_line(report.as_dict() | {"path": place}))
    else:
        _tell(report, place)
    if not report.ok:
        raise click.exceptions.Exit(FAILED)


async def _mirror(
    connection: Connection, uid: str, output: str, given: dict[str, Any], watch: Watch
) -> AttachmentsReport:
    def moved(progress: FilesProgress) -> None:
        watch.moved(Progress(progress.files, progress.found))

    job = Job(uid=uid, options={}, concurrency=given["concurrency"])
    async with job.client(connection, watch) as client:
        return await client.attachments.mirror(uid, output, on_progress=moved, **given)


def _tell(report: AttachmentsReport, place: str) -> None:
    say(f"{report} -> {place}")
    for one in report.failed[:MOST_TOLD]:
        say(f"failed: {one.name} of submission {one.submission}: {one.reason}")
    if len(report.failed) > MOST_TOLD:
        say(f"and {counted(len(report.failed) - MOST_TOLD, 'other')}; --json names all")
