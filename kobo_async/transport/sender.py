"""One call, from value to result: the order of everything that guards it.

retry( breaker, gate( authenticate, request ), judge, learn ), then structure the result.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeVar

import attrs
from tenacity import AsyncRetrying

from kobo_async.call import Call
from kobo_async.clock import Clock
from kobo_async.config import Settings
from kobo_async.errors import (
    ApiError,
    AuthenticationFailed,
    KoboError,
    RateLimited,
    RequestTimeout,
    ServerBusy,
    TransportError,
)
from kobo_async.events import Event, Observer, Replied
from kobo_async.models.convert import structure, structure_all
from kobo_async.pages import Page, Pages, paged
from kobo_async.transport.auth import Authenticator
from kobo_async.transport.breaker import Breaker
from kobo_async.transport.gate import Gate, Ticket
from kobo_async.transport.http import Http, Request, Stream
from kobo_async.transport.retry import asked_to_wait, retrying
from kobo_async.transport.sites import Sites
from kobo_async.wire import Reply, judge

T = TypeVar("T")

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS: Final = 5

NOBODY: Final = "the server took the request for an anonymous one, although credentials were sent"


class Identity:
    """Whether the server recognises the caller.

    A server that does not know the credentials may answer 200 with empty lists, or 404
    (`observed §1`). Replies to a recognised caller carry his name in a header. Where it is
    missing, `probe`, a call that only a recognised caller may make, decides; a proxy that strips
    the header is thereby found out once.
    """

    def __init__(self, probe: Call[Any]) -> None:
        self.probe = probe
        self.header_stripped = False

    def doubtful(self, reply: Reply, call: Call[Any]) -> bool:
        """Tell whether the reply may be meant for nobody."""
        if self.header_stripped or reply.names_caller or call.op is self.probe.op:
            return False
        return reply.status < 300 or reply.status == 404


@attrs.frozen
class HttpSender:
    """Sends calls to one server."""

    _settings: Settings
    _sites: Sites
    _http: Http
    _auth: Authenticator
    _gate: Gate
    _breaker: Breaker
    _identity: Identity
    _clock: Clock
    _observers: tuple[Observer, ...] = ()

    async def send(self, call: Call[T], /) -> T:
        """Send a call and return its result."""
        return structure(await self._settled(call), call.op.result, call.label)

    async def page(self, call: Call[T], /) -> Page[T]:
        """Fetch one page of a list."""
        page = paged(call, await self._settled(call))
        return attrs.evolve(page, items=structure_all(page.items, call.op.result, call.label))

    def pages(self, call: Call[T], /) -> Pages[T]:
        """Return a list that fetches itself page by page."""
        return Pages(call, self.page)

    @asynccontextmanager
    async def open(self, call: Call[Any], /) -> AsyncIterator[Stream]:
        """Send a call and hand out its body piece by piece, following redirects.

        The place in the gate is held until the block ends. What breaks off while the body is
        read is not repeated here: only the reader knows what to do with the pieces it has.
        """
        async with AsyncExitStack() as stack:
            yield await self._loop(call)(self._begin, call, stack)

    def observed(self, observer: Observer, /) -> HttpSender:
        """Return a sender to the same server that also tells `observer` of what happens."""
        return attrs.evolve(self, observers=(*self._observers, observer))

    async def _settled(self, call: Call[Any]) -> Any:
        """Send until there is a final answer."""
        return await self._loop(call)(self._attempt, call)

    def _loop(self, call: Call[Any]) -> AsyncRetrying:
        return retrying(
            self._settings.retry, call.op, call.label, clock=self._clock, notify=self._notify
        )

    async def _attempt(self, call: Call[Any]) -> Any:
        self._breaker.check()
        try:
            reply, verdict = await self._exchange(call)
        finally:
            self._breaker.abandoned()
        if isinstance(verdict, KoboError) and not _hides_existence(verdict):
            raise verdict
        await self._make_sure_of_identity(reply, call)
        if isinstance(verdict, KoboError):
            raise verdict
        return verdict

    async def _exchange(self, call: Call[Any]) -> tuple[Reply, Any]:
        """Send once and let gate and breaker learn from what comes back."""
        request = await self._request(call)
        async with self._gate.admitted() as ticket:
            started = self._clock.monotonic()
            try:
                reply = await self._http.request(request)
            except TransportError as error:
                self._learn(call, ticket, started, error)
                raise
            verdict = judge(reply, call, now=self._clock.wall())
            self._learn(call, ticket, started, verdict, reply.status, len(reply.body))
        return reply, verdict

    async def _begin(self, call: Call[Any], reading: AsyncExitStack) -> Stream:
        """Send once and leave the body to be read inside `reading`."""
        self._breaker.check()
        request = await self._request(call)
        async with AsyncExitStack() as stack:
            ticket = await stack.enter_async_context(self._gate.admitted())
            started = self._clock.monotonic()
            try:
                stream = await self._follow(request, stack)
                verdict = await self._refusal(stream, call)
            except TransportError as error:
                self._learn(call, ticket, started, error)
                raise
            finally:
                self._breaker.abandoned()
            self._learn(call, ticket, started, verdict, stream.status)
            if verdict is not None:
                raise verdict
            await reading.enter_async_context(stack.pop_all())
        return stream

    async def _follow(self, request: Request, stack: AsyncExitStack) -> Stream:
        """Open a request, going after redirects; other origins are not shown the credentials."""
        stream = await stack.enter_async_context(self._http.open(request))
        for _ in range(MOST_REDIRECTS):
            location = stream.headers.get("location")
            if request.method != "GET" or not location or stream.status not in REDIRECTS:
                break
            request = self._sites.redirected(request, location)
            stream = await stack.enter_async_context(self._http.open(request))
        return stream

    async def _refusal(self, stream: Stream, call: Call[Any]) -> KoboError | None:
        if stream.status < 300:
            return None
        verdict = judge(await stream.read(), call, now=self._clock.wall())
        return verdict if isinstance(verdict, KoboError) else None

    async def _request(self, call: Call[Any]) -> Request:
        authorization = await self._auth.header()
        content, media_type = call.content
        headers = {"Accept": call.op.accept}
        if media_type:
            headers["Content-Type"] = media_type
        if authorization:
            headers["Authorization"] = authorization.reveal()
        return Request(
            method=call.op.method,
            url=await self._sites.address(call.op.site) + call.target,
            headers=headers,
            content=content,
            form=call.form,
            files=call.files,
            label=call.label,
        )

    def _learn(
        self,
        call: Call[Any],
        ticket: Ticket,
        started: float,
        verdict: Any,
        status: int | None = None,
        size: int | None = None,
    ) -> None:
        seconds = self._clock.monotonic() - started
        if isinstance(verdict, TransportError | ServerBusy):
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        if isinstance(verdict, RateLimited | ServerBusy | RequestTimeout):
            self._gate.refused(ticket)
        elif size is not None and not isinstance(verdict, KoboError):
            self._gate.succeeded(seconds, size)
        wait = asked_to_wait(verdict) if isinstance(verdict, ApiError) else None
        if wait and wait <= self._settings.retry.longest_pause:
            self._gate.pause(wait)
        self._notify(Replied(call.label, status, seconds))

    async def _make_sure_of_identity(self, reply: Reply, call: Call[Any]) -> None:
        if self._auth.anonymous or not self._identity.doubtful(reply, call):
            return
        try:
            await self._settled(self._identity.probe)
        except AuthenticationFailed as error:
            raise AuthenticationFailed(
                error.status, f"{NOBODY}: {error.message}", call.label, error.body
            ) from error
        self._identity.header_stripped = reply.status < 300

    def _notify(self, event: Event) -> None:
        for observer in self._observers:
            observer(event)


def _hides_existence(error: KoboError) -> bool:
    return isinstance(error, ApiError) and error.status == 404
