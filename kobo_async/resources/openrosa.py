"""Forms and submissions as ODK Collect sees them, on the server's OpenRosa address.

Replies are XML, unless JSON was submitted; paths have no trailing slash. `id` is the number of a
form: `FormEntry.number`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import orjson

from kobo_async.call import OMIT, Call, Omit, Op, Site, Upload, given
from kobo_async.errors import MalformedReply, QueryError, UnexpectedShape
from kobo_async.models.convert import Model, structure
from kobo_async.models.openrosa import FormEntry, InstanceChunk, MediaEntry, Receipt
from kobo_async.pages import Sender
from kobo_async.wire import whole_number
from kobo_async.xmlread import read

M = TypeVar("M", bound=Model)

SUBMISSION_PART = "xml_submission_file"
"""Name of the part that holds the submission; all other parts are its files."""


def _read(path: str, site: Site = "openrosa") -> Op[bytes]:
    return Op("GET", path, bytes, accept="*/*", site=site)


def _submit(path: str) -> Op[bytes]:
    return Op("POST", path, bytes, accept="*/*", site="openrosa", repeatable=True)


FORM_LIST = _read("/formList")
FORM_LIST_ANONYMOUS = _read("/{username}/formList")
FORM_LIST_COLLECTOR = _read("/collector/{token}/formList")
MANIFEST = _read("/xformsManifest/{id}")
MANIFEST_ANONYMOUS = _read("/{username}/xformsManifest/{id}")
MANIFEST_COLLECTOR = _read("/collector/{token}/xformsManifest/{id}")
SUBMIT = _submit("/submission")
SUBMIT_ANONYMOUS = _submit("/{username}/submission")
SUBMIT_COLLECTOR = _submit("/collector/{token}/submission")

_SNAPSHOT = "/api/v2/asset_snapshots/{uid_asset_snapshot}/"
SNAPSHOT_FORM_LIST = _read(f"{_SNAPSHOT}formList", "kpi")
SNAPSHOT_MANIFEST = _read(f"{_SNAPSHOT}manifest", "kpi")
SNAPSHOT_SUBMIT = Op("POST", f"{_SNAPSHOT}submission", bytes, accept="*/*", repeatable=False)

_FORM_XML = _read("/forms/{id}/form.xml")
_INSTANCE_IDS = _read("/view/submissionList")
_INSTANCE = _read("/view/downloadSubmission")
_LIMITS = Op("HEAD", "/submission", bytes, accept="*/*", site="openrosa")


@attrs.frozen
class OpenRosa:
    """Forms to fill in, and submitting what was filled in."""

    _sender: Sender

    async def form_list(self, *, form_id: str | Omit = OMIT) -> list[FormEntry]:
        """List the forms that the caller may submit to.

        Archived forms are not in it. `form_id` is the uid of the asset.

        Permission: `add_submissions`, without which a form is not listed. Errors:
        AuthenticationFailed (`api-facts §7`).
        """
        return await self._forms(FORM_LIST.at(query=given(formID=form_id)))

    async def form_list_anonymous(
        self, username: str, *, form_id: str | Omit = OMIT
    ) -> list[FormEntry]:
        """List the forms of a user that anyone may submit to; of an unknown user, none.

        Permission: none. The owner, too, sees only the forms open to everyone (`observed §12`).
        """
        call = FORM_LIST_ANONYMOUS.at(username, query=given(formID=form_id))
        return await self._forms(call)

    async def form_list_collector(
        self, token: str, *, form_id: str | Omit = OMIT
    ) -> list[FormEntry]:
        """List the forms that a data collector may submit to.

        Permission: the collector's token, which administrators of the server make and which is
        as secret as a password. Errors: AuthenticationFailed.
        """
        return await self._forms(FORM_LIST_COLLECTOR.at(token, query=given(formID=form_id)))

    async def snapshot_form_list(self, uid_asset_snapshot: str) -> list[FormEntry]:
        """List the one form of a snapshot, as the web form asks for it.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._forms(SNAPSHOT_FORM_LIST.at(uid_asset_snapshot))

    async def manifest(self, id: int | str) -> list[MediaEntry]:
        """List the files that go along with a form, as of its last deployment.

        Permission: `add_submissions`. Errors: NotFound, AuthenticationFailed.
        """
        return await self._media(MANIFEST.at(id))

    async def manifest_anonymous(self, username: str, id: int | str) -> list[MediaEntry]:
        """List the files that go along with a form that is open to everyone.

        Permission: none. Errors: NotFound.
        """
        return await self._media(MANIFEST_ANONYMOUS.at(username, id))

    async def manifest_collector(self, token: str, id: int | str) -> list[MediaEntry]:
        """List the files that go along with a form, for a data collector.

        Permission: the collector's token. Errors: NotFound, AuthenticationFailed.
        """
        return await self._media(MANIFEST_COLLECTOR.at(token, id))

    async def snapshot_manifest(self, uid_asset_snapshot: str) -> list[MediaEntry]:
        """List the files that go along with the form of a snapshot.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._media(SNAPSHOT_MANIFEST.at(uid_asset_snapshot))

    async def form_xml(self, id: int | str) -> bytes:
        """Download the deployed XForm, with the version and the id that submissions must name.

        Permission: `add_submissions`. Errors: NotFound, AuthenticationFailed (`observed §3`).
        """
        return await self._sender.send(_FORM_XML.at(id))

    async def submit(self, *, xml: bytes, files: Sequence[Upload] = ()) -> Receipt:
        """Submit a filled-in form, or an edit of a submission, and return the receipt.

        The server finds the form by `<formhub><uuid>`, which is `deployment__uuid` of the asset,
        whatever the root element says; without it by the attribute `id`. `meta/instanceID` is
        needed: it makes the call safe to repeat, for the same XML again is recognised (202,
        `Receipt.duplicate`). An edit has a new instanceID and the current one as `deprecatedID`;
        an attribute `submissionDate` would change the time of submission.

        Files go with the name that the answer has, whatever their `field`. What is too big for
        one request goes in several, each with the same XML and some of the files.

        Permission: `add_submissions`; `change_submissions` for edits, and not its partial form;
        superusers are refused. Errors: BadRequest; NotFound for an unknown form or deprecatedID;
        MethodNotAllowed for an archived form; Conflict where the instanceID or a file name is
        taken by something else; Gone where somebody else edited in between: load and edit again;
        Locked while the same submission is being stored; UsageLimitReached (`api-facts §7`).
        """
        return await self._receipt(SUBMIT.at(files=_parts(xml, files)))

    async def submit_json(self, *, form_id: str, submission: Mapping[str, Any]) -> Receipt:
        """Submit a filled-in form as JSON: groups nested, `meta.instanceID` in it.

            submission={"group": {"question": "value"}, "meta": {"instanceID": f"uuid:{uuid4()}"}}

        Lists of texts become the answers of a select_multiple, lists of objects a repeat. Files
        cannot go along, and the server adds no `__version__`.

        Permission and errors: see `submit`.
        """
        return await self._receipt(SUBMIT.at(json={"id": form_id, "submission": submission}))

    async def submit_anonymous(
        self, username: str, *, xml: bytes, files: Sequence[Upload] = ()
    ) -> Receipt:
        """Submit to a form of a user that is open to everyone.

        Without credentials the submission has no submitter.

        Permission: none where the form is open. Errors: AuthenticationFailed where it is not;
        otherwise see `submit`.
        """
        return await self._receipt(SUBMIT_ANONYMOUS.at(username, files=_parts(xml, files)))

    async def submit_collector(
        self, token: str, *, xml: bytes, files: Sequence[Upload] = ()
    ) -> Receipt:
        """Submit as a data collector; the submission has no submitter.

        Permission: the collector's token. Errors: see `submit`.
        """
        return await self._receipt(SUBMIT_COLLECTOR.at(token, files=_parts(xml, files)))

    async def snapshot_submit(
        self, uid_asset_snapshot: str, *, xml: bytes, files: Sequence[Upload] = ()
    ) -> bytes:
        """Save an edit the way the web form does, and return the XML that was stored.

        Tokens are refused here: use `submit`. The call is not repeated by itself.

        Permission: `change_submissions`, by Digest or by the web form's session. Errors:
        AuthenticationFailed for a token.
        """
        return await self._sender.send(
            SNAPSHOT_SUBMIT.at(uid_asset_snapshot, files=_parts(xml, files))
        )

    async def largest_body(self) -> int | None:
        """Ask how many bytes the server takes in one submission; None where it does not say.

        Servers say 10,000,000 and may take more. This is also a cheap way to check credentials.

        Permission: any account. Errors: AuthenticationFailed (`observed §12`).
        """
        async with self._sender.open(_LIMITS.at()) as reply:
            limit = reply.headers.get("x-openrosa-accept-content-length", "")
        return whole_number(limit)

    async def instance_ids(self, *, form_id: str, page_size: int = 1000) -> AsyncIterator[str]:
        """Yield the instance ids (`uuid:…`) of a form, in the order they were stored.

        This is the list of ODK Briefcase: not documented, but stable while rows come and go.

        Permission: `view_submissions`. Errors: NotFound.
        """
        cursor: str | Omit = OMIT
        while True:
            chunk = await self.instance_chunk(form_id=form_id, limit=page_size, cursor=cursor)
            for instance_id in chunk.ids:
                yield instance_id
            if not chunk.ids or chunk.cursor in {"", cursor}:
                return
            cursor = chunk.cursor

    async def instance_chunk(
        self, *, form_id: str, limit: int | Omit = OMIT, cursor: str | Omit = OMIT
    ) -> InstanceChunk:
        """Fetch some instance ids of a form after a cursor; all of them without `limit`.

        Permission and errors: see `instance_ids`.
        """
        query = given(formId=form_id, numEntries=limit, cursor=cursor)
        call = _INSTANCE_IDS.at(query=query)
        root = read(await self._sender.send(call), call.label)
        ids = [one.text for part in root.all("idList") for one in part.all("id")]
        after = root.first("resumptionCursor")
        return InstanceChunk(ids=ids, cursor=after.text if after else "")

    async def instance(self, *, form_id: str, instance_id: str) -> bytes:
        """Download one submission as ODK Briefcase does: its XML, and its files with MD5 sums.

        Permission: `view_submissions`. Errors: NotFound.
        """
        key = f"{form_id}[@version=null and @uiVersion=null]/{form_id}[@key={instance_id}]"
        return await self._sender.send(_INSTANCE.at(query={"formId": key}))

    async def _forms(self, call: Call[bytes]) -> list[FormEntry]:
        return await self._entries(call, "xform", FormEntry)

    async def _media(self, call: Call[bytes]) -> list[MediaEntry]:
        return await self._entries(call, "mediaFile", MediaEntry)

    async def _entries(self, call: Call[bytes], name: str, kind: type[M]) -> list[M]:
        root = read(await self._sender.send(call), call.label)
        return [structure(entry.texts(), kind, call.label) for entry in root.all(name)]

    async def _receipt(self, call: Call[bytes]) -> Receipt:
        return _receipt(await self._sender.send(call), call.label)


def _parts(xml: bytes, files: Sequence[Upload]) -> list[Upload]:
    """Make the parts of a submission; the server keeps one file of each part name."""
    names = [file.filename for file in files]
    if len(set(names)) < len(names) or {"", SUBMISSION_PART} & set(names):
        raise QueryError(f"files go by the names that the answers have, each once: {names}")
    form = Upload(SUBMISSION_PART, "submission.xml", xml, "text/xml")
    return [form, *(attrs.evolve(file, field=file.filename) for file in files)]


def _receipt(body: bytes, label: str) -> Receipt:
    if body.lstrip().startswith(b"{"):
        return structure(_json(body, label), Receipt, label)
    root = read(body, label)
    if root.name != "OpenRosaResponse":
        raise UnexpectedShape(f"a <{root.name}> instead of a receipt", label)
    metadata = root.first("submissionMetadata")
    told = dict(metadata.attributes) if metadata else {}
    if "id" in told:
        told["formid"] = told.pop("id")
    return structure({"message": root.texts().get("message", ""), **told}, Receipt, label)


def _json(body: bytes, label: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedReply(f"not JSON: {error}", label) from error
