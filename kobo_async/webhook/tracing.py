"""Writes what a receiver does as OpenTelemetry spans (extra `observability`)."""

from __future__ import annotations

from typing import Final

from kobo_async.extras import needed
from kobo_async.webhook.events import Event, SetAside, Worked

with needed("observability"):
    from opentelemetry.trace import Span, Status, StatusCode, Tracer, get_tracer

NANO: Final = 1_000_000_000


class Traces:
    """An observer that writes one span for each piece of work, once it is done.

    Spans are called `kobo take` and `kobo run`, and `kobo set aside` for a delivery that was given
    up; `kobo.asset`, `kobo.submissions` and `error.type` are among their attributes.
    """

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer or get_tracer("kobo_async")

    def __call__(self, event: Event) -> None:
        """Write down an event."""
        match event:
            case Worked():
                self._write_work(event)
            case SetAside(asset, root_uuid, error):
                attributes = {"kobo.asset": asset, "kobo.root_uuid": root_uuid}
                span = self._tracer.start_span("kobo set aside", attributes=attributes)
                _blame(span, error)
                span.end()

    def _write_work(self, work: Worked) -> None:
        span = self._tracer.start_span(f"kobo {work.what}", start_time=int(work.began * NANO))
        span.set_attribute("kobo.asset", work.asset)
        span.set_attribute("kobo.submissions", work.submissions)
        if work.error:
            _blame(span, work.error)
        span.end(end_time=int((work.began + work.seconds) * NANO))


def _blame(span: Span, error: str) -> None:
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR, error))
