"""`kobo-async pull`: every submission of a project into a file, a database or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.downloads import Job, Pulled, TableJob, download, download_tables
from kobo_async.cli.failures import FAILED
from kobo_async.cli.options import (
    concurrency_option,
    labels_option,
    typed,
    uid_argument,
    versions_option,
    where_option,
)
from kobo_async.cli.progress import Watch, shown
from kobo_async.cli.runner import run
from kobo_async.cli.secrets import shown_address
from kobo_async.cli.terminal import TerminalBytes, counted, json_line, say

if TYPE_CHECKING:
    from kobo_async.bulk.report import Completeness
    from kobo_async.forms.tabulate import BadCells
    from kobo_async.sinks import Destination, Sink

TABLES: Final = ("labels", "headers", "values", "tables", "safe_formulas", "prefix", "all_versions")
"""Options that have no effect on rows."""
EXAMPLES: Final = 3
LONGEST_ANSWER: Final = 40
EPILOG = """\b
What -o names:
  rows.jsonl .ndjson          rows as the server sends them; also .gz, .zst
  -                           the same on stdout
  data.csv                    a file for each table: data.csv, data.members.csv; also .gz, .zst
  data.xlsx                   a sheet for each table
  data.parquet, folder/       a file for each table
  data.geojson                the submissions with their places; also .gz, .zst
  data.duckdb                 a table for each; later downloads replace what is new
  sqlite:///data.db           likewise
  postgresql://host/database  likewise
  mongodb://host/database     rows, in the collection UID or in that behind #
  s3://bucket/data.parquet    any of the files, wherever fsspec has a driver for

\b
Examples:
  kobo-async pull aBcD… -o rows.jsonl
  kobo-async pull aBcD… -o - | head -n 3
  kobo-async pull aBcD… -o data.xlsx --labels en --headers label
  kobo-async pull aBcD… -o new.csv --where '{"_submission_time": {"$gte": "2026-11-01"}}'
