"""Submitting, editing, validating and deleting submissions, one or many.

Every job can be repeated without harm, and says of each submission what became of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from kobo_async import instance
from kobo_async.call import Upload
from kobo_async.errors import BadRequest, KoboError, NotFound, QueryError
from kobo_async.instance import Answers, FormIdentity
from kobo_async.models.openrosa import Receipt
from kobo_async.payloads import ValidationUid, row_ids
from kobo_async.resources._submission_writes import known_status
from kobo_async.resources.openrosa import OpenRosa
from kobo_async.unanswered import PlanEnds
from kobo_async.verbs.edits import ROWS_AT_ONCE, SubmissionEdits
from kobo_async.verbs.outcomes import MISSING, Outcome, Submitted, each, portions, submitted, why
from kobo_async.verbs.questions import check_answers, check_paths, deployed_form, fetch_asset
from kobo_async.verbs.xforms import listed_form

__all__ = ["Filled", "Outcome", "SubmissionVerbs", "Submitted"]

LARGEST_BODY = 9_000_000
"""Bytes of files sent in one request; servers advertise 10,000,000 for all of it."""


@attrs.frozen
class Filled:
    """A filled-in form: answers by full path, as rows have them, files, and its instance id."""

    answers: Answers
    files: Sequence[Upload] = ()
    instance_id: str = attrs.field(factory=instance.new_instance_id)


@attrs.frozen
class SubmissionVerbs(SubmissionEdits):
    """Submissions of the projects of one server: reading, writing, downloading."""

    async def submit(
        self,
        uid_asset: str,
        given: Answers | bytes,
        *,
        files: Sequence[Upload] = (),
        instance_id: str | None = None,
        check: bool = True,
    ) -> Receipt:
        """Submit a filled-in form.

        Answers are given by full path, as rows have them, repeats as lists of dicts; or the XML
        as a device would send it. The instance id is made up once: whatever is repeated after a
        timeout is recognised by the server (`Receipt.duplicate`) and not stored twice. Give your
        own `instance_id` to keep that promise over a restart of your program. Files too big for
        one request go in several, with the same XML. `check=False` lets answers pass to questions
        that the deployed form does not have: they would be stored, but in no export. XML is not
        checked.

        Permission: `add_submissions`; superusers are refused. Errors: QueryError, before anything
        is sent, for unknown questions and answers that cannot be stored; NotFound;
        MethodNotAllowed for an archived form; Conflict when the instance id is taken by another
        submission (`api-facts §7`).
        """
        if isinstance(given, bytes):
            return await self._post(given, files)
        form = await self._form(uid_asset, [given] if check else ())
        xml = instance.build(form, given, instance_id or instance.new_instance_id())
        return await self._post(xml, files)

    async def submit_many(
        self, uid_asset: str, filled: Iterable[Filled], *, check: bool = True
    ) -> list[Submitted]:
        """Submit many filled-in forms at the same time, and tell what became of each, in order.

        With instance ids of your own the whole job can be repeated: what the server has already
        is recognised (`Submitted.duplicate`). The form is read once, and all answers are compared
        with it before the first is sent, for which `filled` is read to its end; with
        `check=False` it is read as submissions go.

        Permission: see `submit`. Errors: QueryError, before anything is sent, for unknown
        questions; those of single submissions are in their outcome.
        """
        filled = list(filled) if check else filled
        form = await self._form(uid_asset, [one.answers for one in filled] if check else ())

        async def one(single: Filled) -> Submitted:
            try:
                xml = instance.build(form, single.answers, single.instance_id)
                return submitted(single.instance_id, await self._post(xml, single.files))
            except (KoboError, PlanEnds) as error:
                return Submitted(single.instance_id, done=False, message=why(error))

        return await each(one, filled, self._window)

    async def delete_many(self, uid_asset: str, ids: Sequence[int]) -> list[Outcome]:
        """Delete submissions for good, in portions, and tell what became of each.

        One unknown id would make the server refuse a whole portion: those that are gone already
        are left out, and count as done.

        Permission: `delete_submissions`, or its partial form for the rows it covers.
        """
        outcomes = []
        for portion in portions(row_ids(ids), ROWS_AT_ONCE):
            there = sorted(await self._roots(uid_asset, portion))
            if there:
                await self._delete(uid_asset, there)
            outcomes += [Outcome(number, done=True) for number in portion]
        return outcomes

    async def _delete(self, uid_asset: str, numbers: Sequence[int]) -> None:
        """Delete a portion; an attempt whose reply was lost may have done so before."""
        try:
            await self.bulk_delete(uid_asset, submission_ids=numbers)
        except BadRequest:
            if await self._roots(uid_asset, numbers):
                raise

    async def set_validation_status_many(
        self, uid_asset: str, statuses: Mapping[int, ValidationUid | None]
    ) -> list[Outcome]:
        """Set or, with None, clear the validation status of many submissions.

        Only what differs is sent. Permission: `validate_submissions`, or its partial form for the
        rows it covers. Errors: QueryError, before anything is sent, for an unknown status.
        """
        for status in statuses.values():
            if status is not None:
                known_status(status)
        found = await self._rows(uid_asset, row_ids(list(statuses)), ["_id", "_validation_status"])
        wanted: dict[ValidationUid | None, list[int]] = defaultdict(list)
        for number, status in statuses.items():
            if number in found and (found[number]["_validation_status"] or {}).get("uid") != status:
                wanted[status].append(number)
        for status, numbers in wanted.items():
            for portion in portions(numbers, ROWS_AT_ONCE):
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

    async def _form(self, uid_asset: str, given: Sequence[Answers]) -> FormIdentity:
        """Look up what submissions say of the form, and compare answers with it."""
        try:
            asset = await fetch_asset(self._sender, uid_asset, with_content=bool(given))
        except NotFound:
            listed = await listed_form(self._sender, uid_asset)
            if listed is None:
                raise
            check_paths(listed.paths, given)
            return listed.identity
        if not asset.has_deployment or not asset.deployment__uuid:
            raise QueryError(f"{uid_asset} is not deployed: there is nothing to submit to")
        if given:
            check_answers(await deployed_form(self._sender, asset), given)
        return FormIdentity(asset.uid, asset.deployment__uuid, asset.deployed_version_id)

    async def _post(self, xml: bytes, files: Sequence[Upload]) -> Receipt:
        """Send the XML with as many files as fit, and again with each further portion."""
        receipts, ended = [], None
        for portion in list(_by_size(files)) or [[]]:
            try:
                receipts.append(await OpenRosa(self._sender).submit(xml=xml, files=portion))
            except PlanEnds as end:  # a dry run has to note the other portions as well
                ended = end
        if ended is not None:
            raise ended
        return receipts[0]


def _by_size(files: Sequence[Upload]) -> Iterator[list[Upload]]:
    portion: list[Upload] = []
    for file in files:
        if portion and sum(len(one.content) for one in (*portion, file)) > LARGEST_BODY:
            yield portion
            portion = []
        portion.append(file)
    if portion:
        yield portion
