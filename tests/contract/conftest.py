"""Recordings of a real server, as the contract that operations and models are held to.

They live in `<KOBO_SHARED>/kpi/recordings`; where that folder is absent, the tests are skipped.
"""

from __future__ import annotations

import csv
import json
import os
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import attrs
import orjson
import pytest

from kobo_async.call import Call, Op
from kobo_async.errors import KoboError
from kobo_async.events import Event, Observer
from kobo_async.models.convert import structure, structure_all
from kobo_async.pages import Page, Pages, paged
from kobo_async.wire import Reply, judge

T = TypeVar("T")
SHARED = Path(os.environ.get("KOBO_SHARED", Path(__file__).parents[3] / "shared")) / "kpi"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@attrs.frozen
class Recording:
    """One call to a real server, and its answer."""

    name: str
    request: Mapping[str, Any]
    response: Mapping[str, Any]

    @property
    def method(self) -> str:
        return str(self.request["method"])

    @property
    def path(self) -> str:
        return str(self.request["path"])

    @property
    def query(self) -> Mapping[str, str]:
        return {name: str(value) for name, value in self.request.get("params", {}).items()}

    @property
    def status(self) -> int:
        return int(self.response["status"])

    @property
    def body(self) -> Any:
        """The answer: JSON where `is_json`, else text, or base64 of what is not text."""
        return self.response["body"]

    @property
    def is_json(self) -> bool:
        return bool(self.response["body_type"] == "json")

    @property
    def is_whole(self) -> bool:
        return not self.response["truncated"]

    @property
    def reply(self) -> Reply:
        headers = {name.lower(): value for name, value in self.response["headers"].items()}
        return Reply(self.status, headers, self._bytes())

    def _bytes(self) -> bytes:
        if self.is_json:
            return orjson.dumps(self.body)
        if self.response["body_type"] == "base64":
            return b64decode(self.body)
        return str(self.body).encode()


@cache
def recordings() -> Mapping[str, Recording]:
    """Read all recordings, by name; none where there is no folder of them."""
    texts = (path.read_text("utf-8") for path in sorted(SHARED.glob("recordings/*.json")))
    found = (json.loads(text) for text in texts)
    return {one["name"]: Recording(one["name"], one["request"], one["response"]) for one in found}


def recording(name: str) -> Recording:
    """Return one recording; skips the test where there are none."""
    if not recordings():
        pytest.skip("no recordings of a real server; KOBO_SHARED names their folder")
    return recordings()[name]


def recordings_of(*ops: Op[Any]) -> list[Recording]:
    """Return the recordings whose method and path are those of the operations."""
    keys = {(op.method, op.path) for op in ops}
    return [one for one in recordings().values() if (one.method, _template(one)) in keys]


def params_of(*ops: Op[Any], errors: bool = False) -> list[Any]:
    """Return pairs of operation and recording to parametrise with: successes, or errors."""
    return [
        pytest.param(op, one, id=one.name)
        for op in ops
        for one in recordings_of(op)
        if is_error(op, one) is errors
    ]


def is_error(op: Op[Any], one: Recording) -> bool:
    return not (200 <= one.status < 300 or one.status in op.also_ok)


def call_of(op: Op[T], one: Recording) -> Call[T]:
    """Return the call that a recording is an answer to."""
    found = _pattern(op.path).fullmatch(one.path)
    assert found, f"{one.path} is not {op.path}"
    return op.at(*found.groups(), query=one.query)


def known_operations() -> list[dict[str, str]]:
    """Read the table of the server's operations; the last part of a picture's path is a size."""
    with (SHARED / "operations.csv").open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table)
        return [row | {"path": row["path"].replace("{suffix}", "{size}")} for row in rows]


@cache
def _templates() -> Mapping[str, Sequence[str]]:
    """Return the paths of the table of operations by method, those with fewest gaps first."""
    rows = [(row["method"], row["path"]) for row in known_operations()]
    return {
        method: sorted({path for other, path in rows if other == method}, key=_gaps)
        for method, _ in rows
    }


def _template(one: Recording) -> str:
    """Find the path of the table that a recorded path is an instance of."""
    return _template_of(one.method, one.path)


@cache
def _template_of(method: str, path: str) -> str:
    fitting = (known for known in _templates().get(method, ()) if _fits(known, path))
    return next(fitting, path)


def _fits(template: str, path: str) -> bool:
    return _pattern(template).fullmatch(path) is not None


def _gaps(path: str) -> int:
    return path.count("{")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(template)))


def same(value: Any, recorded: Any) -> bool:
    """Compare unstructured models with JSON: times by moment, all else exactly."""
    if isinstance(value, datetime):
        return isinstance(recorded, str) and value == _moment(recorded)
    if isinstance(value, Mapping) and isinstance(recorded, Mapping):
        return value.keys() == recorded.keys() and all(
            same(inner, recorded[key]) for key, inner in value.items()
        )
    if isinstance(value, list) and isinstance(recorded, list):
        return len(value) == len(recorded) and all(map(same, value, recorded))
    return type(value) is type(recorded) and bool(value == recorded)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def items_of(op: Op[Any], one: Recording) -> Sequence[Any]:
    """Return what the operation's result type describes: the body, or each item of a page."""
    return paged(call_of(op, one), one.body).items if op.paging.value != "none" else [one.body]


def judged(op: Op[Any], one: Recording) -> Any:
    """Return what a recorded reply means."""
    return judge(one.reply, call_of(op, one), now=0.0)


def is_readable(message: str) -> bool:
    """Tell whether a message is one line that a person can act on."""
    return bool(message.strip()) and "\n" not in message and not re.search(r"</?\w+[^>]*>", message)


class Answering:
    """A sender that keeps what is sent and answers in turn: recordings, bodies or errors."""

    def __init__(self, *answers: Any) -> None:
        self.calls: list[Call[Any]] = []
        self._answers: Iterator[Any] = iter(answers)

    @property
    def call(self) -> Call[Any]:
        (call,) = self.calls
        return call

    def _answer(self, call: Call[Any]) -> Any:
        self.calls.append(call)
        answer = next(self._answers)
        if isinstance(answer, Recording):
            answer = judge(answer.reply, call, now=0.0)
        if isinstance(answer, KoboError):
            raise answer
        return answer

    async def send(self, call: Call[T], /) -> T:
        return structure(self._answer(call), call.op.result, call.label)

    async def page(self, call: Call[T], /) -> Page[T]:
        page = paged(call, self._answer(call))
        return attrs.evolve(page, items=structure_all(page.items, call.op.result))

    def pages(self, call: Call[T], /) -> Pages[T]:
        return Pages(call, self.page)

    @asynccontextmanager
    async def open(self, call: Call[Any], /) -> AsyncIterator[Whole]:
        yield Whole(self._answer(call))

    def observed(self, observer: Observer, /) -> Answering:  # noqa: ARG002 - the protocol
        return self

    def tell(self, event: Event, /) -> None:
        """Tell nobody."""


@attrs.frozen
class Whole:
    """A body that comes in one piece."""

    content: bytes
    headers: Mapping[str, str] = attrs.field(factory=dict)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


def sent_as(call: Call[Any], one: Recording) -> None:
    """Assert that a call is the request of a recording: method, path, query and JSON."""
    assert (call.op.method, call.path) == (one.method, one.path)
    assert dict(call.query) == dict(one.query)
    assert orjson.loads(call.content[0] or b"null") == one.request.get("json")
