"""An event loop in a thread of its own, for callers that wait.

It starts with the first call. A call that is interrupted, by Ctrl-C say, is cancelled in the loop
and not left behind. A context manager is entered and left by one task, as cancel scopes demand.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from typing import Any, Generic, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")


class Loop:
    """Runs asynchronous functions for threads that wait for the result."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = ExitStack()
        self._portal: BlockingPortal | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def call(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Run a function to its end and return what it returns.

        Raises:
            RuntimeError: after `stop`, and inside the loop itself, from a callback say.
        """
        return self.begin(function, *args).result()

    def begin(self, function: Callable[..., Awaitable[T]], *args: Any) -> Job[T]:
        """Start a function."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a callback must not wait for the loop that it runs in")
        return Job(self._started(), function, args)

    def _started(self) -> BlockingPortal:
        with self._lock:
            if self._closed:
                raise RuntimeError("this client is closed: make another one")
            if self._portal is None:
                self._portal = self._running.enter_context(start_blocking_portal())
                self._thread = self._portal.call(threading.current_thread)
            return self._portal

    def stop(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """Run a last function, if any ran before, and end the thread. Once is enough."""
        if threading.current_thread() is self._thread:  # garbage is collected in any thread
            threading.Thread(target=self.stop, args=(farewell,)).start()
            return
        with self._lock:
            closed, self._closed = self._closed, True
        if self._portal is not None and not closed:
            with self._running:
                Job(self._portal, farewell, ()).result()


class Job(Generic[T]):
    """A function that runs in the loop. Whoever stops waiting for it stops it.

    Ctrl-C may come at any moment, also while the loop is taking the job over; so the job can be
    cancelled before anything is known of it.
    """

    def __init__(
        self, portal: BlockingPortal, function: Callable[..., Awaitable[T]], args: tuple[Any, ...]
    ) -> None:
        self._portal = portal
        self._function = function
        self._args = args
        self._scope: anyio.CancelScope | None = None
        self._stopped = False
        with self._stopped_when_interrupted():
            self.future: Future[T] = portal.start_task_soon(self._run)

    async def _run(self) -> T:
        if not self._stopped:
            with anyio.CancelScope() as self._scope:
                return await self._function(*self._args)
        raise CancelledError

    def result(self) -> T:
        """Wait for the result."""
        with self._stopped_when_interrupted():
            return self.future.result()

    @contextmanager
    def _stopped_when_interrupted(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            raise
        except BaseException:
            self.cancel()
            raise

    def cancel(self) -> None:
        """Stop the function, if it runs."""
        self._portal.start_task_soon(self._stop)

    async def _stop(self) -> None:
        self._stopped = True
        if self._scope is not None:
            self._scope.cancel()


class Held(Generic[T]):
    """An asynchronous context manager that a thread enters and leaves."""

    def __init__(self, loop: Loop, manager: AbstractAsyncContextManager[T]) -> None:
        self._loop = loop
        self._manager = manager
        self._entered: Future[T] = Future()
        self._life: Job[bool]
        self._leave: anyio.Event
        self._error: Exception | None = None

    def enter(self) -> T:
        """Enter, and return what the manager gives."""
        self._life = self._loop.begin(self._live)
        self._life.future.add_done_callback(self._never_entered)
        try:
            return self._entered.result()
        except BaseException:
            self._life.cancel()
            raise

    async def _live(self) -> bool:
        """Enter and leave in one task; tell whether the error of the block was taken care of."""
        self._leave = anyio.Event()
        try:
            async with self._manager as value:
                self._entered.set_result(value)
                await self._leave.wait()
                self._go_on_with_the_error()
        except Exception as error:
            if error is self._error:
                return False
            raise
        return self._error is not None

    def _go_on_with_the_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _never_entered(self, left: Future[bool]) -> None:
        if self._entered.done():
            return
        if left.cancelled() or (error := left.exception()) is None:
            self._entered.cancel()
        else:
            self._entered.set_exception(error)

    def leave(self, error: BaseException | None) -> bool:
        """Leave, and tell whether the error of the block is dealt with."""
        if error is not None and not isinstance(error, Exception):
            self._life.cancel()
            return False
        self._error = error
        self._loop.call(self._let_go)
        return self._life.result()

    async def _let_go(self) -> None:
        self._leave.set()
