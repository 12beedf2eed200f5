"""The options that say which server, and the client they make."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import reduce, wraps
from typing import TYPE_CHECKING, Any

import attrs
import click

from kobo_async.cli.failures import DEBUG
from kobo_async.cli.terminal import LOG_JSON, LOGGER, say
from kobo_async.events import told_to

if TYPE_CHECKING:
    from kobo_async.client import KoboClient
    from kobo_async.observability.logs import Logs, Redacting


@attrs.frozen
class Connection:
    """Where to connect, as far as the command line says it."""

    server: str | None
    profile: str | None
    token: str | None = attrs.field(repr=False)
    allow_http: bool
    redacting: Redacting | None = None

    @property
    def observers(self) -> Sequence[Logs]:
        """Who is told of what happens, besides whoever the command has."""
        if self.redacting is None:
            return ()
        from kobo_async.observability.logs import Logs  # noqa: PLC0415 - seldom wanted

        return (Logs(),)

    def client(self, **settings: Any) -> KoboClient:
        """Make a client; what the command line leaves open comes from environment and file."""
        from kobo_async.client import KoboClient  # noqa: PLC0415 - slow to import

        if self.observers:
            others = [settings["on_event"]] if "on_event" in settings else []
            settings["on_event"] = told_to(*self.observers, *others)
        if self.allow_http:
            settings["allow_http"] = True
        settings.setdefault("token", self.token)
        client = KoboClient(self.server, profile=self.profile, **settings)
        if self.redacting:
            self.redacting.add(client.settings)
        return client


def _warned(_: click.Context, __: click.Parameter, token: str | None) -> str | None:
    if token is not None:
        say("--token stands in the history of the shell and the list of processes: use `login`")
    return token


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        ctx.meta[DEBUG] = True
        if LOG_JSON in ctx.meta:
            logging.getLogger(LOGGER).setLevel(logging.DEBUG)


def _log_json(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        from kobo_async.cli.logs import begin  # noqa: PLC0415 - seldom wanted

        ctx.meta[LOG_JSON] = begin(ctx)


debug_option = click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_remember,
    help="Show the traceback of errors.",
)

_ADDRESS = (
    click.option("-s", "--server", help="Address, or `global` or `eu`. [env: KOBO_URL]"),
    click.option("--profile", help="Profile in the settings file. [env: KOBO_PROFILE]"),
    click.option("--allow-http", is_flag=True, help="Send the token unencrypted."),
    debug_option,
    click.option(
        "--log-json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_log_json,
        help="Write lines of JSON to stderr: what happens, and what goes wrong.",
    ),
)
_TOKEN = click.option(
    "--token",
    callback=_warned,
    help="API token. Better set KOBO_TOKEN, a profile, or use `kobo-async login`: this one ends up "
    "in the history of the shell and in the list of processes.",
)


def connected(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the function gets them as its first argument, a `Connection`."""
    server, profile, *others = _ADDRESS
    return _with((server, profile, _TOKEN, *others), function)


def addressed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which server, but none for credentials."""
    return _with(_ADDRESS, function)


def _with(
    options: Sequence[Callable[..., Any]], function: Callable[..., Any]
) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(
        *,
        server: str | None,
        profile: str | None,
        allow_http: bool,
        token: str | None = None,
        **rest: Any,
    ) -> Any:
        redacting = click.get_current_context().meta.get(LOG_JSON)
        return function(Connection(server, profile, token, allow_http, redacting), **rest)

    return reduce(lambda made, option: option(made), reversed(options), wrapper)
