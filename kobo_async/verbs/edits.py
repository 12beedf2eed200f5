"""Changing answers of submissions, one or many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import attrs

from kobo_async import instance
from kobo_async.bulk.fetch import BulkSubmissions
from kobo_async.call import OMIT, Omit, Op
from kobo_async.errors import KoboError, ReplyError, ServerError, TransportError
from kobo_async.instance import Answers
from kobo_async.known import bare
from kobo_async.models.openrosa import Receipt
from kobo_async.payloads import answers, row_ids
from kobo_async.resources import submissions as steps
from kobo_async.resources.openrosa import OpenRosa
from kobo_async.unanswered import PlanEnds
from kobo_async.verbs.outcomes import MISSING, Outcome, each, portions, why
from kobo_async.verbs.questions import (
    check_answers,
    check_instances,
    deployed_form,
    fetch_asset,
    is_repeat,
)

EDITS_AT_ONCE: Final = 50
"""The server edits one row after the other and has 120 seconds (`api-facts §3.7`)."""
ROWS_AT_ONCE: Final = 500
"""Ids in one `$in`: URLs must stay under 7,000 characters (`api-facts §8`)."""
DOUBTFUL: Final = (TransportError, ReplyError, ServerError)
"""Errors after which some of the rows may have been edited, or all."""

_XML: Op[bytes] = Op("GET", steps.GET.path, bytes, accept="*/*")


@attrs.frozen
class SubmissionEdits(BulkSubmissions):
    """Submissions whose answers change."""

    async def document(self, uid_asset: str, id: int | str) -> bytes:
        """Fetch the original XML of one submission. Permission: `view_submissions`."""
        return await self._sender.send(_XML.at(uid_asset, id, query={"format": "xml"}))

    async def edit(
        self, uid_asset: str, id: int | str, *, changes: Answers, check: bool = True
    ) -> Receipt:
        """Change answers of one submission, those in repeats too, and keep all others.

        `{"members[2]/members/age": …}` is written `{"members[2]/age": 31}`: steps of groups and
        repeats by name, instances by number. A list of instances replaces a repeat, None empties
        an answer. The stored XML is fetched, changed and submitted as its next version, so that
        an edit by somebody else in between is noticed (Gone) instead of lost. `check=False` lets
        answers pass to questions that the deployed form does not have, and spares reading it.

        Permission: `change_submissions`, not its partial form: use `edit_many` there. Errors:
        QueryError, before anything is sent, for unknown questions and for those of a repeat
        without a number; NotFound, Gone (`observed §12`).
        """
        if check:
            await self._expect_questions(uid_asset, [changes])
        document = await self.document(uid_asset, id)
        xml = instance.edited(document, changes, instance.new_instance_id())
        return await OpenRosa(self._sender).submit(xml=xml)

    async def edit_many(
        self, uid_asset: str, changes: Mapping[int, Answers], *, check: bool = True
    ) -> list[Outcome]:
        """Change answers of many submissions, each in its own way, and tell what became of each.

        Answers are written as in `edit`. Equal changes go together, in portions of 50; those in
        repeats go one by one, as `edit` sends them. The server may say 201 of rows that it did
        not store, and a reply can be lost: such rows are read again, and are done if they hold
        what was wanted. The form is read once, for the check that `check=False` leaves out.

        Permission: `change_submissions`, or its partial form for the rows it covers, but not for
        repeats. Errors: QueryError, before anything is sent, for unknown questions, those of a
        repeat without a number, and values that cannot be stored; other errors are in the
        outcomes of their rows (`api-facts §3.7`).
        """
        numbers = row_ids(list(changes))
        alike: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(list)
        single = {number for number in numbers if _is_in_repeat(changes[number])}
        for number in numbers:
            if number not in single:
                alike[tuple(sorted(_encoded(changes[number]).items()))].append(number)
        if check:
            await self._expect_questions(uid_asset, changes.values())
        roots = await self._roots(uid_asset, numbers)
        outcomes = {number: Outcome(number, done=False, message=MISSING) for number in numbers}
        for pairs, together in alike.items():
            known = [number for number in together if number in roots]
            for portion in portions(known, EDITS_AT_ONCE):
                outcomes |= await self._edit_alike(uid_asset, portion, dict(pairs), roots)
        outcomes |= await self._edit_each(uid_asset, sorted(single & roots.keys()), changes)
        return [outcomes[number] for number in numbers]

    async def _expect_questions(self, uid_asset: str, given: Collection[Answers]) -> None:
        asset = await fetch_asset(self._sender, uid_asset, with_content=True)
        form = await deployed_form(self._sender, asset)
        check_answers(form, given)
        for changes in given:
            check_instances(form, changes)

    async def _edit_alike(
        self,
        uid_asset: str,
        portion: Sequence[int],
        wanted: Mapping[str, str],
        roots: Mapping[int, str],
    ) -> dict[int, Outcome]:
        """Change the same answers in some rows, and look at those of which it is not known."""
        stored: Collection[str | None] = ()
        try:
            edited = await self.bulk_update(uid_asset, submission_ids=portion, data=wanted)
            stored = {row.root_uuid for row in edited.stored}
            said = "; ".join(sorted({row.message for row in edited.not_stored})) or MISSING
        except DOUBTFUL as error:
            said = str(error)
        except (KoboError, PlanEnds) as error:
            return {number: Outcome(number, done=False, message=why(error)) for number in portion}
        unclear = {number for number in portion if roots[number] not in stored}
        fate = "not stored"
        try:
            unclear -= await self._holding(uid_asset, unclear, wanted)
        except KoboError as error:
            fate = f"unknown whether stored, for {error}"
        return {
            number: Outcome(number, done=False, message=f"{fate}: {said}")
            if number in unclear
            else Outcome(number, done=True)
            for number in portion
        }

    async def _edit_each(
        self, uid_asset: str, numbers: Sequence[int], changes: Mapping[int, Answers]
    ) -> dict[int, Outcome]:
        async def one(number: int) -> Outcome:
            try:
                await self.edit(uid_asset, number, changes=changes[number], check=False)
            except (KoboError, PlanEnds) as error:
                return Outcome(number, done=False, message=why(error))
            return Outcome(number, done=True)

        return dict(zip(numbers, await each(one, numbers, self._window), strict=True))

    async def _holding(
        self, uid_asset: str, numbers: Collection[int], wanted: Mapping[str, str]
    ) -> set[int]:
        """Return which of some rows have the answers that were wanted; empty ones are absent."""
        rows = await self._rows(uid_asset, sorted(numbers))
        return {
            number
            for number, row in rows.items()
            if all(row.get(path, "") == text for path, text in wanted.items())
        }

    async def _roots(self, uid_asset: str, ids: Sequence[int]) -> dict[int, str]:
        """Return the root uuids of those ids that exist."""
        rows = await self._rows(uid_asset, ids, ["_id", "meta/rootUuid"])
        return {number: bare(row["meta/rootUuid"]) for number, row in rows.items()}

    async def _rows(
        self, uid_asset: str, ids: Sequence[int], fields: Sequence[str] | Omit = OMIT
    ) -> dict[int, dict[str, Any]]:
        """Return those of some rows that exist."""
        found: dict[int, dict[str, Any]] = {}
        for portion in portions(ids, ROWS_AT_ONCE):
            where = {"_id": {"$in": list(portion)}}
            async for row in self.list(uid_asset, where=where, fields=fields):
                found[row["_id"]] = row
        return found


def _is_in_repeat(changes: Answers) -> bool:
    """Tell whether changes need the XML: a bulk edit knows one value for each path."""
    return any("[" in path or is_repeat(value) for path, value in changes.items())


def _encoded(changes: Answers) -> dict[str, str]:
    return answers({path: "" if value is None else value for path, value in changes.items()})
