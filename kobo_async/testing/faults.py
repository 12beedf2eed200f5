"""What can go wrong between a server and its client, on demand."""

from __future__ import annotations

import random
import re
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Literal, TypedDict, Unpack

import attrs

from kobo_async.testing.messages import HTML, JSON, Reply, RequestInfo
from kobo_async.testing.pages import page, proxy_page

Kind = Literal["status", "latency", "reset", "truncate", "slow", "garbage"]
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
CUT_JSON = b'{"count":3,"next":null,"results":[{"_id":1,"_uuid":"2c9d'


class When(TypedDict, total=False):
    """Which requests a fault hits; see `Fault`."""

    match: str
    times: int | None
    after: int
    probability: float


@attrs.frozen(kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        match: regular expression searched in `METHOD /path`; empty = every request.
        times: how often; None = always.
        after: how many matching requests pass unharmed first.
        probability: of a matching request to be hit, drawn from the seed of the server.
        code: status of the reply, for `status`.
        retry_after: seconds, or a moment sent as an HTTP date, or the text of the header.
        body: body of the reply; default is a page of the web server in front of KPI.
        seconds: delay of `latency`; pause between the chunks of `slow`.
        fraction: part of the body that still arrives, for `truncate`.
        chunks: number of pieces, for `slow`.
    """

    kind: Kind
    match: str = ""
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    code: int = 503
    retry_after: float | str | datetime | None = None
    body: bytes | None = None
    content_type: str = HTML
    seconds: float = 0.0
    fraction: float = 0.5
    chunks: int = 8

    @classmethod
    def status(
        cls,
        code: int,
        *,
        retry_after: float | str | datetime | None = None,
        body: bytes | None = None,
        content_type: str = HTML,
        **when: Unpack[When],
    ) -> Fault:
        """Answer with an error status in place of the real reply."""
        return cls(
            kind="status",
            code=code,
            retry_after=retry_after,
            body=body,
            content_type=content_type,
            **when,
        )

    @classmethod
    def latency(cls, seconds: float, **when: Unpack[When]) -> Fault:
        """Answer late."""
        return cls(kind="latency", seconds=seconds, **when)

    @classmethod
    def reset(cls, **when: Unpack[When]) -> Fault:
        """Drop the connection before any byte of the reply."""
        return cls(kind="reset", **when)

    @classmethod
    def truncate(cls, fraction: float = 0.5, **when: Unpack[When]) -> Fault:
        """Promise the whole body, send a part of it and drop the connection."""
        return cls(kind="truncate", fraction=fraction, **when)

    @classmethod
    def slow(cls, chunks: int = 8, seconds: float = 0.05, **when: Unpack[When]) -> Fault:
        """Send the body in pieces, with a pause of `seconds` before each."""
        return cls(kind="slow", chunks=chunks, seconds=seconds, **when)

    @classmethod
    def garbage(cls, shape: Literal["html", "json"] = "html", **when: Unpack[When]) -> Fault:
        """Answer 200 with a login page, or with JSON that ends in the middle."""
        if shape == "json":
            return cls(kind="garbage", body=CUT_JSON, content_type=JSON, **when)
        return cls(kind="garbage", body=page("Log in", "<h1>Log in</h1>"), **when)

    def reply(self) -> Reply:
        """Return what is sent in place of the real reply."""
        if self.kind == "garbage":
            return Reply(200, self.body or b"", self.content_type)
        headers = {}
        if self.retry_after is not None:
            headers["retry-after"] = retry_after_text(self.retry_after)
        body = self.body
        if body is None:
            body = proxy_page(self.code, _PHRASES.get(self.code, "Error"))
        return Reply(self.code, body, self.content_type, headers)


def retry_after_text(value: float | str | datetime) -> str:
    """Write a Retry-After header: seconds, an HTTP date, or the text as given."""
    if isinstance(value, datetime):
        return format_datetime(value, usegmt=True)
    return value if isinstance(value, str) else f"{value:g}"


@attrs.define
class _Armed:
    fault: Fault
    seen: int = 0
    fired: int = 0

    def strikes(self, line: str, chance: random.Random) -> bool:
        fault = self.fault
        if fault.times is not None and self.fired >= fault.times:
            return False
        if not re.search(fault.match, line):
            return False
        self.seen += 1
        if self.seen <= fault.after:
            return False
        if fault.probability < 1.0 and chance.random() >= fault.probability:
            return False
        self.fired += 1
        return True


class Faults:
    """The faults of one server, oldest first."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._armed: list[_Armed] = []

    def add(self, *faults: Fault) -> None:
        """Arm faults. Of several that match one request the oldest strikes; delays add up."""
        self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def fired(self) -> int:
        """Return how often any fault that is still listed has struck."""
        return sum(armed.fired for armed in self._armed)

    def strike(self, info: RequestInfo) -> tuple[float, Fault | None]:
        """Return the delay and the fault of this request."""
        line = f"{info.method} {info.path}"
        delay = 0.0
        for armed in list(self._armed):
            if armed.strikes(line, self._chance):
                if armed.fault.kind != "latency":
                    return delay, armed.fault
                delay += armed.fault.seconds
        return delay, None
