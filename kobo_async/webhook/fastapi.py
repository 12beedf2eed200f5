"""A receiver inside a FastAPI service (extra `webhook`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from kobo_async.api import Api
from kobo_async.extras import needed
from kobo_async.webhook.access import Access
from kobo_async.webhook.asgi import HEALTH, Receiver, health
from kobo_async.webhook.events import Observer
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project

with needed("webhook"):
    from fastapi import APIRouter, FastAPI, Response
    from fastapi.responses import JSONResponse

if TYPE_CHECKING:
    from kobo_async.observability.metrics import Metrics

PATH: Final = "/kobo"
METRICS: Final = "/metrics"


def create_ingestion(
    app: FastAPI,
    client: Api,
    projects: Iterable[Project],
    *,
    inbox: str | PathLike[str],
    access: Access | str | None = None,
    insecure: bool = False,
    path: str = PATH,
    metrics: bool = False,
    tracing: bool = False,
    observers: Iterable[Observer] = (),
    **options: Any,
) -> Ingestion:
    """Keep mirrors of some projects equal to the server while a FastAPI application runs.

    It takes deliveries at `POST {path}/{uid}`, which is the address to give to REST services, and
    tells how it does at `GET /healthz`. It runs inside the application's lifespan: a client that
    the application closes there is still open.

    Args:
        app: the application.
        client: of the server.
        projects: what to follow, and into which mirrors.
        inbox: path of the file that deliveries are kept in until they are dealt with.
        access: who may deliver: a shared secret as text, `SharedSecret`, or `BasicLogin`.
        insecure: let everybody deliver, where no access is given.
        path: where deliveries arrive.
        metrics: count for Prometheus, and tell at `GET /metrics`; needs `observability`.
        tracing: write OpenTelemetry spans; needs `observability`.
        observers: told of what happens.
        options: `every`, `patience`, `grace` and `clock` of `Ingestion`.

    Errors: ConfigError without a secret.
    """
    counted = _metrics() if metrics else None
    watching = [*observers, *([counted] if counted else ()), *([_traces()] if tracing else ())]
    ingestion = Ingestion(client, projects, inbox=inbox, observers=watching, **options)
    app.mount(path, Receiver(ingestion, access, insecure=insecure))
    app.include_router(_router(ingestion, counted))
    return ingestion


def _router(ingestion: Ingestion, metrics: Metrics | None) -> APIRouter:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with ingestion.running():
            yield

    async def tell_health() -> Response:
        answer = await health(ingestion)
        return JSONResponse(answer.body, answer.status)

    async def tell_metrics() -> Response:
        assert metrics is not None
        metrics.note(await ingestion.health())
        return Response(metrics.text(), media_type=metrics.media_type)

    router = APIRouter(lifespan=lifespan)
    router.add_api_route(HEALTH, tell_health, methods=["GET"])
    if metrics:
        router.add_api_route(METRICS, tell_metrics, methods=["GET"], include_in_schema=False)
    return router


def _metrics() -> Metrics:
    from kobo_async.observability.metrics import Metrics  # noqa: PLC0415 - an optional dependency

    return Metrics()


def _traces() -> Observer:
    from kobo_async.observability.tracing import Traces  # noqa: PLC0415 - an optional dependency

    return Traces()
