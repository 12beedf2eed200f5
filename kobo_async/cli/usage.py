"""`kobo-async usage`: how much of a plan is used up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from kobo_async.cli.jobs import Way, fetched, reads
from kobo_async.cli.output import as_told, show
from kobo_async.cli.terminal import json_line, show_table

if TYPE_CHECKING:
    from kobo_async.models.usage import AssetUsage, Balance, ServiceUsage

COLUMNS = ("what", "this period", "all time", "limit", "left")
NLP = {
    "asr_seconds": "seconds transcribed",
    "mt_characters": "characters translated",
    "llm_requests": "language model requests",
}
PROJECTS = ("uid", "name", "this period", "all time", "storage bytes")


@click.command("usage", short_help="Show what the account uses of its plan.")
@click.option("--projects", is_flag=True, help="Submissions and storage of each project instead.")
@reads
def command(way: Way, *, projects: bool) -> None:
    """Show what the account uses: submissions, storage, transcription, translation.

    Numbers are up to 15 minutes old. Submissions that were deleted stay counted.
    """
    if projects:
        show(way, PROJECTS, fetched(way, lambda api: api.usage.assets().all()), _project)
        return
    usage = fetched(way, lambda api: api.usage.service())
    if way.as_json:
        click.echo(json_line(as_told(usage)))
    else:
        show_table(COLUMNS, _account(usage))


def _project(usage: AssetUsage) -> tuple[object, ...]:
    return (
        usage.uid,
        usage.asset__name,
        usage.submission_count_current_period,
        usage.submission_count_all_time,
        usage.storage_bytes,
    )


def _account(usage: ServiceUsage) -> Iterator[tuple[object, ...]]:
    sent, nlp, left = usage.total_submission_count, usage.total_nlp_usage, usage.balances
    yield "submissions", sent.current_period, sent.all_time, *_limit(left.submission)
    yield "storage bytes", "", usage.total_storage_bytes, *_limit(left.storage_bytes)
    for name, what in NLP.items():
        now, ever = getattr(nlp, f"{name}_current_period"), getattr(nlp, f"{name}_all_time")
        yield what, now, ever, *_limit(getattr(left, name))


def _limit(balance: Balance | None) -> tuple[object, object]:
    return ("", "") if balance is None else (balance.effective_limit, balance.balance_value)
