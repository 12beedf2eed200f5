"""A server of photos, for `attachments.py`: it does nothing but send."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import ge, gt, le, lt
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from _common import cores, pin
from server import Connection, _reply

ASSET = "aAttachments"
DATA = f"/api/v2/assets/{ASSET}/data/"
ME = {"username": "bench", "email": "", "server_time": "2026-11-21T00:00:00Z"}
COMPARED = {"$gt": gt, "$gte": ge, "$lt": lt, "$lte": le}
Send = Callable[[bytes], None]


class Site:
    """Lists submissions with one photo each, and sends the photos."""

    def __init__(self, files: int, size: int, latency: float) -> None:
        self._ids = range(1, files + 1)
        self._latency = latency
        self._file = _reply(200, bytes(size)).replace(b"application/json", b"image/jpeg")
        self._loop = asyncio.get_running_loop()

    def answer(self, target: str, send: Send) -> None:
        """Answer a request after the latency."""
        url = urlsplit(target)
        if url.path == "/me/":
            reply = _reply(200, json.dumps(ME).encode())
        elif url.path == DATA:
            reply = _reply(200, self._page(dict(parse_qsl(url.query))))
        else:
            reply = self._file
        if self._latency:
            self._loop.call_later(self._latency, send, reply)
        else:
            send(reply)

    def _page(self, params: Mapping[str, str]) -> bytes:
        ids = _within(json.loads(params.get("query", "{}")), self._ids)
        start, limit = int(params.get("start", 0)), int(params.get("limit", 100))
        shown = sorted(ids, reverse="-1" in params.get("sort", ""))[start : start + limit]
        more = "more" if start + len(shown) < len(ids) else None
        rows = [_row(one) for one in shown]
        return orjson.dumps({"count": len(ids), "next": more, "previous": None, "results": rows})


def _within(query: Mapping[str, Any], ids: Sequence[int]) -> Sequence[int]:
    """Choose the ids that fit a query of the kind that downloads send."""
    for part in query.get("$and", ()):
        ids = _within(part, ids)
    for operator, value in query.get("_id", {}).items():
        ids = [one for one in ids if COMPARED[operator](one, value)]
    return ids


def _row(number: int) -> dict[str, Any]:
    uid, url = f"att{number:021d}", f"https://kf.example.org{DATA}{number}/attachments/"
    entry = {
        "download_url": f"{url}{uid}/",
        **{f"download_{one}_url": f"{url}{uid}/{one}/" for one in ("large", "medium", "small")},
        "mimetype": "image/jpeg",
        "filename": f"owner/attachments/form/root/{number}.jpg",
        "media_file_basename": f"{number}.jpg",
        "uid": uid,
        "is_deleted": False,
        "question_xpath": "photo",
    }
    uuid = f"{number:032x}"
    return {
        "_id": number,
        "_uuid": uuid,
        "meta/rootUuid": f"uuid:{uuid}",
        "_attachments": [entry],
    }


@contextmanager
def serving(*, files: int, size: int, latency: float) -> Iterator[str]:
    """Run a server in a process of its own, and give its address."""
    words = [__file__, files, size, latency]
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


async def _serve(files: int, size: int, latency: float) -> None:
    site: Any = Site(files, size, latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=int)
    parser.add_argument("size", type=int)
    parser.add_argument("latency", type=float, help="seconds")
    options = parser.parse_args()
    pin(cores()[0])
    asyncio.run(_serve(options.files, options.size, options.latency))


if __name__ == "__main__":
    main()
