"""Pages split into the bytes of their rows, without making objects of what is in them.

msgspec walks over the JSON, checks it, and notes where each row begins and ends. Unlike a decoder
it does not look whether texts are UTF-8, so that is looked at here.

An `_id` that opens its row, as the server writes it, is read where it stands: a second walk over
the page would take as long as the first. Were there another one in the same row, which no server
that encodes mappings can send, a decoder would take that for the id.
"""

from __future__ import annotations

import re
from codecs import utf_8_decode
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from kobo_async.bulk.rows import Numbered
from kobo_async.errors import MalformedReply, UnexpectedShape
from kobo_async.pages import paged
from kobo_async.raw import RawPage
from kobo_async.resources.submissions import UnreadPage

STRETCH: Final = 2**16
"""Bytes whose text is made at a time: that of a page would not fit into the processor's cache."""


class _Envelope(msgspec.Struct):
    results: list[msgspec.Raw] | None = None
    count: Any = None
    next: Any = None


class _Head(msgspec.Struct, rename={"id": "_id"}, gc=False):
    id: int


_envelope: Final = msgspec.json.Decoder(_Envelope).decode
_head: Final = msgspec.json.Decoder(_Head).decode
_id: Final = attrgetter("id")
_opening: Final = re.compile(rb'\{\s*"_id"\s*:\s*(0|[1-9][0-9]{0,17})\s*[,}]').match


def split(unread: UnreadPage) -> Numbered[bytes]:
    """Split a page into the bytes of its rows.

    Raises:
        ReplyError: for what is no page, or has rows without `_id`.
    """
    try:
        _check_text(unread.body)
        envelope = _envelope(unread.body)
        ids = _ids(envelope.results or ())
    except msgspec.ValidationError as error:
        raise UnexpectedShape(f"not a page of submissions: {error}", unread.label) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedReply(f"not JSON: {error}", unread.label) from error
    parts = {"results": envelope.results, "count": envelope.count, "next": envelope.next}
    page = paged(unread.call, parts)
    return Numbered(ids, RawPage(unread.body, page.items), page.count, page.more)


def _ids(rows: Sequence[Any]) -> list[int]:
    found = [int(opening[1]) for opening in map(_opening, rows) if opening]
    return found if len(found) == len(rows) else [*map(_id, map(_head, rows))]


def _check_text(body: bytes) -> None:
    """Make sure that bytes are UTF-8.

    Raises:
        UnicodeDecodeError: if they are not.
    """
    if body.isascii():
        return
    view, size, at = memoryview(body), len(body), 0
    while at < size:
        last = at + STRETCH >= size
        at += utf_8_decode(view[at : at + STRETCH], "strict", last)[1]
