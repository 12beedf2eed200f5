"""What a reply means. Pure: bytes in, value or error out."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import attrs
import orjson

from kobo_async import errors
from kobo_async.call import Call, Op
from kobo_async.errors import ApiError, KoboError, MalformedReply
from kobo_async.removed import successor

IDENTITY_HEADER = "x-kobonaut"
MASK = "***"
SHORTEST_SECRET = 8
"""Characters; shorter ones stand in ordinary words, and masking those would tell them."""
LONGEST_MESSAGE = 300
LONGEST_PAGE = 8000
"""Characters of a page that are looked at: searching takes time by their square."""
DEEPEST = 16
MOST_DIGITS = 18

_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: errors.BadRequest,
    401: errors.AuthenticationFailed,
    402: errors.UsageLimitReached,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    406: errors.NotAcceptable,
    409: errors.Conflict,
    410: errors.Gone,
    423: errors.Locked,
    429: errors.RateLimited,
    502: errors.ServerBusy,
    503: errors.ServerBusy,
    504: errors.ServerBusy,
}


@attrs.frozen
class Reply:
    """A whole reply. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def names_caller(self) -> bool:
        """Whether the server says who asked, as it does for everyone it recognised."""
        return IDENTITY_HEADER in self.headers

    def without(self, secret: str) -> Reply:
        """Return the reply with a secret masked, which pages of errors echo."""
        if len(secret) < SHORTEST_SECRET:
            return self
        headers = {name: value.replace(secret, MASK) for name, value in self.headers.items()}
        return Reply(self.status, headers, self.body.replace(secret.encode(), MASK.encode()))

    @property
    def media_type(self) -> str:
        """Media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def judge(reply: Reply, call: Call[Any], *, now: float) -> Any | KoboError:
    """Tell what a reply means: the decoded body, or the error to raise.

    `now` is the time in epoch seconds at which the reply arrived; dates in `Retry-After`
    count from it.
    """
    if 200 <= reply.status < 300 or reply.status in call.op.also_ok:
        return _value(reply, call.op, call.label)
    return _error(reply, call.label, now)


def _value(reply: Reply, op: Op[Any], label: str) -> Any | KoboError:
    if 300 <= reply.status < 400 and "location" in reply.headers:
        return reply.headers["location"]
    if not op.accept.endswith("json"):
        return reply.body
    if not reply.body and (op.result is type(None) or op.method == "HEAD" or _may_be_silent(op)):
        return None
    if op.deferred:
        return reply.body if _is_object(reply.body) else MalformedReply(_no_json(reply), label)
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return MalformedReply(_no_json(reply), label)


def _is_object(body: bytes) -> bool:
    """Tell whether bytes look like a JSON object that was not cut off."""
    return body[:64].lstrip()[:1] == b"{" and body[-64:].rstrip()[-1:] == b"}"


def _may_be_silent(op: Op[Any]) -> bool:
    return op.result is object and op.method != "GET"


def _no_json(reply: Reply) -> str:
    """Describe a body; a page for people is quoted, cut JSON is not, for it may hold secrets."""
    kind = _shorten(reply.media_type) or "no content type"
    text = f"{len(reply.body)} bytes of {kind} that are not JSON"
    if kind.startswith("text/"):
        start = _one_line(reply.body[:80].decode("utf-8", "replace"))
        return f"{text}, starting with {start!r}"
    return text


def _error(reply: Reply, label: str, now: float) -> ApiError:
    kind = _BY_STATUS.get(reply.status) or _by_class(reply.status)
    body = _body(reply)
    fields = _fields(body)
    return kind(
        reply.status,
        (_pointer(reply) or _message(body, fields) or "no explanation") + _instead(reply, label),
        label,
        body,
        retry_after(reply.headers.get("retry-after"), now=now),
        fields,
    )


def _instead(reply: Reply, label: str) -> str:
    """Name what stands in the place of a path of API v1, which the server's page does not."""
    found = successor(label.partition(" ")[2]) if reply.status == 410 else None
    return f"; {found}" if found else ""


def _by_class(status: int) -> type[ApiError]:
    if 300 <= status < 400:
        return errors.UnexpectedRedirect
    if status >= 500:
        return errors.ServerError
    return ApiError


def _body(reply: Reply) -> Any:
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return reply.body.decode("utf-8", "replace")


def _pointer(reply: Reply) -> str:
    """Name the place that a redirect points to, which its page hardly ever does."""
    location = reply.headers.get("location") if reply.status < 400 else None
    return _shorten(f"the server points to {location}") if location else ""


def _fields(body: Any) -> dict[str, str]:
    """Collect problems by field, from `{"field": "text"}` and `{"field": ["text"]}`."""
    if not isinstance(body, dict):
        return {}
    return {
        str(name): "; ".join(_texts(problem))
        for name, problem in body.items()
        if name not in {"detail", "error"}
    }


def _message(body: Any, fields: dict[str, str]) -> str:
    """Put any of the server's error bodies into one line (`observed §0`)."""
    if isinstance(body, str):
        return _shorten(_page_text(body))
    if isinstance(body, dict):
        said = [*_texts(body.get("detail")), *_texts(body.get("error"))]
        return _shorten("; ".join(said or [f"{name}: {text}" for name, text in fields.items()]))
    return _shorten("; ".join(_texts(body)))


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Walk the strings of an error body, depth first, with their keys."""
    if depth > DEEPEST:
        yield "…"
    elif isinstance(value, dict):
        for key, inner in value.items():
            for text in _texts(inner, depth + 1):
                yield f"{key}: {text}"
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, depth + 1)
    elif value is not None:
        yield str(value)


def _page_text(page: str) -> str:
    """Find what an HTML page tells a person: its first heading, else its title, else its text."""
    for pattern in (r"<h1[^>]*>(.*?)</h1>", r"<title[^>]*>(.*?)</title>", r"(.*)"):
        found = re.search(pattern, page[:LONGEST_PAGE], re.IGNORECASE | re.DOTALL)
        text = _one_line(_unescaped(re.sub(r"<[^>]*>", " ", found[1]))) if found else ""
        if text:
            return text
    return ""


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a character whose number has thousands of digits
        return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shorten(text: str) -> str:
    text = "".join(filter(str.isprintable, _one_line(text)))
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def retry_after(value: str | None, *, now: float) -> float | None:
    """Read a `Retry-After` header, in seconds or as an HTTP date.

    Returns:
        seconds from now, never negative; None where there is nothing usable.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _until(date: str, now: float) -> float:
    try:
        moment = parsedate_to_datetime(date)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp() - now
    except (ValueError, OverflowError):
        return math.nan


def whole_number(text: str) -> int | None:
    """Read a number of digits; None for anything else, and for more digits than a file has bytes.

    Python refuses to read thousands of them, with an error that is none of ours.
    """
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def rebase(link: str, server: str) -> str:
    """Reduce a link of a reply to path and query, to be sent to the configured server.

    Behind a proxy the server builds its links with `http://` or an internal host
    (`api-facts §2`); following them as they stand would fail, or show the token to others.
    """
    try:
        parts, base = urlsplit(link), urlsplit(server)
    except ValueError as error:
        raise errors.QueryError(f"not a link: {link[:80]!r}") from error
    path = "/" + parts.path.lstrip("/")
    if parts.netloc and base.path and path.startswith(f"{base.path}/"):
        path = "/" + path.removeprefix(base.path).lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path
