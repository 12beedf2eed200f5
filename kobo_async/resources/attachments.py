"""Files that belong to submissions (`…/attachments/` of an asset and of its data).

The list of a submission's attachments is its `_attachments`; those with `is_deleted` cannot be
downloaded any more (`observed §6`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Call, Omit, Op, given
from kobo_async.errors import QueryError
from kobo_async.models.attachment import AttachmentsDeleted, AudioDurations
from kobo_async.pages import Body, Sender, whole
from kobo_async.payloads import bare_uuids

Size: TypeAlias = Literal["original", "large", "medium", "small"]
Conversion: TypeAlias = Literal["mp3"]

MOST_DURATIONS = 200

DELETE = Op("DELETE", "/api/v2/assets/{uid_asset}/attachments/{id}/", type(None), repeatable=True)
AUDIO_DURATIONS = Op(
    "POST",
    "/api/v2/assets/{uid_asset}/attachments/audio-duration/",
    AudioDurations,
    repeatable=True,
)
BULK_DELETE = Op(
    "DELETE", "/api/v2/assets/{uid_asset}/attachments/bulk/", AttachmentsDeleted, repeatable=True
)
GET_BY_XPATH = Op(
    "GET", "/api/v2/assets/{uid_asset}/data/{uid_data}/attachments/", bytes, accept="*/*"
)
DOWNLOAD = Op(
    "GET", "/api/v2/assets/{uid_asset}/data/{uid_data}/attachments/{id}/", bytes, accept="*/*"
)
DOWNLOAD_THUMB = Op(
    "GET",
    "/api/v2/assets/{uid_asset}/data/{uid_data}/attachments/{id}/{size}/",
    bytes,
    accept="*/*",
)


@attrs.frozen
class Attachments:
    """Photos, recordings and other files that were submitted."""

    _sender: Sender

    async def delete(self, uid_asset: str, id: str) -> None:
        """Delete one attachment; it lies in the trash for 7 days, out of reach of the API.

        `id` is the `uid` of the attachment (`att…`). The answer keeps the file's name, and
        `_attachments` keeps the entry, with `is_deleted`.

        Permission: `change_submissions`, or its partial form for rows that it covers. Errors:
        NotFound, QueryError for the number that is the old kind of id.
        """
        if id.isdecimal():
            raise QueryError(f"an attachment is deleted by its `uid` (att…), not by {id!r}")
        await self._sender.send(DELETE.at(uid_asset, id))

    async def bulk_delete(
        self, uid_asset: str, *, submission_root_uuids: Sequence[str]
    ) -> AttachmentsDeleted:
        """Delete all attachments of submissions, which lie in the trash for 7 days.

        Submissions are named by `meta/rootUuid`, with or without `uuid:`; their `_uuid` changes
        with each edit. Where none of them has a file left the server answers 400, also when an
        attempt that timed out had deleted them.

        Permission: `change_submissions`. Errors: BadRequest, QueryError (`api-facts §3.7`).
        """
        body = {"submission_root_uuids": bare_uuids(submission_root_uuids)}
        return await self._sender.send(BULK_DELETE.at(uid_asset, json=body))

    async def audio_durations(
        self, uid_asset: str, *, attachment_uids: Sequence[str]
    ) -> AudioDurations:
        """Measure recordings, in seconds; at most 200 at a time.

        Unknown attachments are left out of the answer. Each new file takes the server half a
        second; after a timeout it remembers those that it has measured.

        Permission: `view_submissions`. Errors: QueryError for none, or more than 200.
        """
        if isinstance(attachment_uids, str) or not 1 <= len(attachment_uids) <= MOST_DURATIONS:
            raise QueryError(f"attachment_uids is a list of 1 to {MOST_DURATIONS} uids (att…)")
        body = {"attachment_uids": [*attachment_uids]}
        return await self._sender.send(AUDIO_DURATIONS.at(uid_asset, json=body))

    async def get_by_xpath(
        self,
        uid_asset: str,
        uid_data: int | str,
        *,
        xpath: str,
        format: Conversion | Omit = OMIT,
    ) -> bytes:
        """Download the file that answers a question, whole.

        `xpath` is the path of the question, in a repeat with the number of the instance:
        `question_xpath` of the attachment. `format` converts recordings.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers. Errors:
        NotFound, BadRequest for a format of something else, QueryError without a path.
        """
        if not xpath:
            raise QueryError("xpath is the path of a question, such as 'group/photo'")
        query = given(xpath=xpath, format=format)
        return await self._whole(GET_BY_XPATH.at(uid_asset, uid_data, query=query))

    async def download(
        self,
        uid_asset: str,
        uid_data: int | str,
        id: int | str,
        *,
        format: Conversion | Omit = OMIT,
    ) -> bytes:
        """Download an attachment whole; `stream` is for what may not fit into memory.

        `uid_data` is the submission's `_id` or uuid, `id` the attachment's `uid` (`att…`) or
        number. `format` converts recordings. Servers that keep files elsewhere redirect, which
        is followed; the credentials stay here.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers. Errors:
        NotFound, also for deleted files; BadRequest for a format of something else; ConnectionLost
        where the file breaks off (`observed §6`).
        """
        query = given(format=format)
        return await self._whole(DOWNLOAD.at(uid_asset, uid_data, id, query=query))

    def stream(
        self,
        uid_asset: str,
        uid_data: int | str,
        id: int | str,
        *,
        size: Size = "original",
        first: int = 0,
    ) -> AbstractAsyncContextManager[Body]:
        """Open an attachment to be read piece by piece.

            async with client.attachments.stream(uid, row["_id"], uid_attachment) as body:
                async for piece in body:
                    file.write(piece)

        `size` is for images, see `download_thumb`. `first` asks for the bytes from that one on,
        counted from 0. Where the server sends parts, `body.status` is 206, and the headers have a
        `content-range`; otherwise the whole file comes (`observed §6`).

        Permission and errors: see `download`; an ApiError with status 416 where the file has no
        such byte.
        """
        headers = {"Accept-Encoding": "identity"}
        if first:
            headers["Range"] = f"bytes={first}-"
        if size == "original":
            return self._sender.open(DOWNLOAD.at(uid_asset, uid_data, id, headers=headers))
        return self._sender.open(DOWNLOAD_THUMB.at(uid_asset, uid_data, id, size, headers=headers))

    async def download_thumb(
        self, uid_asset: str, uid_data: int | str, id: int | str, size: Size
    ) -> bytes:
        """Download an image in a smaller size: 1280, 640 or 240 pixels at most, or as it is.

        Permission and errors: see `download`; NotFound, too, for files that are no images.
        """
        return await self._whole(DOWNLOAD_THUMB.at(uid_asset, uid_data, id, size))

    async def _whole(self, call: Call[bytes]) -> bytes:
        async with self._sender.open(call) as body:
            return await whole(body)
