"""`kobo-async summary`: what the submissions of a project say, from above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from kobo_async.cli.jobs import Way, reads
from kobo_async.cli.options import labels_option, uid_argument, versions_option, where_option
from kobo_async.cli.output import report
from kobo_async.cli.progress import Watch, shown
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import json_line, show_table

if TYPE_CHECKING:
    from kobo_async.report.facts import Bar, Facts

COLUMNS: Final = ("table", "question", "type", "answered", "missing", "answers")
MOST_NAMED: Final = 5
ABOUT_TEN_METRES: Final = 0.0001


@attrs.frozen
class Job:
    """What to summarise."""

    uid: str
    where: dict[str, Any] | None
    labels: str | None
    all_versions: bool
    exact_places: bool


@click.command("summary", short_help="Show counts, missing answers and distributions.")
@uid_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Make a page with charts instead: one file, which loads nothing from elsewhere.",
)
@where_option
@labels_option
@versions_option
@click.option(
    "--exact-places", is_flag=True, help="Show places to ten metres, and not to a kilometre."
)
@reads
def command(way: Way, *, output: Path | None, **given: Any) -> None:
    """Summarise the submissions of project UID: how many, from when, and what they answer.

    Choices, numbers and days are told. Of texts that people wrote, and of files, only how many
    differ, and places to a kilometre: a summary is for passing on.
    """
    if output and output.suffix.lower() not in {".html", ".htm"}:
        raise click.BadParameter("name a file ending in .html", param_hint="--output")
    write = _writer(output) if output else None
    job = Job(**given)
    with shown(f"summarising {job.uid}") as watch:
        facts = run(lambda: _facts(way, job, watch))
    if write:
        size = write(facts)
        text = f"summarised: {facts.submissions:,} submissions, {size:,} bytes -> {output}"
        report(way, text, submissions=facts.submissions, bytes=size, path=str(output))
    elif way.as_json:
        click.echo(json_line(facts.as_dict()))
    else:
        show_table(("what", "value"), _key_figures(facts))
        click.echo()
        show_table(COLUMNS, _questions(facts))


async def _facts(way: Way, job: Job, watch: Watch) -> Facts:
    from kobo_async.report.summary import Summary  # noqa: PLC0415 - slow to import

    async with way.connection.client(on_event=watch.heard) as client:
        layout = await client.tables.layout(
            job.uid, all_versions=job.all_versions, select_multiple="list", offsets=False
        )
        step = {"step": ABOUT_TEN_METRES} if job.exact_places else {}
        summary = Summary(layout, job.labels, **step)
        pages = client.tables.batches(job.uid, layout, where=job.where, on_progress=watch.moved)
        async with pages as batches:
            async for made in batches:
                summary.add(made)
        return summary.facts(batches.bad.count)


def _writer(path: Path) -> Callable[[Facts], int]:
    """Return what writes the page, whole or not at all, and tells its size in bytes.

    Whatever is in the way of that is told now, before anything is downloaded.
    """
    from kobo_async.report.page import page  # noqa: PLC0415 - slow to import
    from kobo_async.verbs.saving import check_place, write  # noqa: PLC0415

    check_place(path)

    def written(facts: Facts) -> int:
        text = page(facts, datetime.now(UTC)).encode()
        run(lambda: write(text, path))
        return len(text)

    return written


def _key_figures(facts: Facts) -> Iterator[tuple[str, object]]:
    from kobo_async.report import wording  # noqa: PLC0415 - slow to import

    yield "project", facts.name
    yield "submissions", facts.submissions
    if facts.per_day:
        yield "submitted", wording.period(facts.per_day)
        yield f"most in a {facts.per_day.unit}", wording.busiest(facts.per_day)
    for what in ("submitters", "versions", "statuses"):
        bars: tuple[Bar, ...] = getattr(facts, what)
        if bars:
            yield what, _named(bars)
    for table in facts.tables[1:]:
        yield f"rows of {table.name}", table.rows
    if facts.bad:
        yield "answers that do not fit their type", facts.bad


def _named(bars: tuple[Bar, ...]) -> str:
    named = [f"{bar.label} {bar.count:,}" for bar in bars[:MOST_NAMED]]
    left = len(bars) - len(named)
    return ", ".join([*named, *[f"{left:,} more"] * bool(left)])


def _questions(facts: Facts) -> Iterator[tuple[object, ...]]:
    from kobo_async.report import wording  # noqa: PLC0415 - slow to import

    for table in facts.tables:
        for one in table.questions:
            counts = (one.answered, one.missing)
            yield (table.name, one.label, one.type, *counts, wording.told(one))