"""


def _names(_: click.Context, __: click.Parameter, text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


@click.command("pull", short_help="Download every submission of a project.", epilog=EPILOG)
@uid_argument
@click.option(
    "-o", "--output", required=True, metavar="TARGET", help="Where to: see What -o names."
)
@where_option
@click.option(
    "--fields", metavar="A,B,…", callback=_names, help="Only these questions, by their full paths."
)
@labels_option
@click.option(
    "--headers",
    type=click.Choice(["path", "name", "label"]),
    default="path",
    show_default=True,
    help="What columns are called.",
)
@click.option(
    "--values",
    type=click.Choice(["typed", "text"]),
    default="typed",
    show_default=True,
    help="Numbers, days, truths; or the texts that the server keeps.",
)
@click.option("--tables", metavar="NAME,…", callback=_names, help="Only these tables.")
@click.option(
    "--safe-formulas", is_flag=True, help="In CSV, put ' before texts that Excel would compute."
)
@click.option(
    "--prefix", default="", metavar="TEXT", help="Before the names of tables in SQLite, PostgreSQL."
)
@versions_option
@click.option(
    "--strategy",
    type=click.Choice(["auto", "offsets", "ranges"]),
    default="auto",
    show_default=True,
    help="How to cut the download into pages.",
)
@concurrency_option
@click.option("--after", type=click.IntRange(0), default=0, help="Only rows with a higher _id.")
@click.option("--no-strict", is_flag=True, help="Keep the file even if some rows cannot be read.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@connected
def command(connection: Connection, *, output: str, as_json: bool, **given: Any) -> None:
    """Download every submission of project UID, or say what is missing.

    A file appears under its name when it is complete, never before. Rows are written as the server
    sends them. Tables have a column for each question of all versions of the form, with typed
    values; what does not fit its type stands in the column _extra.

    The report is one line on stderr, and lines for what could not be written as it was. With --json
    it goes to stdout as one JSON object, or, if the rows go there, to stderr as its last line.
    """
    target = Target(output)
    if not (target.place and target.place.takes_tables):
        _refuse_table_options()
    pulled = _pulled(connection, target, given, as_json=as_json)
    _tell(pulled, target, as_json=as_json)
    if not pulled.report.complete:
        raise click.exceptions.Exit(FAILED)


class Target:
    """Where a download goes; `place` is None for stdout."""

    def __init__(self, output: str) -> None:
        from kobo_async.sinks import destination  # noqa: PLC0415 - slow to import

        self.shown = shown_address(output) if "://" in output else output
        self.place: Destination | None = None
        if output != "-":
            self.place = destination(output)
            self.place.check()

    @property
    def path(self) -> str | None:
        """What reports say of it."""
        return self.shown if self.place else None

    def for_rows(self, uid: str) -> Sink:
        """Return the sink for rows."""
        from kobo_async.sinks import JsonLinesStream  # noqa: PLC0415 - slow to import

        if self.place:
            return self.place.for_rows(uid)
        out = sys.stdout.buffer
        return JsonLinesStream(TerminalBytes(out) if sys.stdout.isatty() else out)


def _refuse_table_options() -> None:
    for option in typed():
        if option.name in TABLES:
            raise click.UsageError(f"{option.opts[0]} is for tables, and these are rows")


def _pulled(
    connection: Connection, target: Target, given: dict[str, Any], *, as_json: bool
) -> Pulled:
    from kobo_async.errors import IncompleteDownload  # noqa: PLC0415 - beside its only use

    uid = given["uid"]
    try:
        with shown(f"pulling {uid}", quiet=not target.place and sys.stdout.isatty()) as watch:
            return _pull(connection, target, given, watch)
    except (Exception, KeyboardInterrupt) as error:
        if target.place:
            error.add_note(f"{target.shown} was not written")
        if as_json and isinstance(error, IncompleteDownload) and error.report is not None:
            _print_json(Pulled(error.report), target, path=None)
        raise


def _pull(connection: Connection, target: Target, given: dict[str, Any], watch: Watch) -> Pulled:
    options = {name: given[name] for name in ("where", "strategy", "after")}
    job = Job(
        uid=given["uid"],
        options=options | {"strict": not given["no_strict"]},
        fields=given["fields"],
        concurrency=given["concurrency"],
    )
    place = target.place
    if place is None or not place.takes_tables:
        sink = target.for_rows(job.uid)
        raw = place is None or place.takes_raw
        return Pulled(run(lambda: download(connection, job, sink, watch, raw=raw)))
    wanted = TableJob(
        layout={name: given[name] for name in ("labels", "headers", "values", "all_versions")},
        names=given["tables"] or (),
        safe_formulas=given["safe_formulas"],
        prefix=given["prefix"],
    )
    return run(lambda: download_tables(connection, job, wanted, place, watch))


def _tell(pulled: Pulled, target: Target, *, as_json: bool) -> None:
    if as_json:
        _print_json(pulled, target, path=target.path)
        return
    where = f" -> {target.path}" if target.path else ""
    say(f"{pulled.report}{where}")
    for line in (*_gaps(pulled.report), *_misfits(pulled.bad), *pulled.notes):
        say(line)


def _gaps(report: Completeness) -> Iterable[str]:
    for gap in report.gaps:
        yield f"missing: _id {gap.after + 1} to {gap.upto}: {gap.error}"


def _misfits(bad: BadCells | None) -> Sequence[str]:
    """Tell of answers that did not fit: how many, and the first of them."""
    if bad is None or not bad.count:
        return ()
    few = [
        f"{cell.path} of submission {cell.submission}: {_short(cell.value)!r} ({cell.reason})"
        for cell in bad.examples[:EXAMPLES]
    ]
    more = ", …" if bad.count > len(few) else ""
    whose = "its" if bad.count == 1 else "their"
    return (f"{counted(bad.count, 'answer')} did not fit {whose} type: {', '.join(few)}{more}",)


def _short(answer: str) -> str:
    return answer if len(answer) <= LONGEST_ANSWER else f"{answer[:LONGEST_ANSWER]}…"


def _print_json(pulled: Pulled, target: Target, *, path: str | None) -> None:
    facts = pulled.report.as_dict() | {"path": path}
    if pulled.bad is not None:
        examples = [attrs.asdict(cell) for cell in pulled.bad.examples]
        facts |= {"bad": {"count": pulled.bad.count, "examples": examples}}
        facts |= {"notes": [*pulled.notes]}
    click.echo(json_line(facts), err=target.place is None)
