"""`limit`, `start` and the links they make (observed §2, §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import attrs

from kobo_async.testing.messages import RequestInfo


@attrs.frozen
class Window:
    """A slice of a list."""

    limit: int
    start: int


def positive(text: str | None, *, strict: bool = False) -> int | None:
    """Read a number as the server does; None for everything that is none."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return None if number < 0 or (strict and number == 0) else number


def window(query: Mapping[str, str], default: int, maximum: int) -> Window:
    """Read the paging parameters; whatever is wrong is replaced without a word.

    `page_size` counts only together with `page`, and then also moves a page whose size is
    given by `limit` [data_page, data_page_and_size].
    """
    page = positive(query.get("page"), strict=True)
    size = positive(query.get("page_size"), strict=True) if page else None
    limit = positive(query.get("limit"), strict=True) or size or default
    start = positive(query.get("start"))
    if start is None:
        start = positive(query.get("offset"))
    if start is None:
        start = (page - 1) * (size or default) if page else 0
    return Window(min(limit, maximum), start)


def links(info: RequestInfo, part: Window, count: int) -> tuple[str | None, str | None]:
    """Return `next` and `previous`: absolute, parameters sorted, always with `start`.

    `previous` of the second page drops `start` but keeps `offset`, so that it names the same
    page again [assets_list_limit2_offset2].
    """
    after = part.start + part.limit
    before = part.start - part.limit
    following = _link(info, part.limit, after) if after < count else None
    if part.start <= 0:
        return following, None
    return following, _link(info, part.limit, before if before > 0 else None)


def _link(info: RequestInfo, limit: int, start: int | None) -> str:
    pairs = [(name, value) for name, value in info.pairs if name not in {"limit", "start"}]
    pairs.append(("limit", str(limit)))
    if start is not None:
        pairs.append(("start", str(start)))
    return f"{info.base}{info.path}?{urlencode(sorted(pairs, key=lambda pair: pair[0]))}"


def envelope(info: RequestInfo, part: Window, count: int, results: list[Any]) -> dict[str, Any]:
    """Return the usual body of a counted list."""
    following, previous = links(info, part, count)
    return {"count": count, "next": following, "previous": previous, "results": results}
