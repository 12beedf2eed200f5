"""The files of submissions (observed §6)."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    FORBIDDEN,
    NOT_FOUND,
    PLAIN_VARY,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.ranges import ranged
from kobo_async.testing.store import Row
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_data import check_deployed, check_rows, find_row, select
from kobo_async.testing.views_rows import CHANGE, row_filters

_WIDTH: Final = 16


def file_bytes(uid: str, mimetype: str) -> bytes:
    """Return the content of an attachment: a real picture, or bytes made from its uid."""
    digest = hashlib.sha256(uid.encode()).digest()
    if mimetype != "image/png":
        return digest * 32
    line = b"\x00" + b"".join(digest[at : at + 3] for at in range(_WIDTH))
    header = struct.pack(">IIBBBBB", _WIDTH, _WIDTH, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(line * _WIDTH)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def content_of(form: FakeForm, entry: Mapping[str, Any]) -> bytes:
    """Return the content of an attachment: what was sent, or something made from its uid."""
    content = form.files.get(entry["uid"])
    return file_bytes(entry["uid"], entry["mimetype"]) if content is None else content


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _by_xpath(asked: Asked) -> Reply:
    xpath = asked.info.query.get("xpath")
    if not xpath:
        raise RefusedError(400, {"detail": "`xpath` query parameter is required"})
    return _file(asked, "question_xpath", xpath)


def _by_uid(asked: Asked) -> Reply:
    return _file(asked, "uid", asked.params["attachment"])


def _file(asked: Asked, field: str, value: str) -> Reply:
    row = asked.existing.store[find_row(asked, asked.params["row"])]
    found: list[dict[str, Any]] = [one for one in row["_attachments"] if one[field] == value]
    if not found or found[0]["is_deleted"]:
        raise RefusedError(404, NOT_FOUND)
    mimetype = found[0]["mimetype"]
    if asked.info.query.get("format") == "mp3" and not mimetype.startswith(("audio", "video")):
        raise RefusedError(400, {"detail": f"Conversion is not supported for {mimetype}"})
    body = content_of(asked.existing, found[0])
    return ranged(asked.fake, asked.info, Reply(200, body, mimetype))


def _view(handler: Any) -> View:
    return View(
        allow="GET, HEAD, OPTIONS",
        handlers={"GET": handler},
        check=check_rows,
        outside=True,
        negotiated=False,
        vary=PLAIN_VARY,
    )


FILES = _view(_by_xpath)
FILE = _view(_by_uid)


def _check_change(asked: Asked) -> None:
    check_rows(asked)
    if row_filters(asked, CHANGE) is None:
        raise RefusedError(403, FORBIDDEN)
    check_deployed(asked.existing)


def _delete_one(asked: Asked) -> Reply:
    uid = asked.params["attachment"]
    found = _living(asked, lambda _, entry: entry["uid"] == uid)
    if not found:
        raise RefusedError(400, {"attachment_uid": ["Invalid attachment UID"]})
    _throw_away(asked, found)
    return Reply(204)


def _delete_many(asked: Asked) -> Reply:
    """Delete all files of some rows; a row that has none left counts as unknown."""
    uid, roots = _wanted(asked.data)
    if uid is not None:
        found = _living(asked, lambda _, entry: entry["uid"] == uid)
        error = {"attachment_uid": ["Invalid attachment UID"]}
    else:
        names = {f"uuid:{root}" for root in roots}
        found = _living(asked, lambda row, _: row["meta/rootUuid"] in names)
        error = {"submission_root_uuids": ["One or more of the root UUIDs are invalid"]}
    if not found:
        raise RefusedError(400, error)
    _throw_away(asked, found)
    return json_reply({"message": f"{len(found)} attachments deleted"}, 202)


def _wanted(data: Any) -> tuple[str | None, list[str]]:
    names = {"attachment_uid", "submission_root_uuids"} & set(data)
    text = "`attachment_uid` {} `submission_root_uuids` {}"
    if len(names) != 1:
        how = ("and", "cannot be used together") if names else ("or", "must be provided")
        raise RefusedError(400, {"detail": [text.format(*how)]})
    if names == {"attachment_uid"}:
        return data["attachment_uid"], []
    if not data["submission_root_uuids"]:
        raise RefusedError(400, {"submission_root_uuids": ["List cannot be empty"]})
    return None, data["submission_root_uuids"]


def _living(asked: Asked, test: Callable[[Row, Row], bool]) -> list[tuple[int, str]]:
    """Return rows and uids of files that are still there."""
    rows = ((number, asked.existing.store[number]) for number in asked.existing.store)
    return [
        (number, entry["uid"])
        for number, row in rows
        for entry in row["_attachments"]
        if not entry["is_deleted"] and test(row, entry)
    ]


def _throw_away(asked: Asked, found: list[tuple[int, str]]) -> None:
    numbers = sorted({number for number, _ in found})
    if select(asked, {"_id": {"$in": numbers}}, CHANGE).count < len(numbers):
        raise RefusedError(403, FORBIDDEN)
    for number, uid in found:
        asked.existing.delete_attachment(number, uid, str(asked.info.user))


DELETE_ONE = View(allow="DELETE", handlers={"DELETE": _delete_one}, check=_check_change)
DELETE_MANY = View(allow="DELETE", handlers={"DELETE": _delete_many}, check=_check_change)
