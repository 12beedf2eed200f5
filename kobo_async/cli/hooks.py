"""`kobo-async hooks`: REST services of a project, and their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from kobo_async.cli.failures import FAILED
from kobo_async.cli.jobs import Way, fetched, perform, reads, writes
from kobo_async.cli.options import identifier, uid_argument
from kobo_async.cli.output import as_told, minute, show
from kobo_async.cli.secrets import masked, shown_address
from kobo_async.cli.terminal import say

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.models.hook import Hook, HookLog
    from kobo_async.verbs.hooks import Redelivery

HOOKS = ("uid", "name", "address", "active", "delivered", "pending", "failed")
LOGS = ("service", "uid", "submission", "status", "answer", "tries", "time", "message")
RETRIES = ("service", "uid", "outcome")
STATUSES = ("failed", "pending", "success", "processing")
hook_argument = click.argument("hook", type=identifier, required=False)


@attrs.frozen
class Delivery:
    """A delivery, and the service that it belongs to."""

    hook: str
    log: HookLog


@click.group("hooks")
def command() -> None:
    """List REST services and their deliveries, and repeat what failed."""


@command.command("list")
@uid_argument
@reads
def list_(way: Way, *, uid: str) -> None:
    """List the REST services of project UID, without passwords and headers."""
    found = fetched(way, lambda api: api.hooks.list(uid).all())
    show(way, HOOKS, found, _hook, lambda hook: masked(as_told(hook)))


def _hook(hook: Hook) -> tuple[object, ...]:
    counts = (hook.success_count, hook.pending_count, hook.failed_count)
    address = shown_address(hook.endpoint)
    return hook.uid, hook.name, address, "yes" if hook.active else "no", *counts


@command.command("logs")
@uid_argument
@hook_argument
@click.option("--status", type=click.Choice(STATUSES), help="Only deliveries in this state.")
@reads
def logs(way: Way, *, uid: str, hook: str | None, status: Any) -> None:
    """List the deliveries of service HOOK, or of all services of project UID, the newest first."""
    found = fetched(way, lambda api: _logs(api, uid, hook, status))
    show(way, LOGS, found, _log, lambda one: {"hook": one.hook, **as_told(one.log)})


async def _logs(api: Api, uid: str, hook: str | None, status: Any) -> list[Delivery]:
    filters = {"status": status} if status else {}
    services = [hook] if hook else [one.uid async for one in api.hooks.list(uid)]
    return [
        Delivery(service, log)
        for service in services
        for log in await api.hooks.logs(uid, service, **filters).all()
    ]


def _log(one: Delivery) -> tuple[object, ...]:
    log = one.log
    answer = "" if log.status_code is None else log.status_code
    state = log.status_str or log.status
    place = (one.hook, log.uid, log.submission_id, state, answer)
    return *place, log.tries, minute(log.date_modified), log.message


@command.command("retry")
@uid_argument
@hook_argument
@writes
def retry(way: Way, *, uid: str, hook: str | None) -> None:
    """Deliver again what failed, by service HOOK or by all of project UID, and wait for it.

    The receiver may get what it has already, where only its answer was lost.
    """
    perform(
        way,
        lambda api: _retry(api, uid, hook),
        lambda found: _tell(way, found),
        title="delivering again",
    )


async def _retry(api: Api, uid: str, hook: str | None) -> dict[str, Redelivery]:
    services = [hook] if hook else await _failing(api, uid)
    return {one: await api.hooks.retry_and_wait(uid, one) for one in services}


async def _failing(api: Api, uid: str) -> list[str]:
    return [one.uid async for one in api.hooks.list(uid) if one.active and one.failed_count]


def _tell(way: Way, found: dict[str, Redelivery]) -> None:
    outcomes = [
        (hook, log, outcome)
        for hook, redelivery in found.items()
        for outcome, logs in (("delivered", redelivery.delivered), ("failed", redelivery.failed))
        for log in logs
    ]
    show(way, RETRIES, outcomes, tuple, lambda one: dict(zip(RETRIES, one, strict=True)))
    failed = sum(outcome == "failed" for _, _, outcome in outcomes)
    say(f"{len(outcomes) - failed} of {len(outcomes)} delivered")
    if failed:
        raise click.exceptions.Exit(FAILED)
