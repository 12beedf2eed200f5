"""Helpers that ask for data."""

from __future__ import annotations

import json
from typing import Any

import httpx


async def page(client: httpx.AsyncClient, url: str, **params: Any) -> dict[str, Any]:
    texts = {k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in params.items()}
    reply = await client.get(url, params=texts)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def ids(client: httpx.AsyncClient, url: str, **params: Any) -> list[int]:
    return [row["_id"] for row in (await page(client, url, **params))["results"]]
