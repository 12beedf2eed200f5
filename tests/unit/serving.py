"""A server in a few words: `respx` routes behind a client on virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import respx

from kobo_async import BreakerPolicy, Concurrency, KoboClient
from kobo_async.events import Event
from tests.unit.clock import LoopClock

URL = "https://kobo.example"
ALICE = {"X-Kobonaut": "alice"}
TAGS = "/api/v2/tags/"

Answer = httpx.Response | Exception | Callable[[httpx.Request], Awaitable[httpx.Response]]


def ok(body: Any = None, **headers: str) -> httpx.Response:
    """A success, sent to alice."""
    return httpx.Response(200, json=body if body is not None else {}, headers={**ALICE, **headers})


def error(status: int, detail: str = "no", **headers: str) -> httpx.Response:
    """An error as the server tells it, to alice."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"detail": detail}, headers={**ALICE, **named})


class Server:
    """Answers by script; keeps the requests and the events of the clients it makes."""

    def __init__(self, clock: LoopClock) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.requests: list[httpx.Request] = []
        self.router = respx.MockRouter(assert_all_called=False)

    def answers(self, path: str, *answers: Answer, method: str | None = None) -> respx.Route:
        """Give these answers to requests for a path, one after the other, the last for ever."""
        script = iter(answers)
        last: list[Answer] = []

        async def respond(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            last[:] = [next(script, last[0] if last else error(500, "nothing scripted"))]
            answer = last[0]
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, httpx.Response) else await answer(request)

        by_method = {"method": method} if method else {}
        return self.router.route(path=path, **by_method).mock(side_effect=respond)

    def told(self, *kinds: type[Event]) -> list[Event]:
        """Events of some kinds, in order."""
        return [event for event in self.events if isinstance(event, kinds)]

    @staticmethod
    def never_open() -> BreakerPolicy:
        """A circuit breaker that does not get in the way."""
        return BreakerPolicy(failures=10**9)

    @staticmethod
    def one() -> Concurrency:
        """One request at a time."""
        return Concurrency.fixed(1)

    @asynccontextmanager
    async def client(self, **settings: Any) -> AsyncIterator[KoboClient]:
        """Open a client of this server, with a token unless other credentials are given."""
        if not {"bearer", "username", "anonymous"} & settings.keys():
            settings.setdefault("token", "t0ken")
        async with KoboClient(
            settings.pop("server", URL),
            transport=httpx.MockTransport(self.router.async_handler),
            clock=self.clock,
            on_event=self.events.append,
            **settings,
        ) as client:
            yield client


async def all_at_once(work: Callable[[], Awaitable[Any]], times: int) -> list[Any]:
    """Do something several times at once; return results and errors."""
    results: list[Any] = []

    async def one() -> None:
        try:
            results.append(await work())
        except Exception as problem:  # noqa: BLE001 - a result like others
            results.append(problem)

    async with anyio.create_task_group() as group:
        for _ in range(times):
            group.start_soon(one)
    return results


def chain(problem: BaseException | None) -> Iterator[BaseException]:
    """Walk from an exception to what caused it."""
    seen: list[BaseException] = []
    while problem is not None and problem not in seen:
        seen.append(problem)
        yield problem
        problem = problem.__cause__ or problem.__context__
