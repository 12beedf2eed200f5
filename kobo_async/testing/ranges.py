"""Parts of files, as a web server in front of the real one sends them (observed §6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from kobo_async.testing.messages import Reply, RequestInfo

if TYPE_CHECKING:
    from kobo_async.testing.managing import Managing

UNCACHED: Final = "max-age=0, no-cache, must-revalidate, proxy-revalidate"
"""`Cache-Control` of private files."""
_RANGE: Final = re.compile(r"bytes=(?P<first>[0-9]*)-(?P<last>[0-9]*)")


def ranged(fake: Managing, info: RequestInfo, reply: Reply) -> Reply:
    """Return the part of a file that was asked for, or the whole where parts are not served."""
    match = _RANGE.fullmatch(info.headers.get("range", ""))
    if not fake.ranges or match is None or match[0] == "bytes=-":
        return reply
    size = len(reply.body)
    if match["first"]:
        first, last = int(match["first"]), min(int(match["last"] or size), size - 1)
    else:
        first, last = max(size - int(match["last"]), 0), size - 1
    if first > last:
        return Reply(416, content_type=None, headers={"content-range": f"bytes */{size}"})
    shown = {"content-range": f"bytes {first}-{last}/{size}", "accept-ranges": "bytes"}
    part = reply.body[first : last + 1]
    return attrs.evolve(reply, status=206, body=part, headers={**reply.headers, **shown})
