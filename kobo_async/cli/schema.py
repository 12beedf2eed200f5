"""`kobo-async schema`: the tables that a project makes, and their columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from kobo_async.cli.jobs import Way, fetched, reads
from kobo_async.cli.options import labels_option, uid_argument, versions_option
from kobo_async.cli.output import show

if TYPE_CHECKING:
    from kobo_async.forms.columns import Column, Layout, Table

COLUMNS: Final = ("table", "column", "type", "holds", "label", "choices")
SHOWN_CHOICES: Final = 4


@click.command("schema", short_help="Show the tables of a project and their columns.")
@uid_argument
@labels_option
@versions_option
@reads
def command(way: Way, *, uid: str, labels: str | None, all_versions: bool) -> None:
    """Show what `pull` makes of project UID: its tables, and the columns of each.

    `type` is that of the question in the form, `system` for what the server adds, and `key` for
    what joins the tables. `holds` is what the cells are. With --json one object for each table,
    with all choices.
    """
    layout = fetched(
        way, lambda api: api.tables.layout(uid, labels=labels, all_versions=all_versions)
    )
    if way.as_json:
        show(way, (), layout.tables, lambda _: (), _table)
    else:
        show(way, COLUMNS, _rows(layout), tuple)


def _table(table: Table) -> dict[str, Any]:
    columns = [attrs.asdict(one) | {"holds": one.holds.value} for one in table.columns]
    facts = {"table": table.name, "path": table.path, "parent": table.parent}
    return facts | {"columns": columns}


def _rows(layout: Layout) -> Iterator[tuple[str, ...]]:
    for table in layout.tables:
        for column in table.columns:
            facts = (column.name, column.type, column.holds.value, column.label or "")
            yield (table.name, *facts, _choices(column))


def _choices(column: Column) -> str:
    named = [
        name if label in {name, None} else f"{name} ({label})" for name, label in column.choices
    ]
    more = len(named) - SHOWN_CHOICES
    return ", ".join(named[:SHOWN_CHOICES]) + (f", … {more} more" if more > 0 else "")
