"""An end of stdin that comes when it is wanted: a thread that waits for input cannot be woken."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from io import FileIO
from typing import Any, Final

STDIN: Final = 0
PIECE: Final = 65_536


async def served(serving: Coroutine[Any, Any, None]) -> None:
    """Await what reads stdin to its end; where this task is cancelled, let the end come at once."""
    original = os.dup(STDIN)
    reading, writing = os.pipe()
    os.dup2(reading, STDIN)
    os.close(reading)
    end = FileIO(writing, "w")  # knows whether it is closed: its number may be somebody else's then
    threading.Thread(target=_copy, args=(original, end), daemon=True).start()
    task = asyncio.create_task(serving)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        end.close()
        await task
        raise


def _copy(source: int, end: FileIO) -> None:
    with suppress(OSError, ValueError), FileIO(source) as original, end:
        while piece := original.read(PIECE):
            end.write(piece)
