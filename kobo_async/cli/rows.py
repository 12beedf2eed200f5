"""Which submissions a command is about: those named, those that match, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kobo_async.verbs.selection import Selection


def chosen(
    uid: str, ids: tuple[int, ...], where: dict[str, Any] | None, *, everything: bool = False
) -> Selection:
    """Return the submissions that were named in just one way."""
    from kobo_async.verbs.selection import Selection  # noqa: PLC0415 - slow to import

    if [bool(ids), where is not None, everything].count(True) != 1:
        raise click.UsageError("say which submissions: ids, or --where, or --all where it is known")
    if where is not None and not where:
        raise click.BadParameter("an empty query means all submissions", param_hint="--where")
    return Selection(uid, ids, where)
