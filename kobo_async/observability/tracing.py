"""Writes what clients and receivers do as OpenTelemetry spans (extra `observability`).

A span is written when what it is about is over, with the times of then. Only a download is a span
from its beginning on, and the current one of its task: its requests are written below it, and so is
what the program does with the rows.
"""

from __future__ import annotations

import time
from contextvars import Token
from typing import Final

from kobo_async.events import DownloadBegan, DownloadEnded, Paused, Replied, Retrying
from kobo_async.extras import needed
from kobo_async.observability.describing import Event
from kobo_async.webhook.events import SetAside, Worked

with needed("observability"):
    from opentelemetry.context import Context, attach, detach
    from opentelemetry.trace import (
        Span,
        SpanKind,
        Status,
        StatusCode,
        Tracer,
        get_current_span,
        get_tracer,
        set_span_in_context,
    )

NANO: Final = 1_000_000_000
FAILED: Final = 400
"""The lowest status that is an error for whoever asked."""


class Traces:
    """An observer that writes spans.

    Of clients: one for each request, named by its operation, `GET /api/v2/assets/{uid_asset}/data/`
    say, with `http.request.method`, `http.response.status_code` and `kobo.request`; `kobo download`
    around those of a download, with `kobo.asset` and `kobo.rows`. Repetitions and pauses are events
    of the span around them.

    Of receivers: `kobo take` and `kobo run` for each piece of work, and `kobo set aside` for a
    delivery that was given up, with `kobo.asset` and `kobo.submissions`.

    Whatever failed has `error.type` among its attributes.
    """

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer or get_tracer("kobo_async")
        self._downloads: dict[int, tuple[Span, Token[Context]]] = {}

    def __call__(self, event: Event) -> None:
        """Write down an event."""
        match event:
            case Replied():
                self._write_request(event)
            case Retrying(request, error, attempt, wait):
                facts = {"kobo.request": request, "error.type": type(error).__name__}
                numbers = {"kobo.attempt": attempt, "kobo.wait": wait}
                get_current_span().add_event("kobo retry", {**facts, **numbers})
            case Paused(seconds):
                get_current_span().add_event("kobo pause", {"kobo.wait": seconds})
            case DownloadBegan(number, asset):
                span = self._tracer.start_span("kobo download", attributes={"kobo.asset": asset})
                self._downloads[number] = span, attach(set_span_in_context(span))
            case DownloadEnded():
                self._end_download(event)
            case Worked():
                self._write_work(event)
            case SetAside(asset, root_uuid, error_name):
                attributes = {"kobo.asset": asset, "kobo.root_uuid": root_uuid}
                span = self._tracer.start_span("kobo set aside", attributes=attributes)
                _blame(span, error_name)
                span.end()

    def _write_request(self, reply: Replied) -> None:
        end = time.time_ns()
        span = self._tracer.start_span(
            reply.operation,
            kind=SpanKind.CLIENT,
            start_time=end - int(reply.seconds * NANO),
            attributes={
                "http.request.method": reply.operation.partition(" ")[0],
                "kobo.request": reply.request,
            },
        )
        if reply.status is None:
            _blame(span, "no reply")
        else:
            span.set_attribute("http.response.status_code", reply.status)
            if reply.status >= FAILED:
                _blame(span, str(reply.status))
        span.end(end_time=end)

    def _end_download(self, event: DownloadEnded) -> None:
        """End the span; one that the program put above it stays the current one."""
        span, token = self._downloads.pop(event.number)
        span.set_attribute("kobo.rows", event.delivered)
        span.set_attribute("kobo.complete", event.complete)
        if event.error:
            _blame(span, event.error)
        span.end()
        if get_current_span() is span:
            detach(token)

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
