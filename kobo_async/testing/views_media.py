"""The files of submissions (observed §6)."""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Any, Final

from kobo_async.testing.messages import (
    NOT_FOUND,
    PLAIN_VARY,
    RefusedError,
    Reply,
)
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_data import check_rows, find_row

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
    uid, mimetype = found[0]["uid"], found[0]["mimetype"]
    if asked.info.query.get("format") == "mp3" and not mimetype.startswith(("audio", "video")):
        raise RefusedError(400, {"detail": f"Conversion is not supported for {mimetype}"})
    return Reply(200, file_bytes(uid, mimetype), mimetype)


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
