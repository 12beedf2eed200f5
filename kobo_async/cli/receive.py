"""`kobo-async receive`: takes in what the server posts, and keeps a mirror true."""

from __future__ import annotations

import asyncio
import socket
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.mirrors import check_target, open_mirror
from kobo_async.cli.options import uid_argument
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import say
from kobo_async.cli.watching import duration_option
from kobo_async.errors import ConfigError
from kobo_async.extras import needed

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.webhook.access import Access
    from kobo_async.webhook.asgi import Receiver

STOP: Final = 5
"""Seconds for requests to end once it is told to stop."""
EPILOG = """\b
Example:
  python -c 'import secrets; print(secrets.token_urlsafe())' > secret
  kobo-async receive aBcD… -o sqlite:///wells.db --secret-file secret \\
      --port 8000 --public-url https://example.org/kobo --register
"""


@attrs.frozen(kw_only=True)
class Plan:
    """What to receive, and how."""

    connection: Connection
    uid: str
    target: str = attrs.field(repr=False)
    access: Access
    inbox: Path
    every: float
    host: str
    port: int
    endpoint: str | None


@click.command("receive", short_help="Receive what the server posts.", epilog=EPILOG)
@uid_argument
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="TARGET",
    help="Where the mirror is, as for `kobo-async sync`.",
)
@click.option(
    "--secret-file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File with the shared secret.",
)
@click.option("--username", help="Basic authentication as this user, with the secret as password.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--inbox",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where deliveries wait.  [default: UID.inbox.db]",
)
@click.option(
    "--every", type=duration_option, default="5m", show_default=True, help="Time between runs."
)
@click.option("--public-url", metavar="URL", help="What the server reaches this receiver by.")
@click.option("--register", is_flag=True, help="Have the server post there, or put that right.")
@connected
def command(
    connection: Connection, *, register: bool, public_url: str | None, **given: Any
) -> None:
    """Copy the submissions of project UID as the server posts them, until Ctrl-C or SIGTERM.

    A delivery is on disk before it is answered, and only says which submission to fetch. From time
    to time everything is compared as `kobo-async sync` does, which must not write to the same
    mirror meanwhile. Deliveries go to URL/UID; /healthz tells how it does.
    """
    if register and not public_url:
        raise click.UsageError("--register needs --public-url")
    check_target(given["target"], {})
    uid, secret = given.pop("uid"), _secret(given.pop("secret_file"))
    plan = Plan(
        connection=connection,
        uid=uid,
        access=_access(given.pop("username"), secret),
        inbox=given.pop("inbox") or Path(f"{uid}.inbox.db"),
        endpoint=f"{(public_url or '').rstrip('/')}/{uid}" if register else None,
        **given,
    )
    run(lambda: _receive(plan))
    say("stopped")


def _secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path} holds no secret: {error}") from error


def _access(username: str | None, secret: str) -> Access:
    from kobo_async.webhook.access import BasicLogin, SharedSecret  # noqa: PLC0415 - slow to import

    return BasicLogin(username, secret) if username else SharedSecret(secret)


async def _receive(plan: Plan) -> None:
    from kobo_async.webhook.asgi import Receiver  # noqa: PLC0415 - slow to import
    from kobo_async.webhook.ingestion import Ingestion  # noqa: PLC0415
    from kobo_async.webhook.project import Project  # noqa: PLC0415

    with _listener(plan.host, plan.port) as listener:
        async with (
            plan.connection.client() as client,
            open_mirror(plan.target, client=client, uid=plan.uid) as mirror,
        ):
            project = Project(plan.uid, mirror)
            ingestion = Ingestion(
                client,
                [project],
                inbox=plan.inbox,
                every=plan.every,
                observers=plan.connection.observers,
            )
            if plan.endpoint:
                await _register(client, plan, plan.endpoint)
            async with ingestion.running():
                await _serve(Receiver(ingestion, plan.access), listener)


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from error


async def _register(client: Api, plan: Plan, endpoint: str) -> None:
    from kobo_async.webhook.registration import register  # noqa: PLC0415 - slow to import

    found = await register(client, plan.uid, endpoint, plan.access)
    say(f"REST service {found.hook.uid}: {found.outcome}")


async def _serve(receiver: Receiver, listener: socket.socket) -> None:
    """Serve until this task is cancelled, and end in good order then."""
    with needed("webhook"):
        import uvicorn  # noqa: PLC0415 - an extra

    class Server(uvicorn.Server):
        def capture_signals(self) -> Any:
            """Leave signals to the runner, which cancels."""
            return nullcontext()

    server = Server(
        uvicorn.Config(
            receiver,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP,
        )
    )
    serving = asyncio.create_task(server.serve([listener]))
    host, port, *_ = listener.getsockname()
    say(f"receiving on {host}:{port}")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        server.should_exit = True
        await serving
