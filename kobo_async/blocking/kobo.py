"""The client that waits: `KoboClient`, seen from a program without an event loop."""

from __future__ import annotations

import weakref
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Self, TypeVar

from kobo_async.blocking.loop import Loop
from kobo_async.blocking.proxies import Blocking, BlockingContext
from kobo_async.client import KoboClient, hide_secrets

T = TypeVar("T")


class Kobo(Blocking):
    """A client of one KoboToolbox server whose calls return when they are done.

        kobo = Kobo()  # server and token from KOBO_URL and KOBO_TOKEN, or the settings file
        for asset in kobo.assets.list():
            print(asset.name, kobo.submissions.count(asset.uid))
        with kobo.submissions.stream(uid) as rows:
            for row in rows:
                ...

    It has everything that `KoboClient` has, under the same names and with the same arguments, and
    does nothing by itself: calls run in an event loop in a thread of its own, and so also work
    where a loop is running already, as in notebooks. Threads may share it. Ctrl-C cancels the call
    that is under way. Functions given to it, such as `on_progress`, are called in that thread,
    and must not call it.

    It is closed by `close()`, at the end of a `with` block, and at the end of the program.

    Args:
        server: see `KoboClient`, as are all others.

    Errors: ConfigError when server or credentials are missing or cannot work.
    """

    _target: KoboClient

    def __init__(self, server: str | None = None, **others: Any) -> None:
        hide_secrets(others)
        client, loop = KoboClient(server, **others), Loop()
        super().__init__(client, loop)
        self._end = weakref.finalize(self, loop.stop, client.aclose)

    @classmethod
    def from_env(cls, **others: Any) -> Self:
        """Build a client from `KOBO_URL` and `KOBO_TOKEN`, or from the settings file."""
        hide_secrets(others)
        return cls(**others)

    def blocking(self, manager: AbstractAsyncContextManager[T]) -> AbstractContextManager[Any]:
        """Make an asynchronous context manager of this package, such as a mirror, go with `with`.

        What it gives can be handed to the methods of this client.
        """
        return BlockingContext(manager, self._loop)

    def close(self) -> None:
        """Close all connections, and end the thread. Calls under way are waited for."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._target).replace("KoboClient", "Kobo", 1)
