"""Events in words and as fields."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from kobo_async import events as client
from kobo_async.webhook import events as receiver

Event: TypeAlias = client.Event | receiver.Event
CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def name(event: Event) -> str:
    """Return what an event is called in logs: `download_ended`."""
    return CAPITAL.sub("_", type(event).__name__).lower()


def fields(event: Event) -> Mapping[str, Any]:
    """Return the fields of an event as plain values; of an error, its name."""
    told = attrs.asdict(event, recurse=False)
    return {
        key: type(value).__name__ if isinstance(value, Exception) else value
        for key, value in told.items()
    }


def level(event: Event) -> int:
    """Return how much an event matters."""
    match event:
        case client.DownloadEnded(error=error) | receiver.Worked(error=error) if error:
            return logging.ERROR
        case receiver.SetAside():
            return logging.ERROR
        case client.Retrying() | client.Paused() | receiver.Refused():
            return logging.WARNING
        case client.BreakerChanged(is_open):
            return logging.WARNING if is_open else logging.INFO
        case client.DownloadBegan() | client.DownloadEnded() | receiver.Worked():
            return logging.INFO
    return logging.DEBUG


def sentence(event: Event) -> str:
    """Say in a few words what happened."""
    return SENTENCES[type(event)](event)


def _replied(event: client.Replied) -> str:
    answer = "brought no reply" if event.status is None else f"answered {event.status}"
    return f"{event.request} {answer} after {event.seconds:.2f} s"


def _retrying(event: client.Retrying) -> str:
    kind = type(event.error).__name__
    return f"{event.request} failed, {kind}; attempt {event.attempt + 1} in {event.wait:.1f} s"


def _download_ended(event: client.DownloadEnded) -> str:
    state = event.error or ("complete" if event.complete else "not read to its end")
    rows = f"{event.delivered} rows in {event.seconds:.1f} s"
    return f"download of {event.asset} ended, {state}: {rows}"


def _worked(event: receiver.Worked) -> str:
    end = f"ended by {event.error}" if event.error else f"{event.submissions} submissions"
    return f"{event.what} for {event.asset}: {end} in {event.seconds:.1f} s"


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    client.Replied: _replied,
    client.Retrying: _retrying,
    client.Paused: lambda event: f"the server asked to wait {event.seconds:.0f} s",
    client.LimitChanged: lambda event: f"up to {event.limit} requests at a time",
    client.BreakerChanged: lambda event: f"requests are {'held back' if event.open else 'sent'}",
    client.DownloadBegan: lambda event: f"download of {event.asset} began",
    client.DownloadEnded: _download_ended,
    receiver.Received: lambda event: f"delivery for {event.asset} kept",
    receiver.Refused: lambda event: f"request refused with {event.status}",
    receiver.Worked: _worked,
    receiver.SetAside: lambda event: f"delivery for {event.asset} given up, {event.error}",
}
