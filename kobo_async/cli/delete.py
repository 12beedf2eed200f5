"""`kobo-async delete`: submissions, for good, and never more than expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli import terminal
from kobo_async.cli.jobs import Way, fetched, perform, writes
from kobo_async.cli.options import ids_argument, uid_argument, where_option
from kobo_async.cli.output import report
from kobo_async.cli.rows import chosen

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.verbs.selection import Selection


@click.command("delete", short_help="Delete submissions for good.")
@uid_argument
@ids_argument
@where_option
@click.option("--all", "everything", is_flag=True, help="All submissions of the project.")
@click.option(
    "--expect",
    type=click.IntRange(0),
    metavar="N",
    help="Do not ask; delete if there are just N such submissions, else nothing.",
)
@writes
def command(
    way: Way,
    *,
    uid: str,
    ids: tuple[int, ...],
    where: dict[str, Any] | None,
    everything: bool,
    expect: int | None,
) -> None:
    """Delete submissions of project UID by _id (IDS), by a query, or all of them.

    There is no trash. On a terminal it asks, with their number; anywhere else it takes --expect.
    What arrives in the meantime stays.
    """
    rows = chosen(uid, ids, where, everything=everything)
    number = expect if expect is not None else _agreed(way, rows)
    perform(
        way,
        lambda api: rows.delete(api.submissions, expected=number),
        lambda count: report(
            way, f"deleted {terminal.counted(count, 'submission')}", deleted=count
        ),
    )


def _agreed(way: Way, rows: Selection) -> int:
    """Ask whether as many submissions as there are shall go."""
    if not (way.dry or terminal.can_ask()):
        raise click.UsageError("nobody is there to ask: say how many with --expect N")
    name, count = fetched(way, lambda api: _described(api, rows))
    if count and not way.dry:
        what = terminal.counted(count, "submission")
        question = f"Delete {what} of {name!r} ({rows.uid}) for good?"
        click.confirm(terminal.plain(question), abort=True, err=True)
    return count


async def _described(api: Api, rows: Selection) -> tuple[str, int]:
    asset = await api.assets.get(rows.uid, exclude=["content", "deployment__links"])
    return asset.name, await rows.count(api.submissions)
