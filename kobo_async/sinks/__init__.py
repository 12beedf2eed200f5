"""Places where downloads go: `sink_for` chooses one by the suffix or the scheme of a target."""

from __future__ import annotations

from kobo_async.sinks.base import Row, Sink, TableSink, Target
from kobo_async.sinks.csv import Csv
from kobo_async.sinks.destinations import Destination, destination, sink_for
from kobo_async.sinks.jsonl import JsonLines, JsonLinesStream

__all__ = [
    "Csv",
    "Destination",
    "JsonLines",
    "JsonLinesStream",
    "Row",
    "Sink",
    "TableSink",
    "Target",
    "destination",
    "sink_for",
]
