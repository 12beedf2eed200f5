"""What became of submissions that were written one by one or in portions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

import attrs

from kobo_async.bulk.window import open_window
from kobo_async.models.openrosa import Receipt
from kobo_async.unanswered import PlanEnds

T = TypeVar("T")
R = TypeVar("R")

MISSING: Final = "no such submission in this project, or not visible to the caller"
THERE: Final = "was there already"
NOT_SENT: Final = "not sent: this is a dry run"


@attrs.frozen
class Outcome:
    """What became of one submission.

    Attributes:
        id: its `_id`, or the instance id where it has no `_id` yet.
        done: whether the server now has it as wanted.
        message: why not, in the server's words or ours, or what else there is to say.
    """

    id: int | str
    done: bool
    message: str = ""


@attrs.frozen
class Submitted(Outcome):
    """What became of a new submission.

    Attributes:
        duplicate: whether the server had just this one before (202), and did not store it (201).
    """

    duplicate: bool = False


def submitted(instance_id: str, receipt: Receipt) -> Submitted:
    """Say what a receipt means for a submission."""
    there = receipt.duplicate
    return Submitted(instance_id, done=True, message=THERE if there else "", duplicate=there)


def why(error: Exception) -> str:
    """Say why a submission was not written."""
    return NOT_SENT if isinstance(error, PlanEnds) else str(error)


async def each(job: Callable[[T], Awaitable[R]], items: Iterable[T], size: int) -> list[R]:
    """Do a job for each item, for up to `size` at the same time; return results in order."""
    results = []
    async with open_window(size) as window:
        ahead = window.ahead(job, iter(items))
        while (taken := ahead.take()) is not None:
            results.append(await taken[1].result())
    return results


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield items in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
