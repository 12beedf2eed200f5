"""What is counted and traced of a receiver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.trace import NonRecordingSpan, Span, Status, StatusCode, Tracer
from opentelemetry.trace.span import INVALID_SPAN_CONTEXT
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


class Recorded(NonRecordingSpan):
    """A span that remembers."""

    def __init__(self, name: str, begins: int | None, attributes: Any) -> None:
        super().__init__(INVALID_SPAN_CONTEXT)
        self.name, self.begins, self.ends = name, begins, None
        self.attributes = dict(attributes or {})
        self.status = Status()

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_status(self, status: Any, *_: Any) -> None:
        self.status = status

    def end(self, end_time: Any = None) -> None:
        self.ends = end_time


class Recorder(Tracer):
    """A tracer that remembers its spans."""

    def __init__(self) -> None:
        self.spans: list[Recorded] = []

    def start_span(self, name: str, **options: Any) -> Span:
        span = Recorded(name, options.get("start_time"), options.get("attributes"))
        self.spans.append(span)
        return span

    def start_as_current_span(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def test_work_is_traced_with_its_times():
    tracer = Recorder()
    traces = Traces(tracer)
    for event in (*EVENTS, SetAside("a1", "u", "ValueError")):
        traces(event)
    take, run, aside = tracer.spans
    assert (take.name, take.begins, take.ends) == ("kobo take", 100 * 10**9, 102 * 10**9)
    assert take.attributes == {"kobo.asset": "a1", "kobo.submissions": 3}
    assert take.status.status_code is StatusCode.UNSET
    assert (run.name, run.status.status_code) == ("kobo run", StatusCode.ERROR)
    assert run.attributes["error.type"] == "ServerBusy"
    assert (aside.name, aside.attributes["kobo.root_uuid"]) == ("kobo set aside", "u")


def test_without_a_tracer_the_one_of_the_program_is_used():
    Traces()(GOOD)
