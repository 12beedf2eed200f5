"""What happens to the rows of a form: they come, change and go, and history remembers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
import orjson

from kobo_async.testing.analysis import Feature, Supplement
from kobo_async.testing.answers import set_answer
from kobo_async.testing.asset import stamp
from kobo_async.testing.attachments import copy_attachment
from kobo_async.testing.generate import Generator, geolocation
from kobo_async.testing.history import History
from kobo_async.testing.media import Medium
from kobo_async.testing.store import Row, RowStore

if TYPE_CHECKING:
    from datetime import datetime

    from kobo_async.testing.hooks import Hook
    from kobo_async.testing.server import FakeKobo

STATUSES: Final = {
    "validation_status_approved": "Approved",
    "validation_status_not_approved": "Not Approved",
    "validation_status_on_hold": "On Hold",
}


@attrs.define
class Receipt:
    """What the server remembers of a submission it was sent.

    Attributes:
        digest: of the XML as it was sent; the same XML again is a duplicate.
        files: names and digests of the files that came along, asked for or not.
    """

    digest: str
    created: datetime
    modified: datetime
    files: dict[str, str] = attrs.field(factory=dict)


class RowLife:
    """The rows of a form and what became of them.

    Attributes:
        files: contents of the attachments that were sent, by uid.
        number: number of the form in OpenRosa's paths.
        suspended: whether submissions are put off with 503, as during a transfer.
        locked: rows, or uuids of submissions, that another request is busy with: to send one is
            423, and a bulk edit answers 201 with `root_uuid` null for such rows and stores
            nothing (api-facts §3.7).
        receipts: rows that came as submissions.
        former: uuids that rows had before they were edited.
        features: what questions are prepared for, by uid.
        supplements: transcripts, translations and analyses, by root uuid.
        media: files that clients download along with the form, as of the latest deployment.
    """

    def __init__(
        self, server: FakeKobo, asset: dict[str, Any], store: RowStore, generator: Generator
    ) -> None:
        self._server = server
        self._asset = asset
        self._generator = generator
        self.store = store
        self.history = History(asset["uid"], asset["owner__username"])
        self.files: dict[str, bytes] = {}
        self.number = server.next_form_number()
        self.suspended = False
        self.locked: set[int | str | None] = set()
        self.receipts: dict[int, Receipt] = {}
        self._digests: dict[str, int] = {}
        self.former: dict[str, int] = {}
        self.media: list[Medium] = []
        self.hooks: dict[str, Hook] = {}
        self.features: dict[str, Feature] = {}
        self.supplements: dict[str, Supplement] = {}

    @property
    def uid(self) -> str:
        """Uid of the asset."""
        return str(self._asset["uid"])

    @property
    def name(self) -> str:
        """Name of the project."""
        return str(self._asset["name"])

    @property
    def raw_asset(self) -> dict[str, Any]:
        """The stored asset itself, links not filled in."""
        return self._asset

    @property
    def form_uuid(self) -> str:
        """What submissions name the form by, first of all."""
        return str(self._asset["deployment__uuid"] or "")

    @property
    def asset_type(self) -> str:
        """What kind of asset it is."""
        return str(self._asset["asset_type"])

    @property
    def content(self) -> dict[str, Any]:
        """Content of the form."""
        return dict(self._asset["content"])

    def log(
        self, action: str, username: str | None, now: datetime | None = None, /, **metadata: Any
    ) -> None:
        """Write something down in the history of the project."""
        self.history.add(now or self._server.now(), username, action, **metadata)

    def _log_row(
        self, action: str, row: Row, by: str | None, now: datetime | None = None, **more: str
    ) -> None:
        self.log(f"{action}-submission", by, now, submission={**_facts(row), **more})

    def log_analysis(self, number: int, by: str | None, change: dict[str, Any]) -> None:
        """Write down that a row was analysed."""
        self.log("modify-qa-data", by, submission=_facts(self.store[number]), qa=change)

    def log_row(self, action: str, number: int, by: str | None) -> None:
        """Write down `add`, `modify` or `delete` of a row, whether it happened or not."""
        self._log_row(action, self.store[number], by)

    def insert(self, n: int = 1, *, below: bool = False) -> list[int]:
        """Add rows submitted now and return their ids.

        Args:
            n: number of rows.
            below: use ids under the highest one, as when a slow upload becomes visible late.

        Raises:
            ValueError: if no id is free there; make the form with `id_gaps`.
        """
        with self._server.lock:
            return [self._insert_one(below=below) for _ in range(n)]

    def _insert_one(self, *, below: bool) -> int:
        number = self._server.free_id_below(self) if below else self._server.next_id()
        now = self._server.now()
        row: Row = orjson.loads(self._generator.made(number, now))
        self.add(row, row["_submitted_by"], now)
        return number

    def add(self, row: Row, by: str | None, now: datetime) -> None:
        """Store a new row."""
        self.store.put(row)
        self._asset["deployment__last_submission_time"] = stamp(now)
        self._log_row("add", row, by, now)
        self._server.submitted(self, row)

    def file_receipt(self, number: int, receipt: Receipt) -> Receipt:
        """Remember what a row came as."""
        self.receipts[number] = receipt
        self._digests[receipt.digest] = number
        return receipt

    def find_receipt(self, digest: str) -> int | None:
        """Return the row that a submission is stored as, in its latest version."""
        number = self._digests.get(digest)
        receipt = self.receipts.get(number) if number is not None else None
        return number if receipt and receipt.digest == digest else None

    def edit(self, number: int, /, **answers: object) -> str:
        """Change answers of a row and return its new `_uuid`; None removes an answer.

        Question paths with slashes are passed as `**{"group/question": "x"}`. Unknown questions
        are stored without complaint, as on a real server (observed §5).
        """
        texts = {
            path: value if value is None or isinstance(value, str | list) else str(value)
            for path, value in answers.items()
        }
        return self.alter(number, texts, str(self._asset["owner__username"]))

    def alter(self, number: int, answers: Mapping[str, Any], by: str | None) -> str:
        """Change answers of a row as a user and return its new `_uuid`."""
        with self._server.lock:
            row = self.store[number]
            for path, value in answers.items():
                set_answer(row, self.content, path, value)
            uuid = self._server.new_uuid()
            row["meta/deprecatedID"] = row["meta/instanceID"]
            row["meta/instanceID"] = f"uuid:{uuid}"
            self.replace(number, {**row, "_uuid": uuid}, by)
            return uuid

    def replace(self, number: int, row: Row, by: str | None) -> None:
        """Put an edited row in the place of the old one."""
        self.former[self.store[number]["_uuid"]] = number
        row["_geolocation"] = geolocation(self.content, row)
        self.store.put(row)
        self._log_row("modify", row, by)

    def delete(self, number: int, *, by: str | None = None, logged: bool = True) -> None:
        """Delete a row for good; its id is never used again.

        Args:
            number: the `_id`.
            by: who deletes it; the owner by default.
            logged: False leaves the history without it, as deletions by the system do
                (api-facts §3.6).
        """
        with self._server.lock:
            row = self.store[number]
            self.store.remove(number)
            self._server.retire_id(number)
            self.receipts.pop(number, None)
            if logged:
                self._log_row("delete", row, by or self._asset["owner__username"])

    def duplicate(self, number: int, by: str) -> int:
        """Copy a row with its files and return the id of the copy."""
        now = self._server.now()
        copy, uuid = self._server.next_id(), self._server.new_uuid()
        row = self.store[number]
        row.pop("meta/deprecatedID", None)
        row |= {"_id": copy, "_uuid": uuid, "_submitted_by": by, "_validation_status": {}}
        row |= {"meta/instanceID": f"uuid:{uuid}", "meta/rootUuid": f"uuid:{uuid}"}
        row["_submission_time"] = now.isoformat()[:19]
        row |= {
            name: now.isoformat(timespec="milliseconds") for name in ("start", "end") if name in row
        }
        row["_attachments"] = [self._copied(one, copy, uuid) for one in row["_attachments"]]
        self.add(row, by, now)
        return copy

    def _copied(self, entry: dict[str, Any], number: int, uuid: str) -> dict[str, Any]:
        copied = copy_attachment(entry, number, uuid)
        if entry["uid"] in self.files:
            self.files[copied["uid"]] = self.files[entry["uid"]]
        return copied

    def set_status(self, number: int, status: str | None, *, by: str | None = None) -> None:
        """Set or clear the validation status of a row; nothing else about the row changes."""
        who = by or str(self._asset["owner__username"])
        now = self._server.now()
        label, value = "None", dict[str, Any]()
        if status is not None:
            label = STATUSES[status]
            when = int(now.timestamp())
            value = {"timestamp": when, "uid": status, "by_whom": who, "label": label}
        with self._server.lock:
            row = {**self.store[number], "_validation_status": value}
            self.store.put(row)
            self._log_row("modify", row, who, now, status=label)

    def delete_attachment(self, number: int, uid: str, by: str) -> None:
        """Throw a file away; its entry stays, marked (observed §6)."""
        row = self.store[number]
        entry = next(one for one in row["_attachments"] if one["uid"] == uid)
        entry["is_deleted"] = True
        self.store.put(row)
        self.log(
            "in-trash", by, attachment_uid=uid, attachment_basename=entry["media_file_basename"]
        )


def _facts(row: Row) -> dict[str, str]:
    """Return what the history says about a row."""
    return {
        "root_uuid": row["meta/rootUuid"].removeprefix("uuid:"),
        "submitted_by": row["_submitted_by"] or "AnonymousUser",
    }


def digest_of(content: bytes) -> str:
    """Return what tells two contents apart."""
    return hashlib.sha256(content).hexdigest()
