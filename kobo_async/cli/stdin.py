"""An end of stdin that comes when it is wanted: a thread that waits for input cannot be woken."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

STDIN: Final = 0
PIECE: Final = 65_536


async def served(serving: Coroutine[Any, Any, None]) -> None:
    """Await what reads stdin to its end; where this task is cancelled, let the end come at once."""
    original = os.dup(STDIN)
    reading, writing = os.pipe()
    os.dup2(reading, STDIN)
    os.close(reading)
    threading.Thread(target=_copy, args=(original, writing), daemon=True).start()
    task = asyncio.create_task(serving)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        os.close(writing)
        await task
        raise


def _copy(source: int, target: int) -> None:
    with suppress(OSError):  # nobody reads any more
        while piece := os.read(source, PIECE):
            os.write(target, piece)
        os.close(target)
