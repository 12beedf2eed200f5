"""`kobo-async pull`: every submission of a project into a file or a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import attrs
import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.failures import FAILED
from kobo_async.cli.options import uid_argument, where_option
from kobo_async.cli.progress import Watch, shown
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import TerminalBytes, json_line, plain

if TYPE_CHECKING:
    from kobo_async.bulk.report import Completeness
    from kobo_async.sinks import Sink

EPILOG = """\b
Examples:
  kobo-async pull aBcD… -o rows.jsonl
  kobo-async pull aBcD… -o - | jq .hh_size
  kobo-async pull aBcD… -o new.csv --where '{"_submission_time": {"$gte": "2026-11-01"}}'
"""


@attrs.frozen(kw_only=True)
class Job:
    """What to download, and where to."""

    uid: str
    output: str
    options: dict[str, Any]
    concurrency: int | None

    @property
    def piped(self) -> bool:
        """Whether the rows go to stdout."""
        return self.output == "-"


@click.command("pull", short_help="Download every submission of a project.", epilog=EPILOG)
@uid_argument
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="File ending in .jsonl or .csv; - for JSON lines on stdout.",
)
@where_option
@click.option("--fields", metavar="A,B,…", help="Only these questions, by their full paths.")
@click.option(
    "--strategy",
    type=click.Choice(["auto", "offsets", "ranges"]),
    default="auto",
    show_default=True,
    help="How to cut the download into pages.",
)
@click.option("--concurrency", type=click.IntRange(1, 64), help="Most requests at a time.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only rows with a higher _id.")
@click.option("--no-strict", is_flag=True, help="Keep the file even if some rows cannot be read.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@connected
def command(
    connection: Connection,
    uid: str,
    output: str,
    where: dict[str, Any] | None,
    fields: str | None,
    concurrency: int | None,
    no_strict: bool,  # noqa: FBT001 - click's way
    as_json: bool,  # noqa: FBT001
    **options: Any,
) -> None:
    """Download every submission of project UID, or say what is missing.

    The file appears under its name when it is complete, never before. Rows are written as the
    server sends them; in CSV, repeats and lists stand as JSON.

    The report is one line on stderr. With --json it goes to stdout as one JSON object, or, if the
    rows go there, to stderr as its last line.
    """
    options |= {"where": where, "strict": not no_strict}
    if fields is not None:
        options["fields"] = [name.strip() for name in fields.split(",") if name.strip()]
    job = Job(uid=uid, output=output, options=options, concurrency=concurrency)
    report = _pulled(connection, job, as_json=as_json)
    _tell(report, job, as_json=as_json)
    if not report.complete:
        raise click.exceptions.Exit(FAILED)


def _pulled(connection: Connection, job: Job, *, as_json: bool) -> Completeness:
    from kobo_async.errors import IncompleteDownload  # noqa: PLC0415 - beside its only use

    sink = _sink(job)
    try:
        with shown(f"pulling {job.uid}", quiet=job.piped and sys.stdout.isatty()) as watch:
            return run(lambda: download(connection, job, sink, watch))
    except (Exception, KeyboardInterrupt) as error:
        if not job.piped:
            error.add_note(f"{job.output} was not written")
        if as_json and isinstance(error, IncompleteDownload) and error.report is not None:
            _print_json(error.report, job, path=None)
        raise


def _sink(job: Job) -> Sink:
    from kobo_async.sinks import JsonLinesStream, sink_for  # noqa: PLC0415 - slow to import

    if not job.piped:
        return sink_for(job.output)
    out = sys.stdout.buffer
    return JsonLinesStream(TerminalBytes(out) if sys.stdout.isatty() else out)


async def download(connection: Connection, job: Job, sink: Sink, watch: Watch) -> Completeness:
    """Read all pages into the sink."""
    from kobo_async.config import Concurrency  # noqa: PLC0415 - slow to import

    settings: dict[str, Any] = {"on_event": watch.heard}
    if job.concurrency is not None:
        settings["concurrency"] = Concurrency.up_to(job.concurrency)
    async with sink, connection.client(**settings) as client:
        pages = client.submissions.pages(job.uid, on_progress=watch.moved, **job.options)
        async with pages as batches:
            async for rows in batches:
                await sink.write(rows)
        report: Completeness | None = batches.report
        assert report is not None
        return report


def _tell(report: Completeness, job: Job, *, as_json: bool) -> None:
    if as_json:
        _print_json(report, job, path=None if job.piped else job.output)
        return
    where = "" if job.piped else f" -> {job.output}"
    click.echo(plain(f"{report}{where}"), err=True)
    for gap in report.gaps:
        text = f"missing: _id {gap.after + 1} to {gap.upto}: {gap.error}"
        click.echo(plain(text), err=True)


def _print_json(report: Completeness, job: Job, *, path: str | None) -> None:
    click.echo(json_line(report.as_dict() | {"path": path}), err=job.piped)
