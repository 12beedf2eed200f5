"""What goes in and out of the fake server: requests, replies, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import orjson

JSON = "application/json"
HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
DRF_VARY = "Accept, origin, Accept-Language, Cookie"
PLAIN_VARY = "origin, Accept-Language, Cookie"

NOT_FOUND = {"detail": "Not found."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
UNAUTHENTICATED = {"detail": "Authentication credentials were not provided."}


@attrs.frozen
class RequestInfo:
    """One request as the server sees it.

    Attributes:
        query: last value of each parameter; `pairs` keeps all of them, in order.
        headers: names in lower case.
        user: who the credentials belong to; None for anonymous and for wrong credentials.
        base: origin that the links of the reply start with.
        body: what the request carries.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    user: str | None = None
    pairs: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    base: str = "http://testserver"
    body: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen
class Seen:
    """One answered request. `status` is 0 where the connection was reset before an answer."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    user: str | None


@attrs.frozen
class Reply:
    """One reply.

    Attributes:
        seconds: how long the server worked on it.
        nameless: whether it was decided before the server knew who asks.
    """

    status: int
    body: bytes = attrs.field(default=b"", repr=False)
    content_type: str | None = JSON
    headers: Mapping[str, str] = attrs.field(factory=dict)
    seconds: float = 0.0
    nameless: bool = False


class RefusedError(Exception):
    """A reply with an error status whose body is rendered as the client asked."""

    def __init__(self, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, content, headers)
        self.status = status
        self.content = content
        self.headers = headers or {}


class CrashError(Exception):
    """An unhandled exception of the real server: 500, never JSON for a browser."""


class UnseenError(Exception):
    """What no recording and no fact says how a real server answers: 501 instead of a guess."""


class PageMissingError(Exception):
    """A 404 from outside the API's error handling: HTML or plain text (observed §0)."""


def bad(field: str, message: str) -> RefusedError:
    """Return a 400 of the shape `{"field": "message"}`."""
    return RefusedError(400, {field: message})


def not_allowed(method: str) -> RefusedError:
    """Return the 405 of a method that a view does not know."""
    return RefusedError(405, {"detail": f'Method "{method}" not allowed.'})


def json_reply(content: Any, status: int = 200) -> Reply:
    """Return a JSON reply."""
    return Reply(status, orjson.dumps(content))
