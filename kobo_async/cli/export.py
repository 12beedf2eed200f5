"""`kobo-async export`: a file with the data of a project, made by the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli.jobs import Way, perform, writes
from kobo_async.cli.options import identifier, typed, uid_argument
from kobo_async.cli.output import report

if TYPE_CHECKING:
    from kobo_async.verbs.exports import Exported, SyncExported

TYPES = ("xls", "csv", "geojson", "kml", "spss_labels")
FORMATS = {".csv": "csv", ".xlsx": "xlsx"}
ENDINGS = ".xlsx, .csv, .geojson, .kml, or .zip for SPSS labels"
SETTINGS = (
    "type",
    "lang",
    "group_sep",
    "hierarchy_in_labels",
    "multiple_select",
    "fields_from_all_versions",
)
EPILOG = """\b
Examples:
  kobo-async export aBcD… -o rows.xlsx --lang 'English (en)'
  kobo-async export aBcD… -o rows.csv --lang _xml --group-sep .
"""


@click.command("export", short_help="Have the server make a file of the data.", epilog=EPILOG)
@uid_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"File ending in {ENDINGS}.",
)
@click.option("--type", type=click.Choice(TYPES), help="What to make; by default what FILE says.")
@click.option("--lang", default="_default", help="Language of the form; _xml for its names.")
@click.option("--group-sep", default="/", show_default=True, help="Stands between group names.")
@click.option("--hierarchy", "hierarchy_in_labels", is_flag=True, help="Name groups in headings.")
@click.option(
    "--multiple-select",
    type=click.Choice(["both", "summary", "details"]),
    default="both",
    show_default=True,
    help="One column for all chosen answers, one for each, or both.",
)
@click.option(
    "--all-versions/--newest-version",
    "fields_from_all_versions",
    default=True,
    help="Columns of all versions of the form, or of the newest alone.  [default: all]",
)
@click.option(
    "--setting",
    type=identifier,
    metavar="UID",
    help="Use these kept settings instead of options; the file can be five minutes old.",
)
@writes
def command(way: Way, *, uid: str, output: Path, setting: str | None, **options: Any) -> None:
    """Have the server make a file of all submissions of project UID, and save it.

    The file appears under its name when it is whole, never before. CSV files have `;` between
    quoted values. For JSON lines, and for proof of completeness, use `pull`.
    """
    if setting is None:
        _export(way, uid, output, options)
    else:
        _export_kept(way, uid, output, setting)


def _export(way: Way, uid: str, output: Path, options: dict[str, Any]) -> None:
    from kobo_async.models.export import ExportOptions  # noqa: PLC0415 - slow to import
    from kobo_async.verbs.exports import SUFFIXES  # noqa: PLC0415 - slow to import

    kind = options.pop("type") or SUFFIXES.get(output.suffix.lower())
    if kind is None:
        raise click.BadParameter(f"ends in {ENDINGS}, or give --type", param_hint="--output")
    wanted = ExportOptions(kind, **options)

    def tell(done: Exported) -> None:
        count = "" if done.submissions is None else f"{done.submissions:,} submissions, "
        _tell(way, done, f"{count}{done.size:,} bytes", submissions=done.submissions)

    perform(
        way,
        lambda api: api.exports.run(uid, wanted, path=output),
        tell,
        title=f"exporting {uid}",
    )


def _export_kept(way: Way, uid: str, output: Path, setting: str) -> None:
    _refuse_options(way)
    made: Any = FORMATS.get(output.suffix.lower())
    if made is None:
        raise click.BadParameter("--setting makes .csv or .xlsx", param_hint="--output")

    def tell(done: SyncExported) -> None:
        old = "" if done.age is None else f", {done.age:.0f} s old"
        _tell(way, done, f"{done.size:,} bytes{old}")

    perform(
        way,
        lambda api: api.exports.sync_export(uid, setting, format=made, path=output),
        tell,
        title=f"exporting {uid}",
    )


def _refuse_options(way: Way) -> None:
    """Refuse options that would have no effect."""
    if way.dry:
        raise click.UsageError("--setting changes nothing on the server: leave out --dry-run")
    for option in typed():
        if option.name in SETTINGS:
            raise click.UsageError(f"{option.opts[0]} is one of the kept settings: change it there")


def _tell(way: Way, done: Exported | SyncExported, text: str, **facts: Any) -> None:
    facts |= {"path": str(done.path), "bytes": done.size, "age": done.age}
    report(way, f"exported: {text} -> {done.path}", **facts)
