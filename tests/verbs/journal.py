"""What a fake server was asked, and what somebody else does in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from kobo_async.testing import FakeKobo, Fault, RequestInfo


class Journal:
    """Notes the requests of a fake server, with their bodies."""

    def __init__(self, fake: FakeKobo) -> None:
        self.sent: list[RequestInfo] = []
        self._others: list[tuple[str, int, Callable[[], object]]] = []
        fake.on_request = self._note

    @property
    def writes(self) -> list[str]:
        """What was sent besides questions, as method and path."""
        return [_line(one) for one in self.sent if one.method not in {"GET", "HEAD"}]

    def of(self, line: str) -> list[RequestInfo]:
        """Return the requests whose `METHOD /path` matches."""
        return [one for one in self.sent if re.fullmatch(line, _line(one))]

    def bodies(self, line: str) -> list[Any]:
        """Return what was sent as JSON."""
        return [orjson.loads(one.body) for one in self.of(line)]

    def before(self, line: str, act: Callable[[], object], *, nth: int = 1) -> None:
        """Let somebody else act right before the n-th request of a kind."""
        self._others.append((line, nth, act))

    def _note(self, request: RequestInfo) -> None:
        self.sent.append(request)
        for line, nth, act in self._others:
            if self.sent[-1] in self.of(line) and len(self.of(line)) == nth:
                act()


def _line(request: RequestInfo) -> str:
    return f"{request.method} {request.path}"


def saying(body: Any, line: str, *, status: int = 200, times: int | None = None) -> Fault:
    """Answer with JSON that the fake server never gives."""
    content = orjson.dumps(body)
    return Fault.status(
        status, body=content, content_type="application/json", match=line, times=times
    )


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())
