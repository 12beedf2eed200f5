"""How the pages of a download are read for tables: by a decoder of their own, where there is one.

The extra `fast` has what such a decoder is made with. A page that does not fit it is decoded into
dicts, as all pages are without that extra: the tables are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kobo_async.bulk.rows import Numbered, Reader, as_dicts
from kobo_async.collector import collector_pause
from kobo_async.forms.columns import Layout
from kobo_async.forms.items import Shape
from kobo_async.pages import paged
from kobo_async.resources.submissions import UnreadPage


def reading(layout: Layout) -> tuple[Reader[Any], Mapping[str, Shape] | None]:
    """Return what reads pages, and what the `Tabulator` must know of their rows."""
    try:
        from kobo_async.forms.compiled import PageDecoder  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return as_dicts, None
    decoder = PageDecoder(layout)

    def read(unread: UnreadPage) -> Numbered[Any]:
        with collector_pause:
            found = decoder.decode(unread.body)
        if found is None:
            return as_dicts(unread)
        ids, parts = found
        page = paged(unread.call, parts)
        return Numbered(ids, page.items, page.count, page.more)

    return read, decoder.shapes
