"""What a language model may change, where that is allowed.

Each public method is a tool; its docstring is what the model is told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

import attrs

from kobo_async.api import Api
from kobo_async.assistant.bounds import fitting
from kobo_async.assistant.queries import understood
from kobo_async.assistant.reading import Answer, Query
from kobo_async.errors import QueryError
from kobo_async.verbs.outcomes import Outcome
from kobo_async.verbs.selection import Selection
from kobo_async.where import Status

Named: TypeAlias = Literal["approved", "not_approved", "on_hold", "none"]
STATUSES: Final[dict[Named, Status | None]] = {
    "approved": "validation_status_approved",
    "not_approved": "validation_status_not_approved",
    "on_hold": "validation_status_on_hold",
    "none": None,
}


@attrs.frozen
class Writing:
    """Tools that change submissions, each for an exact number of them."""

    _api: Api

    async def set_validation_status(
        self,
        uid: str,
        status: Named,
        expect: int,
        ids: list[int] | None = None,
        where: Query = None,
    ) -> Answer:
        """Set the validation status of submissions, named by `ids` or found by `where`.

        `expect` is the number of submissions that it is about: count them first. If there are
        more or fewer, nothing is changed.
        """
        selection = await self._selection(uid, ids, where)
        wanted = dict.fromkeys(await self._expected(selection, expect), STATUSES[status])
        return _told(await self._api.submissions.set_validation_status_many(uid, wanted))

    async def edit_submissions(
        self, uid: str, changes: dict[int, dict[str, Any]], expect: int
    ) -> Answer:
        """Change answers of submissions: `{"4711": {"group/question": "new answer"}}`.

        null empties an answer; one in a repeat is written `members[2]/age`. Answers that are not
        named stay. `expect` is the number of submissions that it is about; if there are more or
        fewer, nothing is changed.
        """
        if not changes:
            raise QueryError("say what to change: an object of ids and their new answers")
        await self._expected(Selection(uid, tuple(changes)), expect)
        return _told(await self._api.submissions.edit_many(uid, changes))

    async def delete_submissions(
        self, uid: str, expect: int, ids: list[int] | None = None, where: Query = None
    ) -> Answer:
        """Delete submissions for good, named by `ids` or found by `where`. There is no trash.

        `expect` is the number of submissions that it is about: count them first, and ask the
        person. If there are more or fewer, nothing is deleted.
        """
        selection = await self._selection(uid, ids, where)
        return {"deleted": await selection.delete(self._api.submissions, expected=expect)}

    async def _selection(self, uid: str, ids: list[int] | None, where: Query) -> Selection:
        if bool(ids) == bool(where):
            raise QueryError("say which submissions: either `ids` or `where`, and not all of them")
        return Selection(uid, tuple(ids or ()), await understood(self._api, uid, where))

    async def _expected(self, selection: Selection, expect: int) -> list[int]:
        """Return the ids of what will change, if there are just so many."""
        numbers: list[int] = []
        found = await selection.count(self._api.submissions)
        if found == expect:
            numbers = await selection.numbers(self._api.submissions)
            found = len(set(numbers))
        if found != expect:
            raise QueryError(
                f"{found} submissions would change, {expect} were expected: nothing changed"
            )
        return numbers


def _told(outcomes: Sequence[Outcome]) -> Answer:
    done = sum(one.done for one in outcomes)
    failed = [attrs.asdict(one) for one in outcomes if not one.done]
    return {"done": done, "failed": len(failed), "why": fitting(failed)}
