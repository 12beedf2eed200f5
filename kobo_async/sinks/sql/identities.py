"""The table of what is known of each submission, for mirrors of many projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import attrs

from kobo_async.extras import needed
from kobo_async.known import Known

with needed("sql"):
    from sqlalchemy import (
        BigInteger,
        Column,
        Connection,
        Index,
        MetaData,
        Select,
        Table,
        Text,
        delete,
        func,
        insert,
        select,
    )

TABLE: Final = "_kobo_known"
AT_ONCE: Final = 400
T = TypeVar("T")


class Identities:
    """What is known of the submissions of one project that are not deleted."""

    def __init__(self, schema: str | None, uid_asset: str) -> None:
        self._asset = uid_asset
        names = [name for name in attrs.fields_dict(Known) if name != "id"]
        self._metadata = MetaData(schema=schema)
        self._table = Table(
            TABLE,
            self._metadata,
            Column("asset", Text, primary_key=True),
            Column("id", BigInteger, primary_key=True, autoincrement=False),
            *(Column(name, Text, nullable=False) for name in names),
            Index("_kobo_known_root_uuid", "asset", "root_uuid"),
        )
        self._columns = [self._table.c[name] for name in attrs.fields_dict(Known)]

    def create(self, connection: Connection) -> None:
        """Make the table where it is missing."""
        self._metadata.create_all(connection)

    def count(self, connection: Connection) -> int:
        """Count the submissions."""
        query = select(func.count()).select_from(self._table)
        return int(connection.execute(query.where(self._mine)).scalar_one())

    def page(self, connection: Connection, after: int, limit: int) -> list[Known]:
        """Return the first with higher ids."""
        query = self._select().where(self._table.c.id > after).order_by(self._table.c.id)
        return self._read(connection, query.limit(limit))

    def having(
        self, connection: Connection, ids: Sequence[int], root_uuids: Sequence[str]
    ) -> list[Known]:
        """Return those with these ids or root uuids."""
        found: set[Known] = set()
        for some in _chunks(ids):
            found.update(self._read(connection, self._select().where(self._table.c.id.in_(some))))
        for few in _chunks(root_uuids):
            query = self._select().where(self._table.c.root_uuid.in_(few))
            found.update(self._read(connection, query))
        return sorted(found, key=lambda one: one.id)

    def put(self, connection: Connection, known: Sequence[Known], removed: Sequence[int]) -> None:
        """Write these over what is known of the same submissions, and forget others."""
        for some in _chunks([*removed, *(one.id for one in known)]):
            connection.execute(delete(self._table).where(self._mine, self._table.c.id.in_(some)))
        if known:
            rows = [attrs.asdict(one) | {"asset": self._asset} for one in known]
            connection.execute(insert(self._table), rows)

    @property
    def _mine(self) -> Any:
        return self._table.c.asset == self._asset

    def _select(self) -> Select[Any]:
        return select(*self._columns).where(self._mine)

    def _read(self, connection: Connection, query: Select[Any]) -> list[Known]:
        return [Known(*row) for row in connection.execute(query)]


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
