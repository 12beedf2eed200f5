"""What commands print: tables, JSON lines, and what became of many submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

from kobo_async.cli.failures import FAILED
from kobo_async.cli.jobs import Way
from kobo_async.cli.terminal import json_line, say, show_table

if TYPE_CHECKING:
    from kobo_async.models.asset import Asset
    from kobo_async.verbs.submissions import Outcome

T = TypeVar("T")
ASSETS = ("uid", "name", "type", "status", "submissions", "modified", "owner")
OUTCOMES = ("id", "done", "message")


def as_told(item: Any) -> Any:
    """Return a model as the JSON that the server sent."""
    from kobo_async.models.convert import unstructure  # noqa: PLC0415 - slow to import

    return unstructure(item)


def show(
    way: Way,
    columns: Sequence[str],
    items: Iterable[T],
    cells: Callable[[T], Sequence[object]],
    as_json: Callable[[T], Any] = as_told,
) -> None:
    """Print a table, or with `--json` one object per line."""
    if way.as_json:
        for item in items:
            click.echo(json_line(as_json(item)))
        return
    show_table(columns, [cells(item) for item in items])


def report(way: Way, text: str, **facts: Any) -> None:
    """Tell what was done: in words on stderr, or with `--json` on stdout."""
    if way.as_json:
        click.echo(json_line(facts))
    else:
        say(text)


def minute(moment: datetime | None) -> str:
    """Write a time as tables show it."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def show_assets(way: Way, assets: Iterable[Asset]) -> None:
    """Print what there is to know of assets at a glance."""
    show(way, ASSETS, assets, _asset)


def _asset(asset: Asset) -> tuple[object, ...]:
    count = asset.deployment__submission_count
    return (
        asset.uid,
        asset.name,
        asset.asset_type,
        asset.deployment_status,
        "?" if count is None else count,
        minute(asset.date_modified),
        asset.owner__username,
    )


def show_outcomes(way: Way, outcomes: Sequence[Outcome], done: str) -> None:
    """Print what became of each submission; end with 1 where something is not done."""
    show(
        way,
        OUTCOMES,
        outcomes,
        lambda one: (one.id, "yes" if one.done else "no", one.message),
        attrs.asdict,
    )
    succeeded = sum(outcome.done for outcome in outcomes)
    say(f"{succeeded} of {len(outcomes)} {done}")
    if succeeded < len(outcomes):
        raise click.exceptions.Exit(FAILED)
