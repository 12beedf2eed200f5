"""Which submissions a job is about: those named, those that match, or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from kobo_async.errors import QueryError
from kobo_async.verbs.edits import ROWS_AT_ONCE
from kobo_async.verbs.outcomes import portions
from kobo_async.verbs.submissions import SubmissionVerbs


@attrs.frozen
class Selection:
    """Submissions of a project, by ids or by a query; None for all."""

    uid: str
    ids: tuple[int, ...] = ()
    where: Mapping[str, Any] | None = None

    async def count(self, submissions: SubmissionVerbs) -> int:
        """Count them on the server."""
        if not self.ids:
            return await submissions.count(self.uid, where=self.where)
        return sum([await submissions.count(self.uid, where=part) for part in self._parts()])

    async def numbers(self, submissions: SubmissionVerbs) -> list[int]:
        """Return their ids, asking for them where they are given by a query."""
        if self.ids:
            return list(self.ids)
        rows = submissions.list(self.uid, where=self.where, fields=["_id"])
        return [row["_id"] async for row in rows]

    async def delete(self, submissions: SubmissionVerbs, *, expected: int) -> int:
        """Delete them if there are `expected` of them; what arrives meanwhile stays.

        Permission: `delete_submissions`. Errors: QueryError for another number than expected.
        """
        if not self.ids:
            return await submissions.delete_all(self.uid, expected=expected, where=self.where)
        count = await self.count(submissions)
        if count != expected:
            raise QueryError(
                f"{count} submissions would go, {expected} were expected: nothing deleted"
            )
        await submissions.delete_many(self.uid, self.ids)
        return count

    def _parts(self) -> Iterator[dict[str, Any]]:
        for portion in portions(list(dict.fromkeys(self.ids)), ROWS_AT_ONCE):
            yield {"_id": {"$in": portion}}
