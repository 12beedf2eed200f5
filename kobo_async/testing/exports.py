"""The exports of a form: tasks that take their time, and the files they leave (observed §7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from kobo_async.testing.asset import stamp
from kobo_async.testing.exportbytes import EXTENSIONS, MEDIA_TYPES, export_bytes
from kobo_async.testing.mongo import safe
from kobo_async.testing.paths import BASE
from kobo_async.testing.permissions import ANONYMOUS
from kobo_async.testing.ranges import UNCACHED
from kobo_async.testing.tasks import Progress

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.server import FakeKobo

KEPT: Final = 10
"""How many exports of a user and a form are kept."""
_ORDER: Final = ("fields_from_all_versions", "group_sep", "hierarchy_in_labels", "lang")


@attrs.frozen
class PrivateFile:
    """A file that only its owner can download."""

    path: str
    owner: str
    content: bytes = attrs.field(repr=False)
    created: datetime

    @property
    def filename(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def content_type(self) -> str:
        """Type of the file, after its name."""
        return MEDIA_TYPES[self.filename.rpartition(".")[2]]

    @property
    def disposition(self) -> str:
        """Value of `Content-Disposition`."""
        return f'inline; filename="{self.filename}"'

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the download."""
        return {
            "cache-control": UNCACHED,
            "content-disposition": self.disposition,
            "last-modified": format_datetime(self.created.astimezone(UTC), usegmt=True),
        }


@attrs.define
class Export:
    """One task. `username` is None for anonymous users."""

    uid: str
    form: FakeForm
    username: str | None
    data: dict[str, Any]
    progress: Progress
    path: str | None = None
    messages: dict[str, str] = attrs.field(factory=dict)
    last_submission: str | None = None

    @property
    def status(self) -> str:
        """Status as the API shows it."""
        if not self.progress.finished:
            return self.progress.status
        return "error" if self.messages else "complete"

    def entry(self) -> dict[str, Any]:
        """Return the task as the API shows it, links not filled in."""
        return {
            "url": f"{BASE}/api/v2/assets/{self.form.uid}/exports/{self.uid}/",
            "status": self.status,
            "messages": self.messages,
            "uid": self.uid,
            "date_created": stamp(self.progress.created),
            "last_submission_time": self.last_submission,
            "result": f"{BASE}{self.path}" if self.path else None,
            "data": self.data,
        }


def task_data(form: FakeForm, data: dict[str, Any]) -> dict[str, Any]:
    """Return the settings as a task keeps them."""
    first = {name: data[name] for name in (*_ORDER, "multiple_select")}
    source = f"{BASE}/api/v2/assets/{form.uid}/"
    more = {"source": source, "name": data.get("name"), "type": data["type"]}
    others = {name: value for name, value in data.items() if name not in {**first, **more}}
    return {**first, **more, **others}


def advance(fake: FakeKobo, export: Export) -> None:
    """Let a task go on by one look of its owner."""
    now = fake.now()
    if not export.progress.look(fake.export_pace, now):
        return
    export.progress.finished = True
    export.data["processing_time_seconds"] = 0.5
    if fake.export_error is not None:
        kind, message = fake.export_error
        export.messages = {"error": message, "error_type": kind}
        return
    if "query" in export.data:
        userform = f"{export.form.owner}_{export.form.uid}"
        export.data["query"] = {**export.data["query"], "_userform_id": userform}
    file = make_file(fake, export.form, export.username, export.data, export.data["type"])
    export.path = file.path
    last = export.form.raw_asset["deployment__last_submission_time"]
    export.last_submission = f"{last[:19]}Z" if last else None


def drop_oldest(fake: FakeKobo, export: Export) -> None:
    """Keep the newest exports of the user and the form of a new one."""
    own = [one for one in export.form.exports if one.username == export.username]
    for old in own[:-KEPT]:
        remove(fake, old)


def remove(fake: FakeKobo, export: Export) -> None:
    """Delete a task and its file."""
    export.form.exports.remove(export)
    if export.path:
        fake.private_files.pop(export.path, None)


def make_file(
    fake: FakeKobo, form: FakeForm, username: str | None, data: dict[str, Any], kind: str
) -> PrivateFile:
    """Write the file of an export."""
    rows = _rows(fake, form, username, data)
    owner = username or ANONYMOUS
    lang = data["lang"]
    said = (
        "SPSS Labels"
        if kind == "spss_labels"
        else {"_xml": "False", "_default": "None"}.get(lang, re.sub(r"[()]", "", lang))
    )
    when = f"{fake.now():%Y-%m-%d-%H-%M-%S}"
    title = f"{form.name} - all versions - {said} - {when}".replace(" ", "_")
    folder, extension = f"/private-media/{owner}/exports/{form.uid}", EXTENSIONS[kind]
    path = f"{folder}/{title}.{extension}"
    if path in fake.private_files:
        path = f"{folder}/{title}_{fake.new_uid('')[:7]}.{extension}"
    file = PrivateFile(path, owner, export_bytes(form, data, rows, kind), fake.now())
    fake.private_files[path] = file
    return file


def _rows(
    fake: FakeKobo, form: FakeForm, username: str | None, data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows that the user may see and that were asked for."""
    superuser = username is not None and fake.users[username].superuser
    filters = form.row_filters(username, superuser=superuser)
    query = {name: one for name, one in data.get("query", {}).items() if name != "_userform_id"}
    conditions = [query, *([{"$or": filters}] if filters else [])]
    if "submission_ids" in data:
        conditions.append({"_id": {"$in": data["submission_ids"]}})
    found = form.store.select(safe({"$and": conditions}))
    return [form.store[number] for number in found.page(0, None)]
