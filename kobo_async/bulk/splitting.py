"""Pages split into the bytes of their rows, without making objects of what is in them.

msgspec walks over the JSON, checks it, and notes where each row begins and ends. Unlike a decoder
it does not look whether texts are UTF-8, so that is looked at here.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from kobo_async.bulk.rows import Numbered
from kobo_async.errors import MalformedReply, UnexpectedShape
from kobo_async.pages import paged
from kobo_async.resources.submissions import UnreadPage


class _Envelope(msgspec.Struct):
    results: list[msgspec.Raw] | None = None
    count: Any = None
    next: Any = None


class _Head(msgspec.Struct, rename={"id": "_id"}):
    id: int


_envelope: Final = msgspec.json.Decoder(_Envelope).decode
_head: Final = msgspec.json.Decoder(_Head).decode


def split(unread: UnreadPage) -> Numbered[bytes]:
    """Split a page into the bytes of its rows.

    Raises:
        ReplyError: for what is no page, or has rows without `_id`.
    """
    body = unread.body
    try:
        if not body.isascii():
            body.decode()
        envelope = _envelope(body)
        raw = envelope.results
        ids = [head.id for head in map(_head, raw or ())]
    except msgspec.ValidationError as error:
        raise UnexpectedShape(f"not a page of submissions: {error}", unread.label) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedReply(f"not JSON: {error}", unread.label) from error
    rows = None if raw is None else [*map(bytes, raw)]
    page = paged(unread.call, {"results": rows, "count": envelope.count, "next": envelope.next})
    return Numbered(ids, page.items, page.count, page.more)
