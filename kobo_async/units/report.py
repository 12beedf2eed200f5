"""What units did, and what that proves of the whole.

The ids of a plan are cut without a rest, and every unit proves by itself that it delivered each
row of its ids which existed all along (`kobo_async.bulk.download`). So a plan is complete if every
unit is, and if none is left out. Counts prove nothing, here as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final, TypeAlias

import attrs

from kobo_async.attachments.report import AttachmentsReport
from kobo_async.bulk.report import Completeness, Gap
from kobo_async.errors import ConfigError, IncompleteDownload
from kobo_async.units.plan import Files, Plan, Portable

Ids: TypeAlias = tuple[int, int]
SUMS: Final = (
    *("submissions", "downloaded", "replaced", "bytes", "unchanged", "renamed", "deleted"),
    *("requests", "seconds"),
)
"""Figures of an `AttachmentsReport` that add up."""


@attrs.frozen(kw_only=True)
class Done(Portable):
    """What a unit did.

    Attributes:
        asset: uid of the project.
        after, upto: the ids that the unit is about.
        report: what was delivered of them.
        bad: answers that did not fit the type of their question.
    """

    asset: str
    after: int
    upto: int
    report: Completeness | AttachmentsReport
    bad: int = 0

    @property
    def fault(self) -> str:
        """Why it is not complete; empty if it is."""
        if isinstance(self.report, AttachmentsReport):
            return "" if self.report.ok else str(self.report)
        within = self.after <= self.report.last_id <= self.upto
        return "" if self.report.complete and within else str(self.report)


@attrs.frozen(kw_only=True)
class Broken(Portable):
    """That a unit failed, and why."""

    asset: str
    after: int
    upto: int
    fault: str


@attrs.frozen(kw_only=True)
class PlanReport:
    """What was delivered of a whole plan.

    Attributes:
        total: the reports of all units as one; requests and seconds are added up, too.
        units: what each unit did, in the order of `_id`.
        gaps: the ids of units that are not complete.
    """

    total: Completeness | AttachmentsReport
    units: tuple[Done, ...]
    gaps: tuple[Gap, ...] = ()

    def __str__(self) -> str:
        return f"{len(self.units)} units; {self.total}"


def summed_up(plan: Plan, results: Iterable[Done | Broken]) -> PlanReport:
    """Put together what the units of a plan did; of two results of a unit the later one counts.

    Raises:
        IncompleteDownload: when a unit is left out, failed or is not complete; its `report` is the
            `PlanReport`.
        ConfigError: for results of another plan.
    """
    found: dict[Ids, Done | Broken | None] = dict.fromkeys(pairwise(plan.bounds))
    for one in results:
        if one.asset != plan.work.asset or (one.after, one.upto) not in found:
            raise ConfigError(f"the plan has no unit of {one.asset}, {one.after} to {one.upto}")
        found[one.after, one.upto] = one
    done = tuple(one for one in found.values() if isinstance(one, Done))
    gaps = tuple(_gaps(found))
    total = _files(plan, done) if isinstance(plan.work.job, Files) else _rows(plan, done, gaps)
    report = PlanReport(total=total, units=done, gaps=gaps)
    if gaps:
        first = gaps[0]
        raise IncompleteDownload(
            f"{len(gaps)} of {len(found)} units are not complete, the first of them that of "
            f"_id {first.after + 1} to {first.upto}: {first.error}",
            report,
        )
    return report


def _gaps(found: Mapping[Ids, Done | Broken | None]) -> Iterator[Gap]:
    for (after, upto), one in found.items():
        if fault := one.fault if one else "it was not done":
            yield Gap(after, upto, fault)


def _rows(plan: Plan, done: Sequence[Done], gaps: tuple[Gap, ...]) -> Completeness:
    reports = [one.report for one in done if isinstance(one.report, Completeness)]
    delivered = sum(one.delivered for one in reports)
    return Completeness(
        asset=plan.work.asset,
        strategy="units",
        expected=plan.expected,
        delivered=delivered,
        missing=None if gaps else 0,
        arrived=None,
        vanished=0 if gaps else max(0, plan.expected - delivered),
        requests=sum(one.requests for one in reports),
        retries=sum(one.retries for one in reports),
        seconds=sum(one.seconds for one in reports),
        last_id=plan.bounds[-1],
        gaps=gaps,
        complete=not gaps,
    )


def _files(plan: Plan, done: Sequence[Done]) -> AttachmentsReport:
    reports = [one.report for one in done if isinstance(one.report, AttachmentsReport)]
    return AttachmentsReport(
        asset=plan.work.asset,
        **{name: sum(getattr(one, name) for one in reports) for name in SUMS},
        failed=tuple(chain.from_iterable(one.failed for one in reports)),
        complete=len(done) == len(plan.units) and all(one.complete for one in reports),
    )
