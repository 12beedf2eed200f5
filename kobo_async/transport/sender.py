"""One call, from value to result: the order of everything that guards it.

authenticate, retry( guard( request, judge, learn ) ), identify, structure the result.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeAlias, TypeVar

import anyio
import attrs

from kobo_async.call import Call, Op
from kobo_async.clock import Clock
from kobo_async.config import Settings
from kobo_async.errors import AuthenticationFailed, KoboError, NotFound, UnexpectedShape
from kobo_async.events import Event, Observer, Retrying
from kobo_async.models.convert import structure, structure_all
from kobo_async.pages import Page, Pages, paged
from kobo_async.transport.auth import Authenticator
from kobo_async.transport.guard import Guard
from kobo_async.transport.http import Http, Request
from kobo_async.transport.retry import may_be_done, retrying
from kobo_async.transport.sites import Sites
from kobo_async.transport.stream import Stream
from kobo_async.wire import Reply, judge

T = TypeVar("T")
Outcome: TypeAlias = tuple[Reply, Any]
"""A reply and its meaning: a value, or an error."""

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS: Final = 5

NOBODY: Final = "the server took the request for an anonymous one, although credentials were sent"


class Identity:
    """Whether the server recognises the caller.

    A server that does not know the credentials may answer 200 with empty lists, or 404
    (`observed §1`). Replies to a recognised caller carry his name in a header. Where it is
    missing, `probe`, a call that only a recognised caller may make, decides. A proxy that strips
    the header is found out by the probe's own reply, and then believed.
    """

    def __init__(self, probe: Call[Any]) -> None:
        self.probe = probe
        self.header_stripped = False
        self.one_at_a_time = anyio.Lock()

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
    _guard: Guard
    _identity: Identity
    _clock: Clock
    _observers: tuple[Observer, ...] = ()

    async def send(self, call: Call[T], /) -> T:
        """Send a call and return its result."""
        _, body = await self._answer(call)
        return structure(body, call.op.result, call.label)

    async def page(self, call: Call[T], /) -> Page[T]:
        """Fetch one page of a list."""
        _, body = await self._answer(call)
        page = paged(call, body)
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
        async with AsyncExitStack() as reading:
            reply, verdict = await self._settle(call, self._begin, reading)
            if isinstance(verdict, KoboError):
                await self._make_sure_of_identity(reply, call)
                raise verdict
            yield verdict

    def observed(self, observer: Observer, /) -> HttpSender:
        """Return a sender to the same server that also tells `observer` of what happens."""
        return attrs.evolve(self, observers=(*self._observers, observer))

    def tell(self, event: Event, /) -> None:
        """Tell the observers of something."""
        for observer in self._observers:
            observer(event)

    async def _answer(self, call: Call[Any]) -> Outcome:
        """Send until there is a final answer, and make sure that it is meant for the caller."""
        reply, verdict = await self._settle(call, self._attempt)
        await self._make_sure_of_identity(reply, call)
        if isinstance(verdict, KoboError):
            raise verdict
        return reply, verdict

    async def _settle(
        self, call: Call[Any], attempt: Callable[..., Awaitable[Outcome]], *more: object
    ) -> Outcome:
        """Try until there is a final answer; what a lost attempt deleted is gone, not unknown."""
        lost = False

        def tell(event: Event) -> None:
            nonlocal lost
            lost |= isinstance(event, Retrying) and may_be_done(event.error)
            self.tell(event)

        loop = retrying(self._settings.retry, call.op, call.label, clock=self._clock, notify=tell)
        request, since = await self._request(call), self._clock.monotonic()
        outcome: Outcome = await loop(attempt, call, request, since, *more)
        reply, verdict = outcome
        return reply, None if lost and _is_gone(call.op, verdict) else verdict

    async def _attempt(self, call: Call[Any], request: Request, since: float) -> Outcome:
        """Send once."""
        async with self._guard.admitted(call, since, self.tell) as attempt:
            reply, verdict = self._judged(await self._http.request(request), call, request)
            attempt.learn(verdict, reply.status, len(reply.body))
        return reply, _final(verdict)

    async def _begin(
        self, call: Call[Any], request: Request, since: float, reading: AsyncExitStack
    ) -> Outcome:
        """Send once, and leave the body of a success to be read inside `reading`."""
        async with AsyncExitStack() as stack:
            attempt = await stack.enter_async_context(self._guard.admitted(call, since, self.tell))
            stream = await self._follow(request, stack)
            reply, verdict = await self._look(stream, call, request)
            attempt.learn(verdict, stream.status, 0)
            if not isinstance(verdict, KoboError):
                await reading.enter_async_context(stack.pop_all())
        return reply, _final(verdict)

    async def _follow(self, request: Request, stack: AsyncExitStack) -> Stream:
        """Open a request, going after redirects; other origins are not shown the credentials."""
        stream = await stack.enter_async_context(self._http.open(request))
        for _ in range(MOST_REDIRECTS):
            location = stream.headers.get("location")
            if request.method != "GET" or not location or stream.status not in REDIRECTS:
                break
            further = self._sites.redirected(request, location)
            if further is None:
                break
            await stream.aclose()
            request = further
            stream = await stack.enter_async_context(self._http.open(request))
        return stream

    async def _look(self, stream: Stream, call: Call[Any], request: Request) -> Outcome:
        if stream.status < 300 or stream.status in call.op.also_ok:
            return Reply(stream.status, stream.headers, b""), stream
        return self._judged(await stream.read(), call, request)

    def _judged(self, reply: Reply, call: Call[Any], request: Request) -> Outcome:
        """Judge a reply; an error is told without the credentials that the reply may echo."""
        now = self._clock.wall()
        verdict = judge(reply, call, now=now)
        if not isinstance(verdict, KoboError):
            return reply, verdict
        reply = reply.without(request.secret)
        return reply, judge(reply, call, now=now)

    async def _request(self, call: Call[Any]) -> Request:
        authorization = await self._auth.header()
        content, media_type = call.content
        headers = {"Accept": call.op.accept, **call.headers}
        if media_type:
            headers["Content-Type"] = media_type
        url = await self._sites.address(call.op.site) + call.target
        if authorization:
            headers["Authorization"] = authorization.reveal()
        return Request(
            method=call.op.method,
            url=url,
            headers=headers,
            content=content,
            form=call.form,
            files=call.files,
            label=call.label,
        )

    async def _make_sure_of_identity(self, reply: Reply, call: Call[Any]) -> None:
        if self._auth.anonymous or not self._identity.doubtful(reply, call):
            return
        async with self._identity.one_at_a_time:
            if self._identity.doubtful(reply, call):
                await self._probe(call)

    async def _probe(self, call: Call[Any]) -> None:
        probe = self._identity.probe
        try:
            answer, body = await self._answer(probe)
            if not answer.names_caller:
                structure(body, probe.op.result, probe.label)
        except UnexpectedShape as error:  # older servers tell nobody so with 200
            raise AuthenticationFailed(answer.status, NOBODY, call.label, body) from error
        except AuthenticationFailed as error:
            raise AuthenticationFailed(
                error.status, f"{NOBODY}: {error.message}", call.label, error.body
            ) from error
        self._identity.header_stripped = not answer.names_caller


def _is_gone(op: Op[Any], verdict: Any) -> bool:
    """Tell whether what was to be deleted is not there."""
    return op.method == "DELETE" and op.result is type(None) and isinstance(verdict, NotFound)


def _final(verdict: Any) -> Any:
    """Let pass what may be the last word: a value, or 404, which may mean that nobody asked."""
    if isinstance(verdict, KoboError) and not isinstance(verdict, NotFound):
        raise verdict
    return verdict
