"""What a method sends, to be compared with what a real server was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kobo_async.call import Call
from kobo_async.pages import Pages
from tests.contract.conftest import Answering

Request = Callable[[Any], Any]


async def sent(request: Request, *answers: Any) -> Call[Any]:
    """Return the first call that a method sends."""
    server = Answering(*answers)
    result = request(server)
    await (result.first() if isinstance(result, Pages) else result)
    return server.calls[0]


def query(call: Call[Any]) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(call.target).query))
