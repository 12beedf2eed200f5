"""What becomes of a submission: stored, known already, in conflict, refused (observed §12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from kobo_async.testing.answers import repeats_of
from kobo_async.testing.attachments import make_attachment
from kobo_async.testing.body import Upload
from kobo_async.testing.generate import geolocation
from kobo_async.testing.messages import NOT_FOUND, UNAUTHENTICATED, RefusedError
from kobo_async.testing.rowlife import Receipt, digest_of
from kobo_async.testing.store import Row
from kobo_async.testing.xmlrow import MediaNames, Sent

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.server import FakeKobo

_CONFLICT: Final = "Submission with this instance ID already exists"


class NotStoredError(Exception):
    """The server has not stored a submission: its status and its message.

    202 is one of them: this very submission is stored already.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


@attrs.frozen
class Stored:
    """A stored submission."""

    form: FakeForm
    instance_id: str
    receipt: Receipt


def accept(fake: FakeKobo, username: str | None, sent: Sent, uploads: Sequence[Upload]) -> Stored:
    """Store a submission of a user, None = anonymous.

    Raises:
        NotStoredError: for everything that has a message of OpenRosa.
        RefusedError: 404 for an unknown form, 401 where signing in would help.
    """
    form = _form_of(fake, sent)
    _check_rights(fake, form, username)
    if not sent.instance_id:
        raise NotStoredError(400, "Instance ID is required")
    _check_state(fake, form, sent)
    known = form.find_receipt(sent.digest)
    if known is not None:
        number = known
        _add_files(form, known, uploads)
    elif sent.deprecated_id:
        number = _edit(form, username, sent, uploads, fake.now())
    else:
        number = _create(form, username, sent, uploads, fake)
    return Stored(form, form.store[number]["meta/instanceID"], form.receipts[number])


def _form_of(fake: FakeKobo, sent: Sent) -> FakeForm:
    """Find the form by `formhub/uuid`; only without success does the id of the root count."""
    deployed = [form for form in fake.forms.values() if form.deployed]
    for form in deployed:
        if sent.form_uuid and form.form_uuid == sent.form_uuid:
            return form
    for form in deployed:
        if form.uid == sent.form_id:
            return form
    raise RefusedError(404, NOT_FOUND)


def _check_rights(fake: FakeKobo, form: FakeForm, username: str | None) -> None:
    """Refuse those who may not submit; superusers never may."""
    allowed = "add_submissions" in form.grants.of(username)
    if username is None and not allowed:
        raise RefusedError(401, UNAUTHENTICATED)
    if not allowed or (username and fake.users[username].superuser):
        raise NotStoredError(403, "Access denied")


def _check_state(fake: FakeKobo, form: FakeForm, sent: Sent) -> None:
    if not form.active:
        raise NotStoredError(405, "Form is not active")
    if form.suspended:
        raise NotStoredError(503, "Temporarily unavailable")
    if form.owner in fake.over_limit:
        raise NotStoredError(402, "Usage limit exceeded")
    edited = form.store.find_uuid(sent.deprecated_id)
    if not form.locked.isdisjoint({sent.instance_id, edited}):
        raise NotStoredError(423, "Submission is being processed")


def _create(
    form: FakeForm, username: str | None, sent: Sent, uploads: Sequence[Upload], fake: FakeKobo
) -> int:
    if form.store.find_uuid(sent.instance_id) is not None:
        raise NotStoredError(409, _CONFLICT)
    now = sent.submitted or fake.now()
    number = fake.next_id()
    answers = sent.answers(repeats_of(form.content))
    row = {"_id": number, **answers, **_system(form, sent, answers, now), "_submitted_by": username}
    receipt = form.file_receipt(number, Receipt(sent.digest, now, now))
    row["_attachments"] = _attached(form, row, receipt, uploads)
    form.add(row, username, fake.now())
    return number


def _system(form: FakeForm, sent: Sent, answers: Row, now: datetime) -> Row:
    """Return what the server adds to the answers of a new row."""
    return {
        "_xform_id_string": form.uid,
        "_uuid": sent.instance_id,
        "meta/rootUuid": answers.get("meta/rootUuid", f"uuid:{sent.instance_id}"),
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": geolocation(form.content, answers),
        "_submission_time": now.isoformat()[:19],
        "_validation_status": {},
    }


def _edit(
    form: FakeForm, username: str | None, sent: Sent, uploads: Sequence[Upload], now: datetime
) -> int:
    """Replace the answers; who submitted, when, and the validation status stay."""
    number = _edited(form, sent.deprecated_id)
    if username is None:
        raise RefusedError(401, UNAUTHENTICATED)
    if "change_submissions" not in form.grants.of(username):
        raise NotStoredError(403, "Access denied")
    if form.store.find_uuid(sent.instance_id) is not None:
        raise NotStoredError(409, _CONFLICT)
    old = form.store[number]
    before = form.receipts.get(number) or Receipt("", _parsed(old["_submission_time"]), now)
    receipt = form.file_receipt(number, Receipt(sent.digest, before.created, now, before.files))
    row = {"_id": number, **sent.answers(repeats_of(form.content)), **_kept(old)}
    row["_uuid"] = sent.instance_id
    row["_attachments"] = _attached(form, row, receipt, uploads)
    form.replace(number, row, username)
    return number


def _kept(row: Row) -> Row:
    """Return what an edit does not touch."""
    names = (name for name in row if name.startswith("_") and name != "__version__")
    return {name: row[name] for name in (*names, "meta/rootUuid")}


def _edited(form: FakeForm, uuid: str) -> int:
    number = form.store.find_uuid(uuid)
    if number is not None and form.store[number]["_uuid"] == uuid:
        return number
    if number is None and form.former.get(uuid) not in form.store:
        raise NotStoredError(404, "Invalid submission - deprecatedID not found")
    raise NotStoredError(410, "Invalid submission - deprecatedID refers to an old version")


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _add_files(form: FakeForm, number: int, uploads: Sequence[Upload]) -> None:
    """Take further files of a submission that is stored already, if there are any."""
    receipt = form.receipts[number]
    for upload in uploads:
        known = receipt.files.get(upload.filename)
        if known is not None and known != digest_of(upload.content):
            raise NotStoredError(409, _CONFLICT)
    new = [upload for upload in uploads if upload.filename not in receipt.files]
    if not new:
        raise NotStoredError(202, "Duplicate Instance")
    row = form.store[number]
    row["_attachments"] = _attached(form, row, receipt, new)
    form.store.put(row)


def _attached(
    form: FakeForm, row: Row, receipt: Receipt, uploads: Sequence[Upload]
) -> list[dict[str, Any]]:
    """Return the attachments of a row: those before that it still names, and the new ones."""
    names = MediaNames(form.content, row)
    sent = {upload.filename for upload in uploads}
    kept = [
        {**one, "question_xpath": names.place(one["media_file_basename"])}
        for one in row["_attachments"]
        if one["media_file_basename"] not in sent and names.keeps(one["media_file_basename"])
    ]
    for upload in uploads:
        receipt.files[upload.filename] = digest_of(upload.content)
        if names.keeps(upload.filename):
            kept.append(_stored(form, row, upload, names.place(upload.filename)))
    return kept


def _stored(form: FakeForm, row: Row, upload: Upload, xpath: str) -> dict[str, Any]:
    entry = make_attachment(
        form.raw_asset, row["_id"], row["_uuid"], upload.filename, upload.content_type, xpath
    )
    root = row["meta/rootUuid"].removeprefix("uuid:")
    entry["filename"] = entry["filename"].replace(row["_uuid"], root)
    form.files[entry["uid"]] = upload.content
    return entry
