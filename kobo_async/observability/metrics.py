"""Counts what clients and receivers do, for Prometheus (extra `observability`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kobo_async.events import (
    BreakerChanged,
    DownloadEnded,
    LimitChanged,
    Paused,
    Replied,
    Retrying,
)
from kobo_async.extras import needed
from kobo_async.observability.describing import Event
from kobo_async.webhook.events import Received, Refused, SetAside, Worked

with needed("observability"):
    from prometheus_client import (
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        generate_latest,
    )

if TYPE_CHECKING:
    from kobo_async.webhook.ingestion import ProjectHealth

BUCKETS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """An observer that fills a registry, one of its own unless another is given.

    Of clients: `kobo_request_seconds{operation,status}`, `kobo_retries_total{error}`,
    `kobo_paused_seconds_total`, `kobo_requests_allowed`, `kobo_held_back`,
    `kobo_downloads_total{asset,outcome}`, `kobo_download_rows_total{asset}`,
    `kobo_download_seconds{asset}`.

    Of receivers: `kobo_deliveries_total{asset,known}`, `kobo_refused_total{status}`,
    `kobo_set_aside_total{asset}`, `kobo_work_seconds{asset,what}`,
    `kobo_submissions_total{asset,what}`, `kobo_errors_total{asset,what,error}`,
    `kobo_last_success_timestamp_seconds{asset,what}`; and, as far as it is given the health,
    `kobo_pending{asset}`, `kobo_lag_seconds{asset}` and `kobo_breaker_open{asset}`.
    """

    media_type: Final = CONTENT_TYPE_LATEST

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._client = _ClientMetrics(self.registry)
        self._receiver = _ReceiverMetrics(self.registry)

    def note(self, health: Mapping[str, ProjectHealth]) -> None:
        """Take over how an ingestion does."""
        self._receiver.note(health)

    def text(self) -> bytes:
        """Return everything in the text format that Prometheus reads."""
        return generate_latest(self.registry)

    def __call__(self, event: Event) -> None:
        """Count an event."""
        self._client.count(event)
        self._receiver.count(event)


class _ClientMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "kobo_request_seconds",
            "Duration of requests",
            ("operation", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
        self._retries = Counter(
            "kobo_retries", "Requests that were sent again", ("error",), registry=registry
        )
        self._paused = Counter(
            "kobo_paused_seconds", "Time that the server asked to wait", registry=registry
        )
        self._allowed = Gauge(
            "kobo_requests_allowed", "Requests at a time, at most", registry=registry
        )
        self._held = Gauge("kobo_held_back", "Whether nothing is sent", registry=registry)
        self._downloads = Counter(
            "kobo_downloads", "Downloads that ended", ("asset", "outcome"), registry=registry
        )
        self._rows = Counter(
            "kobo_download_rows", "Submissions delivered", ("asset",), registry=registry
        )
        self._seconds = Histogram(
            "kobo_download_seconds",
            "Duration of downloads",
            ("asset",),
            buckets=BUCKETS,
            registry=registry,
        )

    def count(self, event: Event) -> None:
        match event:
            case Replied(_, status, seconds, operation):
                self._requests.labels(operation, str(status or "none")).observe(seconds)
            case Retrying(_, error):
                self._retries.labels(type(error).__name__).inc()
            case Paused(seconds):
                self._paused.inc(seconds)
            case LimitChanged(limit):
                self._allowed.set(limit)
            case BreakerChanged(is_open):
                self._held.set(is_open)
            case DownloadEnded(_, asset, delivered, complete, seconds, error):
                outcome = error or ("complete" if complete else "incomplete")
                self._downloads.labels(asset, outcome).inc()
                self._rows.labels(asset).inc(delivered)
                self._seconds.labels(asset).observe(seconds)


class _ReceiverMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        work = ("asset", "what")
        self._deliveries = Counter(
            "kobo_deliveries", "Deliveries that were kept", ("asset", "known"), registry=registry
        )
        self._refused = Counter(
            "kobo_refused", "Requests that were refused", ("status",), registry=registry
        )
        self._aside = Counter(
            "kobo_set_aside", "Deliveries that were given up", ("asset",), registry=registry
        )
        self._seconds = Histogram(
            "kobo_work_seconds", "Duration of work", work, buckets=BUCKETS, registry=registry
        )
        self._submissions = Counter(
            "kobo_submissions", "Submissions taken, or changed by runs", work, registry=registry
        )
        self._errors = Counter(
            "kobo_errors", "Work that ended in an error", (*work, "error"), registry=registry
        )
        self._success = Gauge(
            "kobo_last_success_timestamp_seconds", "Last good end of work", work, registry=registry
        )
        self._pending = Gauge("kobo_pending", "Deliveries that wait", ("asset",), registry=registry)
        self._lag = Gauge(
            "kobo_lag_seconds", "Age of the oldest of them", ("asset",), registry=registry
        )
        self._breaker = Gauge(
            "kobo_breaker_open", "Whether requests are held back", ("asset",), registry=registry
        )

    def note(self, health: Mapping[str, ProjectHealth]) -> None:
        for uid, one in health.items():
            self._pending.labels(uid).set(one.pending)
            self._lag.labels(uid).set(one.lag)
            self._breaker.labels(uid).set(one.breaker == "open")

    def count(self, event: Event) -> None:
        match event:
            case Received(asset, known):
                self._deliveries.labels(asset, str(known).lower()).inc()
            case Refused(status):
                self._refused.labels(str(status)).inc()
            case SetAside(asset):
                self._aside.labels(asset).inc()
            case Worked():
                self._count_work(event)

    def _count_work(self, work: Worked) -> None:
        labels = (work.asset, work.what)
        self._seconds.labels(*labels).observe(work.seconds)
        if work.error:
            self._errors.labels(*labels, work.error).inc()
            return
        self._submissions.labels(*labels).inc(work.submissions)
        self._success.labels(*labels).set(work.began + work.seconds)
