"""Which submissions a command is about: those named, those that match, or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import click

if TYPE_CHECKING:
    from kobo_async.api import Api

AT_ONCE = 500
"""Ids in one query: addresses must stay short."""


@attrs.frozen
class Rows:
    """Submissions of a project, by ids or by a query; None for all."""

    uid: str
    ids: tuple[int, ...] = ()
    where: Mapping[str, Any] | None = None

    async def count(self, api: Api) -> int:
        """Count them on the server."""
        if not self.ids:
            return await api.submissions.count(self.uid, where=self.where)
        return sum([await api.submissions.count(self.uid, where=part) for part in self._parts()])

    async def numbers(self, api: Api) -> list[int]:
        """Return their ids, asking for them where they are given by a query."""
        if self.ids:
            return list(self.ids)
        rows = api.submissions.list(self.uid, where=self.where, fields=["_id"])
        return [row["_id"] async for row in rows]

    def _parts(self) -> Iterator[dict[str, Any]]:
        ids = list(dict.fromkeys(self.ids))
        for start in range(0, len(ids), AT_ONCE):
            yield {"_id": {"$in": ids[start : start + AT_ONCE]}}


def chosen(
    uid: str, ids: tuple[int, ...], where: dict[str, Any] | None, *, everything: bool = False
) -> Rows:
    """Return the submissions that were named in just one way."""
    if [bool(ids), where is not None, everything].count(True) != 1:
        raise click.UsageError("say which submissions: ids, or --where, or --all where it is known")
    if where is not None and not where:
        raise click.BadParameter("an empty query means all submissions", param_hint="--where")
    return Rows(uid, ids, where)
