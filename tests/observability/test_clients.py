"""What is counted and traced of a client: requests, repetitions, downloads."""

from __future__ import annotations

import sys
from importlib import import_module

import anyio
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span

from kobo_async import ConfigError, KoboClient, NotFound
from kobo_async.events import BreakerChanged, Event, LimitChanged, Observer, told_to
from kobo_async.observability.metrics import Metrics
from kobo_async.observability.tracing import Traces
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock

pytestmark = pytest.mark.anyio

DATA = "GET /api/v2/assets/{uid_asset}/data/"


def client_of(fake: FakeKobo, clock: FakeClock, on_event: Observer) -> KoboClient:
    return KoboClient(
        "http://localhost", token=fake.token, app=fake, clock=clock, on_event=on_event
    )


async def test_requests_and_downloads_are_counted(fake: FakeKobo, clock: FakeClock, form: FakeForm):
    metrics = Metrics()
    fake.faults.add(Fault.status(503, retry_after=7, times=1))
    async with client_of(fake, clock, metrics) as client:
        async with client.submissions.stream(form.uid) as rows:
            report = await rows.all() and rows.report
        with pytest.raises(NotFound):
            await client.submissions.count("nothing")
    value = metrics.registry.get_sample_value
    answered = {"operation": DATA, "status": "200"}
    assert value("kobo_request_seconds_count", answered) == report.requests - 1
    assert value("kobo_request_seconds_count", {**answered, "status": "503"}) == 1
    assert value("kobo_request_seconds_count", {**answered, "status": "404"}) == 1
    assert value("kobo_retries_total", {"error": "ServerBusy"}) == 1
    assert value("kobo_paused_seconds_total") == 7
    assert value("kobo_requests_allowed") >= 1
    ended = {"asset": form.uid, "outcome": "complete"}
    assert value("kobo_downloads_total", ended) == 1
    assert value("kobo_download_rows_total", {"asset": form.uid}) == 3500
    assert value("kobo_download_seconds_count", {"asset": form.uid}) == 1


async def test_downloads_that_fail_or_are_left_are_told_apart(
    fake: FakeKobo, clock: FakeClock, form: FakeForm
):
    metrics = Metrics()
    async with client_of(fake, clock, metrics) as client:
        async with client.submissions.stream(form.uid) as rows:
            await anext(rows)
        with pytest.raises(ZeroDivisionError):
            async with client.submissions.stream(form.uid) as rows:
                1 / 0  # noqa: B018 - the error of a consumer
    value = metrics.registry.get_sample_value
    for outcome in ("incomplete", "ZeroDivisionError"):
        assert value("kobo_downloads_total", {"asset": form.uid, "outcome": outcome}) == 1


@pytest.mark.parametrize("is_open", [True, False])
async def test_the_breaker_and_the_limit_are_told_as_they_are(is_open: bool):
    metrics = Metrics()
    for event in (LimitChanged(5), BreakerChanged(open=is_open)):
        metrics(event)
    assert metrics.registry.get_sample_value("kobo_held_back") == is_open
    assert metrics.registry.get_sample_value("kobo_requests_allowed") == 5
    assert b"kobo_held_back" in metrics.text()


async def test_requests_of_a_download_are_spans_below_it_with_their_times(
    fake: FakeKobo,
    clock: FakeClock,
    form: FakeForm,
    tracer: Tracer,
    spans: InMemorySpanExporter,
):
    fake.faults.add(Fault.status(503, retry_after=0, times=1))
    async with client_of(fake, clock, Traces(tracer)) as client:
        with tracer.start_as_current_span("job") as job:
            async with client.submissions.stream(form.uid) as rows:
                await rows.all()
            assert get_current_span() is job
    *requests, download, above = spans.get_finished_spans()
    assert above.name == "job"
    assert (download.name, download.parent.span_id) == ("kobo download", above.context.span_id)
    assert download.attributes == {
        "kobo.asset": form.uid,
        "kobo.rows": 3500,
        "kobo.complete": True,
    }
    assert {(span.name, span.kind) for span in requests} == {(DATA, SpanKind.CLIENT)}
    assert {span.parent.span_id for span in requests} == {download.context.span_id}
    assert all(span.start_time <= span.end_time for span in requests)
    (busy,) = [span for span in requests if span.status.status_code is StatusCode.ERROR]
    assert busy.attributes["http.response.status_code"] == 503
    assert busy.attributes["http.request.method"] == "GET"
    assert [event.name for event in download.events] == ["kobo retry"]


