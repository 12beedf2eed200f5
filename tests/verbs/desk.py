"""A server that answers as it is told, for jobs that take several rounds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx
import orjson

UID = "aProject"
ASSET = f"/api/v2/assets/{UID}/"
CREATED = "2023-11-14T22:13:20Z"
"""When the fake clock begins."""


@attrs.frozen
class Say:
    """One reply: JSON, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def response(self) -> httpx.Response:
        content = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        content = b"" if self.status in {204, 304} else content
        kind = "text/plain" if isinstance(self.body, bytes) else "application/json"
        headers = {"content-type": kind, "x-kobonaut": "alice", **self.headers}
        return httpx.Response(self.status, content=content, headers=headers)


@attrs.frozen
class Sent:
    """One request that arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes = attrs.field(repr=False)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Desk:
    """Answers each request in turn as told beforehand, and the last way from then on."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._answers: dict[tuple[str, str], list[Any]] = {}

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    @property
    def writes(self) -> list[str]:
        """What was sent besides questions, as method and path."""
        return [f"{one.method} {one.path}" for one in self.sent if one.method != "GET"]

    def on(self, method: str, path: str, *answers: Any) -> None:
        """Tell what to answer: `Say`, errors to raise, or the body of a 200."""
        self._answers[method, path] = list(answers)

    def count(self, method: str, path: str) -> int:
        return len([one for one in self.sent if (one.method, one.path) == (method, path)])

    def last(self, method: str, path: str) -> Sent:
        return [one for one in self.sent if (one.method, one.path) == (method, path)][-1]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        body = await request.aread()
        self.sent.append(Sent(request.method, path, dict(request.url.params), body))
        answers = self._answers.get((request.method, path))
        assert answers, f"nobody said what to answer to {request.method} {path}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return (answer if isinstance(answer, Say) else Say(body=answer)).response


def asset(**fields: Any) -> dict[str, Any]:
    """Return an asset: a deployed project unless told otherwise."""
    return {
        "uid": UID,
        "name": "Household survey",
        "asset_type": "survey",
        "owner__username": "alice",
        "has_deployment": True,
        "deployment__active": True,
        "deployment_status": "deployed",
        "deployment__submission_count": 3,
        "version_id": "v2",
        "deployed_version_id": "v2",
        "summary": {"languages": ["English (en)", None]},
        "effective_permissions": [{"codename": "manage_asset"}],
        **fields,
    }


def draft(**fields: Any) -> dict[str, Any]:
    never = {"has_deployment": False, "deployment__active": False, "deployed_version_id": None}
    return asset(**never, deployment_status="draft", **fields)


def deployment(**fields: Any) -> dict[str, Any]:
    changed = asset(**fields)
    return {
        "backend": "openrosa",
        "active": changed["deployment__active"],
        "version_id": changed["deployed_version_id"],
        "asset": changed,
    }


def page(*items: Any) -> dict[str, Any]:
    return {"count": len(items), "next": None, "previous": None, "results": list(items)}


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())
