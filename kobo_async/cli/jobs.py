"""What a command has the client do: for real, or on paper with `--dry-run`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.options import dry_run_option, json_option
from kobo_async.cli.plans import Planned, show_plan
from kobo_async.cli.progress import waiting
from kobo_async.cli.runner import run

if TYPE_CHECKING:
    from kobo_async.api import Api

T = TypeVar("T")
Job: TypeAlias = "Callable[[Api], Coroutine[Any, Any, T]]"


@attrs.frozen
class Way:
    """How a command is carried out: where, in which words, and whether for real."""

    connection: Connection
    as_json: bool
    dry: bool = False


def reads(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that changes nothing; it gets a `Way`."""

    @json_option
    @connected
    @wraps(function)
    def wrapper(connection: Connection, *, as_json: bool, **rest: Any) -> Any:
        return function(Way(connection, as_json), **rest)

    return wrapper


def writes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that changes something; it gets a `Way`."""

    @json_option
    @dry_run_option
    @connected
    @wraps(function)
    def wrapper(connection: Connection, *, as_json: bool, dry: bool, **rest: Any) -> Any:
        return function(Way(connection, as_json, dry), **rest)

    return wrapper


def fetched(way: Way, job: Job[T]) -> T:
    """Do a job that changes nothing, and return its result."""
    return run(lambda: _done(way.connection, job))


def perform(way: Way, job: Job[T], tell: Callable[[T], None], *, title: str = "") -> None:
    """Do a job and tell of its result; on a dry run show what would be sent instead.

    Of jobs that take a while, a terminal shows the title.
    """
    if way.dry:
        show_plan(run(lambda: _planned(way.connection, job)), as_json=way.as_json)
        return
    with waiting(title):
        result = fetched(way, job)
    tell(result)


async def _done(connection: Connection, job: Job[T]) -> T:
    async with connection.client() as client:
        return await job(client)


async def _planned(connection: Connection, job: Job[Any]) -> Planned:
    async with connection.client() as client, client.dry_run() as dry:
        await job(dry)
    return Planned(tuple(dry.calls), whole=not dry.ended)
