"""From a command, which waits, to the event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

from kobo_async.cli.failures import Terminated

T = TypeVar("T")


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end. Ctrl-C and SIGTERM cancel, so that everything is put in order first.

    The event loop is uvloop's where that is installed.

    Raises:
        KeyboardInterrupt: after Ctrl-C; `Terminated` after SIGTERM.
    """
    try:
        with asyncio.Runner(loop_factory=_event_loop()) as runner:
            return runner.run(_terminable(main))
    except asyncio.CancelledError:
        raise Terminated from None


def _event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        made: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ModuleNotFoundError:
        return None
    return made


async def _terminable(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await main()
