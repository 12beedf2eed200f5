"""Submitting, editing, validating and deleting submissions, one or many.

Every job can be repeated without harm, and says of each submission what became of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from kobo_async import instance
from kobo_async.bulk.fetch import BulkSubmissions
from kobo_async.bulk.window import open_window
from kobo_async.call import Op, Upload
from kobo_async.errors import KoboError, QueryError
from kobo_async.instance import Answers, FormIdentity
from kobo_async.models.openrosa import Receipt
from kobo_async.models.submission import EditOutcome
from kobo_async.payloads import answers, bare_uuid, row_ids
from kobo_async.resources import submissions as steps
from kobo_async.resources._submission_writes import ValidationUid
from kobo_async.resources.assets import Assets
from kobo_async.resources.openrosa import OpenRosa

T = TypeVar("T")

LARGEST_BODY = 9_000_000
"""Bytes of files sent in one request; servers advertise 10,000,000 for all of it."""
EDITS_AT_ONCE = 50
"""The server edits one row after the other and has 120 seconds (`api-facts §3.7`)."""
ROWS_AT_ONCE = 500
"""Ids in one `$in`: URLs must stay under 7,000 characters (`api-facts §8`)."""

_XML: Op[bytes] = Op("GET", steps.GET.path, bytes, accept="*/*")


@attrs.frozen
class Outcome:
    """What became of one submission.

    Attributes:
        id: its `_id`, or the instance id where it has no `_id` yet.
        done: whether the server now has it as wanted.
        message: why not, in the server's words or ours.
    """

    id: int | str
    done: bool
    message: str = ""


@attrs.frozen
class Filled:
    """A filled-in form: answers by full path, as rows have them, files, and its instance id."""

    answers: Answers
    files: Sequence[Upload] = ()
    instance_id: str = attrs.field(factory=instance.new_instance_id)


@attrs.frozen
class SubmissionVerbs(BulkSubmissions):
    """Submissions of the projects of one server: reading, writing, downloading."""

    async def submit(
        self,
        uid_asset: str,
        given: Answers | bytes,
        *,
        files: Sequence[Upload] = (),
        instance_id: str | None = None,
    ) -> Receipt:
        """Submit a filled-in form.

        Answers are given by full path, as rows have them, repeats as lists of dicts; or the XML
        as a device would send it. The instance id is made up once: whatever is repeated after a
        timeout is recognised by the server and not stored twice. Give your own `instance_id` to
        keep that promise over a restart of your program. Files too big for one request go in
        several, with the same XML.

        Permission: `add_submissions`; superusers are refused. Errors: QueryError for answers that
        cannot be stored; NotFound; MethodNotAllowed for an archived form; Conflict when the
        instance id is taken by another submission (`api-facts §7`).
        """
        if isinstance(given, bytes):
            return await self._post(given, files)
        form = await self._form(uid_asset)
        xml = instance.build(form, given, instance_id or instance.new_instance_id())
        return await self._post(xml, files)

    async def submit_many(self, uid_asset: str, filled: Iterable[Filled]) -> list[Outcome]:
        """Submit many filled-in forms at the same time, and tell what became of each, in order.

        With instance ids of your own the whole job can be repeated: what the server has already
        is recognised.

        Permission and errors: see `submit`; those of single submissions are in their outcome.
        """
        form = await self._form(uid_asset)

        async def one(single: Filled) -> Outcome:
            try:
                xml = instance.build(form, single.answers, single.instance_id)
                await self._post(xml, single.files)
            except KoboError as error:
                return Outcome(single.instance_id, done=False, message=str(error))
            return Outcome(single.instance_id, done=True)

        outcomes = []
        async with open_window(self._window) as window:
            ahead = window.ahead(one, iter(filled))
            while (taken := ahead.take()) is not None:
                outcomes.append(await taken[1].result())
        return outcomes

    async def edit(self, uid_asset: str, id: int | str, *, changes: Answers) -> Receipt:
        """Change answers of one submission, those in repeats too, and keep all others.

        `{"members[2]/members/age": …}` is written `{"members[2]/age": 31}`: steps of groups and
        repeats by name, instances by number. A list of instances replaces a repeat, None empties
        an answer. The stored XML is fetched, changed and submitted as its next version, so that
        an edit by somebody else in between is noticed (Gone) instead of lost.

        Permission: `change_submissions`, not its partial form: use `edit_many` there. Errors:
        NotFound, Gone, QueryError (`observed §12`).
        """
        document = await self.document(uid_asset, id)
        xml = instance.edited(document, changes, instance.new_instance_id())
        return await self._post(xml, ())

    async def document(self, uid_asset: str, id: int | str) -> bytes:
        """Fetch the original XML of one submission. Permission: `view_submissions`."""
        return await self._sender.send(_XML.at(uid_asset, id, query={"format": "xml"}))

    async def edit_many(
        self, uid_asset: str, changes: Mapping[int, Mapping[str, object]]
    ) -> list[Outcome]:
        """Change answers of many submissions, each in its own way, and tell what became of each.

        Equal changes go together, in portions. The server may say 201 of rows it did not store,
        and leaves out ids it does not know: both come back as not done. Values are encoded as the
        server wants them; repeats cannot be edited this way: see `edit`.

        Permission: `change_submissions`, or its partial form for the rows it covers. Errors:
        QueryError before anything is sent (`api-facts §3.7`).
        """
        roots = await self._roots(uid_asset, row_ids(list(changes)))
        alike: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(list)
        for number, data in changes.items():
            alike[tuple(sorted(answers(data).items()))].append(number)
        outcomes: dict[int, Outcome] = {}
        for pairs, numbers in alike.items():
            known = [number for number in numbers if number in roots]
            for portion in _portions(known, EDITS_AT_ONCE):
                edited = await self.bulk_update(uid_asset, submission_ids=portion, data=dict(pairs))
                outcomes |= _edited(portion, roots, edited)
        gone = {number: Outcome(number, done=False, message=MISSING) for number in changes}
        return [(gone | outcomes)[number] for number in changes]

    async def delete_many(self, uid_asset: str, ids: Sequence[int]) -> list[Outcome]:
        """Delete submissions for good, in portions, and tell what became of each.

        One unknown id would make the server refuse a whole portion: those that are gone already
        are left out, and count as done.

        Permission: `delete_submissions`, or its partial form for the rows it covers.
        """
        outcomes = []
        for portion in _portions(row_ids(ids), ROWS_AT_ONCE):
            there = sorted(await self._roots(uid_asset, portion))
            if there:
                await self.bulk_delete(uid_asset, submission_ids=there)
            outcomes += [Outcome(number, done=True) for number in portion]
        return outcomes

    async def set_validation_status_many(
        self, uid_asset: str, statuses: Mapping[int, ValidationUid | None]
    ) -> list[Outcome]:
        """Set or, with None, clear the validation status of many submissions.

        Only what differs is sent. Permission: `validate_submissions`, or its partial form for the
        rows it covers.
        """
        found = await self._rows(uid_asset, row_ids(list(statuses)), "_validation_status")
        wanted: dict[ValidationUid | None, list[int]] = defaultdict(list)
        for number, status in statuses.items():
            if number in found and (found[number]["_validation_status"] or {}).get("uid") != status:
                wanted[status].append(number)
        for status, numbers in wanted.items():
            for portion in _portions(numbers, ROWS_AT_ONCE):
                await self._set_status(uid_asset, portion, status)
        return [
            Outcome(number, number in found, "" if number in found else MISSING)
            for number in statuses
        ]

    async def _set_status(
        self, uid_asset: str, portion: Sequence[int], status: ValidationUid | None
    ) -> None:
        if status is None:
            await self.bulk_clear_validation_status(uid_asset, submission_ids=portion)
        else:
            await self.bulk_set_validation_status(uid_asset, submission_ids=portion, status=status)

    async def _form(self, uid_asset: str) -> FormIdentity:
        asset = await Assets(self._sender).get(uid_asset, exclude=["content"])
        if not asset.has_deployment or not asset.deployment__uuid:
            raise QueryError(f"{uid_asset} is not deployed: there is nothing to submit to")
        return FormIdentity(asset.uid, asset.deployment__uuid, asset.deployed_version_id)

    async def _post(self, xml: bytes, files: Sequence[Upload]) -> Receipt:
        """Send the XML with as many files as fit, and again with each further portion."""
        first, *others = list(_by_size(files)) or [[]]
        openrosa = OpenRosa(self._sender)
        receipt = await openrosa.submit(xml=xml, files=first)
        for portion in others:
            await openrosa.submit(xml=xml, files=portion)
        return receipt

    async def _roots(self, uid_asset: str, ids: Sequence[int]) -> dict[int, str]:
        """Return the root uuids of those ids that exist."""
        rows = await self._rows(uid_asset, ids, "meta/rootUuid")
        return {number: bare_uuid(row["meta/rootUuid"]) for number, row in rows.items()}

    async def _rows(
        self, uid_asset: str, ids: Sequence[int], field: str
    ) -> dict[int, dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        for portion in _portions(ids, ROWS_AT_ONCE):
            where = {"_id": {"$in": list(portion)}}
            async for row in self.list(uid_asset, where=where, fields=["_id", field]):
                found[row["_id"]] = row
        return found


MISSING = "no such submission in this project, or not visible to the caller"


def _edited(
    portion: Sequence[int], roots: Mapping[int, str], outcome: EditOutcome
) -> dict[int, Outcome]:
    stored = {row.root_uuid for row in outcome.stored}
    reasons = "; ".join(sorted({row.message for row in outcome.not_stored})) or MISSING
    return {
        number: Outcome(number, done=True)
        if roots[number] in stored
        else Outcome(number, done=False, message=f"not stored: {reasons}")
        for number in portion
    }


def _portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _by_size(files: Sequence[Upload]) -> Iterator[list[Upload]]:
    portion: list[Upload] = []
    for file in files:
        if portion and sum(len(one.content) for one in (*portion, file)) > LARGEST_BODY:
            yield portion
            portion = []
        portion.append(file)
    if portion:
        yield portion
