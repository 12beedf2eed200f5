"""`kobo-async validate`: the validation status of submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from kobo_async.cli.jobs import Way, perform, writes
from kobo_async.cli.options import ids_argument, uid_argument, where_option
from kobo_async.cli.output import show_outcomes
from kobo_async.cli.rows import chosen

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.payloads import ValidationUid
    from kobo_async.verbs.outcomes import Outcome
    from kobo_async.verbs.selection import Selection

STATUSES: Final[dict[str, ValidationUid | None]] = {
    "approved": "validation_status_approved",
    "not-approved": "validation_status_not_approved",
    "on-hold": "validation_status_on_hold",
    "none": None,
}


@click.command("validate", short_help="Set the validation status of submissions.")
@uid_argument
@click.argument("status", type=click.Choice(list(STATUSES)))
@ids_argument
@where_option
@writes
def command(
    way: Way, *, uid: str, status: str, ids: tuple[int, ...], where: dict[str, Any] | None
) -> None:
    """Set the validation status of submissions of project UID, by _id (IDS) or by a query.

    `none` takes it away. What has the status already is not sent.
    """
    rows = chosen(uid, ids, where)
    perform(
        way,
        lambda api: _validate(api, rows, STATUSES[status]),
        lambda outcomes: show_outcomes(way, outcomes, f"validated as {status}"),
    )


async def _validate(api: Api, rows: Selection, status: ValidationUid | None) -> list[Outcome]:
    numbers = await rows.numbers(api.submissions)
    if not numbers:
        return []
    return await api.submissions.set_validation_status_many(
        rows.uid, dict.fromkeys(numbers, status)
    )
