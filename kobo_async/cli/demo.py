"""`kobo-async demo`: the main job against a server that makes it hard."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from kobo_async.cli.connection import Connection, debug_option
from kobo_async.cli.downloads import Job, download
from kobo_async.cli.failures import FAILED
from kobo_async.cli.progress import shown
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import json_line

if TYPE_CHECKING:
    from kobo_async.bulk.report import Completeness
    from kobo_async.cli.demo_server import DemoServer


@click.command("demo", short_help="See the main job done against a troubled fake server.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File ending in .jsonl; by default in a new temporary folder.",
)
@click.option("--rows", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="Makes rows and faults.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@debug_option
def command(output: Path | None, rows: int, seed: int, as_json: bool) -> None:  # noqa: FBT001 - click's way
    """Download 20,000 submissions from a fake server that is slow, fails and changes meanwhile.

    The server runs in a process of its own. It answers late, refuses with 429 and 502, drops
    connections and cuts replies, while rows are added, edited and deleted. In the end the file is
    compared with what the server knows: `missing` are rows that were there from start to end and
    are not in the file, `duplicates` are rows that stand in it twice. The exit code is 1 if there
    is any.
    """
    from kobo_async.cli.demo_server import started  # noqa: PLC0415 - slow to import

    _require_server()
    path = output or Path(tempfile.mkdtemp(prefix="kobo-async-demo-")) / "rows.jsonl"
    if path.suffix != ".jsonl":
        raise click.BadParameter("the demo writes .jsonl", param_hint="--output")
    with started(seed, rows) as server:
        report = _download(server, path)
        truth = server.stop()
    found = measured(path, report, truth)
    if as_json:
        click.echo(json_line(found))
    else:
        _draw(found)
    if found["missing"] or found["duplicates"]:
        raise click.exceptions.Exit(FAILED)


def _require_server() -> None:
    """Raise here what the other process would die of."""
    for name in ("uvicorn", "httptools"):
        import_module(name)


def _download(server: DemoServer, path: Path) -> Completeness:
    from kobo_async.sinks import JsonLines  # noqa: PLC0415 - slow to import

    connection = Connection(server.url, None, server.token, allow_http=False)
    options = {"where": None, "strategy": "auto"}
    job = Job(uid=server.uid, options=options)
    with shown("downloading") as watch:
        return run(lambda: download(connection, job, JsonLines(path), watch))


def measured(path: Path, report: Completeness, truth: dict[str, Any]) -> dict[str, Any]:
    """Compare the file with the truth, and add what the download says about itself."""
    with path.open("rb") as lines:
        times = Counter(orjson.loads(line)["_id"] for line in lines)
    throughout = truth.pop("throughout")
    seconds = report.seconds
    return {
        "expected": report.expected,
        "delivered": times.total(),
        "missing": sum(1 for number in throughout if number not in times),
        "duplicates": sum(1 for count in times.values() if count > 1),
        "requests": report.requests,
        "retries": report.retries,
        "seconds": round(seconds, 3),
        "rows_per_second": round(times.total() / seconds, 1),
        "path": str(path),
        "throughout": len(throughout),
        "vanished": report.vanished,
        "arrived": report.arrived,
        "strategy": report.strategy,
        "server": truth,
    }


def _draw(found: dict[str, Any]) -> None:
    from rich.box import ROUNDED  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    complete = not (found["missing"] or found["duplicates"])
    title = Text("complete" if complete else "NOT COMPLETE", "bold green" if complete else "red")
    table = Table(title=title, box=ROUNDED, show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right", style="bold")
    table.add_column()
    for name, number, remark in _lines(found):
        table.add_row(name, number, remark)
    console = Console()
    console.print(table)
    console.print(Text(f"file: {found['path']}"), soft_wrap=True)


def _lines(found: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    server = found["server"]
    done = "{inserted:,} added, {edited:,} edited, {deleted:,} deleted".format(**server)
    yield "expected", f"{found['expected']:,}", "rows on the server at the start"
    yield "delivered", f"{found['delivered']:,}", "rows in the file"
    yield "vanished", f"{found['vanished']:,}", "deleted before they could be read"
    yield "arrived", f"{found['arrived'] or 0:,}", "new, left to the next download"
    yield "missing", f"{found['missing']:,}", f"of {found['throughout']:,} there from start to end"
    yield "duplicates", f"{found['duplicates']:,}", "rows that stand in the file twice"
    yield "meanwhile", "", done
    yield "requests", f"{found['requests']:,}", f"{found['retries']} of them repeated"
    yield "seconds", f"{found['seconds']:.1f}", f"{found['rows_per_second']:,.0f} rows per second"
