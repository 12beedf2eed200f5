"""Places where downloaded rows go: `sink_for` chooses one by the suffix of a file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kobo_async.errors import ConfigError
from kobo_async.sinks.base import Row, Sink
from kobo_async.sinks.csv import Csv
from kobo_async.sinks.jsonl import JsonLines, JsonLinesStream

__all__ = ["SUFFIXES", "Csv", "JsonLines", "JsonLinesStream", "Row", "Sink", "sink_for"]

SUFFIXES: Final[Mapping[str, Callable[[Path], Sink]]] = {
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".csv": Csv,
}


def sink_for(target: str | Path) -> Sink:
    """Return the sink that writes files of this name.

    Raises:
        ConfigError: for an unknown suffix, or a place where no file can be.
    """
    path = Path(target)
    make = SUFFIXES.get(path.suffix.lower())
    if make is None:
        known = ", ".join(SUFFIXES)
        raise ConfigError(f"{str(target)!r} does not say what to write: name a file with {known}")
    return make(path)
