"""Imports of XLSForms: whatever is a workbook is taken (observed §10, api-facts §4.4).

Forms are not checked here. One that makes no XForm is refused when it is deployed, just as a form
that was made with `POST /assets/` [deployment_invalid_form, deployment_post_invalid_form].
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64Error
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import attrs

from kobo_async.testing.assetfields import make_asset, uid_of
from kobo_async.testing.hooks import is_loopback
from kobo_async.testing.tasks import Progress
from kobo_async.testing.xlsform import FormError, read_xlsx

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.server import FakeKobo

_NOTHING: Final = "ImportTask data must contain `base64Encoded`, `url`, or `single_xls_url`"
_REFUSED: Final = (
    "HTTPConnectionPool(host='{host}', port={port}): Max retries exceeded with url: {path} "
    "(Caused by NewConnectionError(\"HTTPConnection(host='{host}', port={port}): "
    'Failed to establish a new connection: {reason}"))'
)
_TIMEOUT: Final = 10


class ImportFailedError(Exception):
    """What an import ends with."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message


@attrs.define
class Import:
    """One task."""

    uid: str
    username: str
    fields: dict[str, str]
    file: bytes | None = attrs.field(repr=False)
    progress: Progress
    messages: dict[str, Any] = attrs.field(factory=dict)

    @property
    def status(self) -> str:
        """Status as the API shows it."""
        if not self.progress.finished:
            return self.progress.status
        return "error" if "error" in self.messages else "complete"

    @property
    def asset_type(self) -> str:
        """What is made of the form: without `library=false` an item of the library."""
        desired = self.fields.get("desired_type")
        if desired:
            return desired
        return "survey" if self.fields.get("library", "true").lower() == "false" else "block"


def advance(fake: FakeKobo, task: Import) -> None:
    """Let a task go on by one look of its owner."""
    if not task.progress.look(fake.import_pace, fake.now()):
        return
    task.progress.finished = True
    try:
        task.messages = _run(fake, task)
    except ImportFailedError as error:
        task.messages = {"error": error.message, "error_type": error.kind}


def _run(fake: FakeKobo, task: Import) -> dict[str, Any]:
    destination = _destination(fake, task)
    content = _content(task)
    if destination is not None:
        return _replace(destination, content, task.username)
    name = task.fields.get("name", "").rpartition(".")[0] or task.fields.get("name", "")
    form = make_asset(fake, task.username, task.asset_type, content, name)
    return {"created": [_made(form)]}


def _destination(fake: FakeKobo, task: Import) -> FakeForm | None:
    uid = uid_of(task.fields.get("destination", "")) or task.fields.get("assetUid")
    if not uid:
        return None
    form = fake.forms.get(uid)
    if form is None or "change_asset" not in form.grants.of(task.username):
        raise ImportFailedError("PermissionDenied", "user cannot update asset")
    return form


def _content(task: Import) -> dict[str, Any]:
    try:
        sheets = read_xlsx(_data(task))
    except FormError as error:
        raise ImportFailedError("XlsFormatException", str(error)) from None
    return {name: sheets[name] for name in ("survey", "choices", "settings") if name in sheets}


def _data(task: Import) -> bytes:
    if task.file is not None:
        return task.file
    if "base64Encoded" in task.fields:
        encoded = task.fields["base64Encoded"].partition("base64")[2]
        try:
            return b64decode(encoded[1:])
        except NotBase64Error as error:
            raise ImportFailedError("Error", str(error)) from None
    if "url" in task.fields:
        return _fetched(task.fields["url"])
    raise ImportFailedError("Exception", _NOTHING)


def _fetched(url: str) -> bytes:
    """Return what is at an address on this machine; others are not reached."""
    parts = urlsplit(url)
    reason = "FakeKobo only reaches loopback addresses"
    if is_loopback(url):
        try:
            with urlopen(url, timeout=_TIMEOUT) as reply:  # noqa: S310 - a loopback address
                return bytes(reply.read())
        except URLError as error:
            reason = str(error.reason)
    message = _REFUSED.format(
        host=parts.hostname, port=parts.port or 80, path=parts.path, reason=reason
    )
    raise ImportFailedError("ConnectionError", message)


def _replace(form: FakeForm, content: dict[str, Any], by: str) -> dict[str, Any]:
    old = form.name
    form.rewrite(content, by)
    form.touch(by)
    version = form.raw_asset["version_id"]
    form.log("replace-form", by, latest_version_uid=version)
    log = {
        "source": "Other (Other)",
        "asset_id": form.number,
        "new_name": form.name,
        "old_name": old,
        "asset_uid": form.uid,
        "ip_address": "127.0.0.1",
        "project_owner": form.owner,
        "latest_version_uid": version,
    }
    return {"updated": [_made(form)], "audit_logs": [log]}


def _made(form: FakeForm) -> dict[str, Any]:
    return {
        "uid": form.uid,
        "kind": "asset",
        "summary": form.raw_asset["summary"],
        "owner__username": form.owner,
    }
