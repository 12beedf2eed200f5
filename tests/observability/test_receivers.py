"""What is counted and traced of a receiver."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer
from prometheus_client import CollectorRegistry

from kobo_async.observability.metrics import Metrics
from kobo_async.observability.tracing import Traces
from kobo_async.webhook.events import Received, Refused, SetAside, Worked

GOOD = Worked("a1", "take", 3, began=100.0, seconds=2.0)
BAD = Worked("a1", "run", 0, began=200.0, seconds=1.0, error="ServerBusy")
EVENTS = [Received("a1", known=False), Received("a1", known=True), Refused(401), GOOD, BAD]


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for event in (*EVENTS, SetAside("a1", "u", "ValueError")):
        metrics(event)
    return registry


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("kobo_deliveries_total", {"known": "false"}, 1),
        ("kobo_deliveries_total", {"known": "true"}, 1),
        ("kobo_set_aside_total", {}, 1),
        ("kobo_submissions_total", {"what": "take"}, 3),
        ("kobo_work_seconds_sum", {"what": "take"}, 2),
        ("kobo_last_success_timestamp_seconds", {"what": "take"}, 102),
        ("kobo_errors_total", {"what": "run", "error": "ServerBusy"}, 1),
        ("kobo_last_success_timestamp_seconds", {"what": "run"}, None),
    ],
)
def test_everything_is_counted(
    registry: CollectorRegistry, name: str, labels: Mapping[str, str], value: float | None
):
    assert registry.get_sample_value(name, {"asset": "a1", **labels}) == value


def test_refusals_are_counted_by_status(registry: CollectorRegistry):
    assert registry.get_sample_value("kobo_refused_total", {"status": "401"}) == 1


def test_work_is_traced_with_its_times(tracer: Tracer, spans: InMemorySpanExporter):
    traces = Traces(tracer)
    for event in (*EVENTS, SetAside("a1", "u", "ValueError")):
        traces(event)
    take, run, aside = spans.get_finished_spans()
    assert (take.name, take.start_time, take.end_time) == ("kobo take", 100 * 10**9, 102 * 10**9)
    assert take.attributes == {"kobo.asset": "a1", "kobo.submissions": 3}
    assert take.status.status_code is StatusCode.UNSET
    assert (run.name, run.status.status_code) == ("kobo run", StatusCode.ERROR)
    assert run.attributes["error.type"] == "ServerBusy"
    assert (aside.name, aside.attributes["kobo.root_uuid"]) == ("kobo set aside", "u")


def test_without_a_tracer_the_one_of_the_program_is_used():
    Traces()(GOOD)
