"""A pause of the garbage collector.

Decoding pages and reading their cells makes so many objects, none of them in cycles, that the
collector looks for garbage all the time and finds none. Whoever does so, or collects a whole
project in memory, lets it rest; it goes on when the last of them is done, unless it was switched
off before.
"""

from __future__ import annotations

import gc
from threading import Lock
from typing import Final

MANY: Final = 100_000
"""New objects that take the collector long to look through."""


class CollectorPause:
    """A context that any number of tasks and threads may be in at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._was_on:
                _settle()
                gc.enable()


def _settle() -> None:
    """Take very many new objects for long-lived ones.

    The next one made would otherwise have all of them looked through. A few are left as they are,
    and all where something is frozen, since that would thaw.
    """
    if gc.get_count()[0] > MANY and not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


collector_pause = CollectorPause()
