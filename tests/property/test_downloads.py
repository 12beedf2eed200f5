"""The promise of the package, over random histories of a server that changes and fails."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import anyio
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kobo_async import Concurrency, KoboClient, KoboError
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock

FAULTS: dict[str, Callable[[], Fault]] = {
    "429": lambda: Fault.status(429, times=1),
    "429 with Retry-After": lambda: Fault.status(429, retry_after=7, times=1),
    "500": lambda: Fault.status(500, times=1),
    "502": lambda: Fault.status(502, times=1),
    "503 three times": lambda: Fault.status(503, times=3),
    "504 for long": lambda: Fault.status(504, times=9),
    "500 for long": lambda: Fault.status(500, times=12),
    "reset": lambda: Fault.reset(times=1),
    "truncated": lambda: Fault.truncate(0.5, times=1),
    "garbage": lambda: Fault.garbage(times=2),
}


@attrs.frozen
class Step:
    """Something that happens on the server when the n-th request comes in."""

    at: int
    what: str
    pick: float


CHANGES = ["insert", "insert below", "edit", "delete", "delete many", "delete newest"]
STEPS = st.builds(
    Step,
    at=st.integers(0, 40),
    what=st.sampled_from([*CHANGES, *FAULTS]),
    pick=st.floats(0, 1, exclude_max=True),
)


@attrs.frozen
class Schedule:
    rows: int
    gap: int
    cap: int
    page_size: int
    limit: int
    window: int
    between: bool
    steps: list[Step]
    seed: int


SCHEDULES = st.builds(
    Schedule,
    rows=st.integers(0, 60),
    gap=st.sampled_from([1, 3, 50]),
    cap=st.integers(1, 9),
    page_size=st.integers(1, 12),
    limit=st.integers(1, 5),
    window=st.integers(1, 6),
    between=st.booleans(),
    steps=st.lists(STEPS, max_size=14),
    seed=st.integers(0, 2**32),
)


class World:
    """A fake server that lives through a schedule, and remembers which rows never vanished."""

    def __init__(self, schedule: Schedule) -> None:
        self.clock = FakeClock()
        self.fake = FakeKobo(seed=schedule.seed, clock=self.clock)
        self.fake.max_page = self.fake.default_page = schedule.cap
        self.form: FakeForm = self.fake.add_form("Survey", rows=schedule.rows, id_gaps=schedule.gap)
        self.throughout = set(self.form.rows)
        self.ever = set(self.form.rows)
        self._steps: Iterator[Step] = iter(sorted(schedule.steps, key=lambda step: step.at))
        self._next = next(self._steps, None)
        self._seen = 0
        if schedule.between:
            self.fake.between_count_and_find = self.happen
        else:
            self.fake.on_request = lambda _: self.happen()

    def happen(self) -> None:
        """Let everything happen that is due at this request."""
        self._seen += 1
        while self._next is not None and self._next.at < self._seen:
            self._do(self._next)
            self._next = next(self._steps, None)

    def _do(self, step: Step) -> None:
        ids = sorted(self.form.rows)
        if step.what in FAULTS:
            self.fake.faults.add(FAULTS[step.what]())
        elif step.what == "insert":
            self.ever.update(self.form.insert(1 + int(step.pick * 4)))
        elif step.what == "insert below":
            if ids and ids[-1] - ids[0] >= len(ids):
                self.ever.update(self.form.insert(1, below=True))
        elif ids:
            self._change(step, ids)

    def _change(self, step: Step, ids: list[int]) -> None:
        place = int(step.pick * len(ids))
        if step.what == "edit":
            self.form.edit(ids[place])
            return
        doomed = {"delete": ids[place : place + 1], "delete many": ids[place : place + 5]}
        for number in doomed.get(step.what, ids[-1:]):
            self.form.delete(number)
            self.throughout.discard(number)


async def download(
    world: World, schedule: Schedule, strategy: str, form: str
) -> tuple[list[int], bool]:
    """Download, and return the delivered ids and whether the report calls them complete."""
    async with (
        KoboClient(
            "http://localhost",
            token=world.fake.token,
            app=world.fake,
            clock=world.clock,
            concurrency=Concurrency.up_to(schedule.limit),
        ) as client,
        client.submissions.stream(
            world.form.uid,
            as_=form,
            strategy=strategy,
            fields=["_id"],
            page_size=schedule.page_size,
            window=schedule.window,
        ) as rows,
    ):
        got = [(json.loads(row) if form == "raw" else row)["_id"] async for row in rows]
    assert rows.report is not None
    assert rows.report.delivered == len(got)
    return got, rows.report.complete


EXAMPLES = int(os.environ.get("KOBO_SCHEDULES", "340"))
"""Per strategy and event loop: six times as many in all, and a tenth of that for raw rows,
which differ in how a page is read alone."""
SHARE = {"dicts": 1, "raw": 10}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("strategy", ["auto", "offsets", "ranges"])
@pytest.mark.parametrize("form", ["dicts", "raw"])
def test_a_row_that_existed_throughout_is_delivered_once_or_the_download_raises(
    form: str, strategy: str, backend: str
) -> None:
    outcomes = {"complete": 0, "raised": 0}

    @settings(
        max_examples=EXAMPLES // SHARE[form],
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(SCHEDULES)
    def promise(schedule: Schedule) -> None:
        world = World(schedule)
        try:
            got, complete = anyio.run(download, world, schedule, strategy, form, backend=backend)
        except KoboError:
            outcomes["raised"] += 1
            return
        outcomes["complete"] += 1
        assert complete
        assert got == sorted(set(got)), "in order, without doubles"
        assert world.throughout <= set(got) <= world.ever

    promise()
    assert outcomes["complete"] > outcomes["raised"], outcomes
