"""Spans that are kept, and records that are logged."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from kobo_async.testing import FakeForm, FakeKobo


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Wells", rows=3500)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans: InMemorySpanExporter) -> Tracer:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider.get_tracer("test")