async def test_a_download_that_fails_is_blamed(
    fake: FakeKobo, clock: FakeClock, tracer: Tracer, spans: InMemorySpanExporter
):
    async with client_of(fake, clock, Traces(tracer)) as client:
        with pytest.raises(NotFound):
            async with client.submissions.stream("nothing") as rows:
                await rows.all()
    failed = named(spans, "kobo download")
    assert failed.attributes["error.type"] == "NotFound"
    assert not get_current_span().get_span_context().is_valid


async def test_a_request_without_a_reply_is_blamed(
    fake: FakeKobo, clock: FakeClock, tracer: Tracer, spans: InMemorySpanExporter
):
    fake.faults.add(Fault.reset(times=1))
    async with client_of(fake, clock, Traces(tracer)) as client:
        await client.me.get()
    first, second = spans.get_finished_spans()
    assert (first.name, first.attributes["error.type"]) == ("GET /me/", "no reply")
    assert second.attributes["http.response.status_code"] == 200


async def test_a_pause_is_an_event_of_the_span_around_it(
    fake: FakeKobo, clock: FakeClock, tracer: Tracer, spans: InMemorySpanExporter
):
    fake.faults.add(Fault.status(429, retry_after=9, times=1))
    async with client_of(fake, clock, Traces(tracer)) as client:
        with tracer.start_as_current_span("job"):
            await client.me.get()
    told = {event.name: event.attributes for event in named(spans, "job").events}
    assert told["kobo pause"] == {"kobo.wait": 9}
    assert told["kobo retry"]["error.type"] == "RateLimited"


async def test_downloads_at_the_same_time_have_each_their_own_requests(
    fake: FakeKobo, clock: FakeClock, tracer: Tracer, spans: InMemorySpanExporter
):
    uids = [fake.add_form(name, rows=3).uid for name in ("One", "Other")]
    async with client_of(fake, clock, Traces(tracer)) as client:

        async def download(uid: str) -> None:
            async with client.submissions.stream(uid) as rows:
                await rows.all()

        async with anyio.create_task_group() as group:
            for uid in uids:
                group.start_soon(download, uid)
    ended = spans.get_finished_spans()
    downloads = {span.context.span_id: span for span in ended if span.name == "kobo download"}
    requests = [span for span in ended if span.name == DATA]
    assert {span.attributes["kobo.asset"] for span in downloads.values()} == set(uids)
    for span in requests:
        above = downloads[span.parent.span_id]
        assert above.attributes["kobo.asset"] in span.attributes["kobo.request"]


@pytest.mark.parametrize(
    ("module", "missing"), [("metrics", "prometheus_client"), ("tracing", "opentelemetry.context")]
)
async def test_without_the_extra_it_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, missing: str
):
    monkeypatch.delitem(sys.modules, f"kobo_async.observability.{module}")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigError, match=r"kobo-async\[observability\]"):
        import_module(f"kobo_async.observability.{module}")


async def test_several_observers_hear_the_same(fake: FakeKobo, clock: FakeClock):
    one: list[Event] = []
    other: list[Event] = []
    async with client_of(fake, clock, told_to(one.append, other.append)) as client:
        await client.me.get()
    assert one == other != []


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (span,) = [span for span in spans.get_finished_spans() if span.name == name]
    return span
