"""A receiver inside a FastAPI service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from kobo_async import ConfigError, KoboClient
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.webhook.access import HEADER
from kobo_async.webhook.events import Event, Worked
from kobo_async.webhook.fastapi import create_ingestion
from kobo_async.webhook.project import Project
from tests.webhook.posting import SECRET, ask

pytestmark = pytest.mark.anyio


class Service:
    """A service with a client of its own."""

    def __init__(self, fake: FakeKobo, form: FakeForm, folder: Path, **options: Any) -> None:
        self.client = KoboClient("http://localhost", token=fake.token, app=fake)
        self.mirror = MemoryMirror()
        self.ran, self.taken = anyio.Event(), anyio.Event()
        self.app = FastAPI(lifespan=self._lifespan)
        self.closed_before_the_client = False
        self.ingestion = create_ingestion(
            self.app,
            self.client,
            [Project(form.uid, self.mirror)],
            inbox=folder / "inbox.db",
            access=SECRET,
            observers=[self._note],
            **options,
        )

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        async with self.client:
            yield
            self.closed_before_the_client = not self.ingestion.is_running

    def _note(self, event: Event) -> None:
        if isinstance(event, Worked):
            (self.ran if event.what == "run" else self.taken).set()

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Live as a server lets it live, until the first run is done."""
        async with self.app.router.lifespan_context(self.app):
            await self.ran.wait()
            yield

    async def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        return await ask(self.app, method, path, **request)


@pytest.fixture
async def service(fake: FakeKobo, form: FakeForm, tmp_path: Path) -> Service:
    return Service(fake, form, tmp_path)


async def test_it_lives_in_the_service(service: Service, form: FakeForm):
    secret = {HEADER: SECRET}
    async with service.started():
        (number,) = form.insert()
        body = {"meta/rootUuid": form.rows[number]["meta/rootUuid"]}
        path = f"/kobo/{form.uid}"
        for method, url, headers, status in (
            ("POST", path, {}, 401),
            ("GET", path, secret, 405),
            ("POST", "/kobo/other", secret, 404),
            ("POST", path, secret, 202),
        ):
            assert (
                await service.ask(method, url, json=body, headers=headers)
            ).status_code == status
        await service.taken.wait()
        assert service.mirror.rows[number] == form.rows[number]
        health = await service.ask("GET", "/healthz")
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        assert health.json()["projects"][form.uid]["last_success"]
        assert (await service.ask("GET", "/metrics")).status_code == 404
    assert (await service.ask("GET", "/healthz")).status_code == 503


async def test_it_ends_before_the_client_is_closed(service: Service):
    async with service.started():
        assert service.ingestion.is_running
    assert service.closed_before_the_client


async def test_it_counts_where_that_is_asked_for(fake: FakeKobo, form: FakeForm, tmp_path: Path):
    service = Service(fake, form, tmp_path, metrics=True, tracing=True, path="/hooks")
    async with service.started():
        assert (await service.ask("POST", f"/hooks/{form.uid}")).status_code == 401
        text = (await service.ask("GET", "/metrics")).text
    assert 'kobo_refused_total{status="401"} 1.0' in text
    assert f'kobo_submissions_total{{asset="{form.uid}",what="run"}} 4.0' in text
    assert f'kobo_pending{{asset="{form.uid}"}} 0.0' in text
    assert f'kobo_breaker_open{{asset="{form.uid}"}} 0.0' in text


async def test_it_does_not_start_without_a_secret(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    projects = [Project(form.uid, MemoryMirror())]
    with pytest.raises(ConfigError, match="insecure=True"):
        create_ingestion(FastAPI(), client, projects, inbox=tmp_path / "inbox.db")
