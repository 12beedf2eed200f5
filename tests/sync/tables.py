"""What a mirror of tables holds, and what it should hold."""

from __future__ import annotations

from typing import Any

from kobo_async import KoboClient
from kobo_async.sinks.sql.mirror import SqlMirror
from kobo_async.testing import FakeForm
from tests.sinks.databases import Target

Contents = dict[str, list[str]]


def contents(target: Target, form: FakeForm) -> Contents:
    """Read all rows of all tables, without what was marked as deleted."""
    gone = f'SELECT _id FROM "{form.name}" WHERE _deleted_at IS NOT NULL'  # noqa: S608 - literal
    found = {}
    for table in target.tables() - {"_kobo_known"}:
        key = "_id" if table == form.name else "_submission__id"
        columns = ", ".join(_columns(target, table))
        rows = target.run(f'SELECT {columns} FROM "{table}" WHERE {key} NOT IN ({gone})')  # noqa: S608
        found[table] = sorted(map(repr, rows))
    return found


def _columns(target: Target, table: str) -> list[str]:
    """Name the columns in an order that does not tell when each of them was made."""
    kept = f"SELECT column_name FROM _kobo_columns WHERE table_name = '{table}'"  # noqa: S608
    return sorted(f'"{name}"' for (name,) in target.run(kept))


async def copied(target: Target, client: KoboClient, form: FakeForm) -> Contents:
    """Copy a project as it is now into an empty database, and read that."""
    layout = await client.tables.layout(form.uid, numbering="submission")
    async with SqlMirror(target.url, layout, form.uid) as mirror:
        await client.sync.run(form.uid, mirror)
    return contents(target, form)


def identities(target: Target, form: FakeForm) -> list[tuple[Any, ...]]:
    """Read who is there, in every state that a change would alter."""
    members = "(SELECT count(*) FROM members WHERE _submission__id = _id)"
    cells = f'_id, _uuid, _validation_status, {members} FROM "{form.name}"'
    return target.run(f"SELECT {cells} WHERE _deleted_at IS NULL ORDER BY _id")


def expected(form: FakeForm) -> list[tuple[Any, ...]]:
    """Tell who is on the server, as `identities` does."""
    return [
        (
            number,
            row["_uuid"],
            (row["_validation_status"] or {}).get("uid"),
            len(row.get("members", ())),
        )
        for number, row in sorted(form.rows.items())
    ]
