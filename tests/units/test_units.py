"""Downloads and mirrors cut into units: what they add up to, and what becomes of their files."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import fsspec
import orjson
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from kobo_async import Completeness, KoboClient
from kobo_async.attachments.report import AttachmentsReport
from kobo_async.errors import ConfigError, IncompleteDownload, ServerError
from kobo_async.sinks.parquet import Parquet
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.units import (
    Broken,
    Done,
    Plan,
    Unit,
    plan_attachments,
    plan_rows,
    plan_tables,
    run,
    summed_up,
)

pytestmark = pytest.mark.anyio
PLANNERS = [plan_tables, plan_rows, plan_attachments]
Planner = Callable[..., Awaitable[Plan]]


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio alone: what units are made of runs on trio in tests of its own."""
    return "asyncio"


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Wells", rows=130, id_gaps=5)


@pytest.fixture(params=PLANNERS, ids=lambda planner: planner.__name__)
def planner(request: pytest.FixtureRequest) -> Planner:
    made: Planner = request.param
    return made


async def all_done(plan: Plan, client: KoboClient) -> list[Done]:
    return [await run(unit, client) for unit in plan.units]


def contents(folder: Path) -> dict[str, bytes]:
    files = [one for one in folder.rglob("*") if one.is_file() and one.parent.name[0] != "."]
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


def lines(folder: Path) -> list[dict[str, Any]]:
    packed = [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.jsonl.gz"))]
    return [orjson.loads(line) for text in packed for line in text.splitlines()]


def table(folder: Path, name: str) -> pa.Table:
    place = folder / name if (folder / name).is_dir() else folder / f"{name}.parquet"
    return ds.dataset(place).to_table()


def assert_same_rows(parts: pa.Table, whole: pa.Table) -> None:
    """Compare row by row, in the order of their keys; files come in any order."""
    keys = ["_id"] if "_id" in whole.column_names else ["_submission__id", "_index"]
    order = [(key, "ascending") for key in keys]
    assert parts.sort_by(order).to_pylist() == whole.sort_by(order).to_pylist()
    assert parts.schema.equals(whole.schema, check_metadata=True)


async def test_a_plan_and_what_was_done_equal_themselves_after_a_journey(
    client: KoboClient, form: FakeForm, tmp_path: Path, planner: Planner
):
    where = {"household/region": {"$in": ["north", "south"]}}
    plan = await planner(client, form.uid, tmp_path / "out", rows=20, where=where)
    assert Plan.loads(plan.dumps()) == plan == pickle.loads(pickle.dumps(plan))  # noqa: S301
    unit = plan.units[-1]
    assert Unit.loads(unit.dumps()) == unit == plan.unit(unit.name)
    done = await run(unit, client)
    assert Done.loads(done.dumps()) == done == pickle.loads(pickle.dumps(done))  # noqa: S301
    assert orjson.loads(done.dumps())["asset"] == form.uid


async def test_a_plan_holds_no_secret(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path, planner: Planner
):
    plan = await planner(client, form.uid, tmp_path / "out")
    assert fake.token not in plan.dumps()
    assert fake.token.encode() not in pickle.dumps(plan)


async def test_a_unit_sends_no_token_to_a_server_that_its_plan_names(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path, planner: Planner
):
    (unit,) = (await planner(client, form.uid, tmp_path / "out")).units
    before = len(fake.requests)
    async with KoboClient("https://other.example", token="t", app=fake) as other:
        with pytest.raises(ConfigError, match="client of another server"):
            await run(unit, other)
    assert len(fake.requests) == before


async def test_units_hold_as_many_rows_each(client: KoboClient, form: FakeForm, tmp_path: Path):
    plan = await plan_rows(client, form.uid, tmp_path / "out", rows=30)
    held = [sum(one.after < number <= one.upto for number in form.rows) for one in plan.units]
    assert held == [26] * 5
    assert all(one.upto == other.after for one, other in pairwise(plan.units))


@pytest.mark.parametrize("column", [None, "_submission_time", "household/region"])
async def test_the_parts_are_the_whole_row_by_row(
    client: KoboClient, form: FakeForm, tmp_path: Path, column: str | None
):
    plan = await plan_tables(
        client, form.uid, tmp_path / "parts", rows=30, partition_by=column, labels="en"
    )
    report = summed_up(plan, await all_done(plan, client)).total
    layout = await client.tables.layout(form.uid, numbering="submission", labels="en")
    sink = Parquet(tmp_path / "whole", layout, partition_by=column)
    async with sink, client.tables.batches(form.uid, layout) as batches:
        async for made in batches:
            await sink.write(made)
    for one in layout.tables:
        assert_same_rows(table(tmp_path / "parts", one.name), table(tmp_path / "whole", one.name))
    assert isinstance(report, Completeness)
    assert (report.expected, report.delivered, report.complete) == (130, 130, True)


async def test_rows_are_those_that_the_server_sends(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "parts", rows=30)
    await all_done(plan, client)
    async with client.submissions.stream(form.uid) as rows:
        assert lines(tmp_path / "parts") == await rows.all()


async def test_rows_have_the_fields_that_are_asked_for(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "parts", rows=30, fields=["hh_size"])
    await all_done(plan, client)
    keys = {key for row in lines(tmp_path / "parts") for key in row}
    assert keys == {"_id", "_uuid", "meta/rootUuid", "hh_size"}


async def test_a_unit_that_is_done_twice_leaves_what_it_left_the_first_time(
    client: KoboClient, form: FakeForm, tmp_path: Path, planner: Planner
):
    plan = await planner(client, form.uid, tmp_path / "out", rows=30)
    await all_done(plan, client)
    once = contents(tmp_path / "out")
    await all_done(plan, client)
    assert contents(tmp_path / "out") == once


@pytest.mark.parametrize("scheme", ["", "memory://"])
async def test_a_unit_that_is_done_again_replaces_rows_that_moved_to_another_partition(
    client: KoboClient, form: FakeForm, tmp_path: Path, scheme: str
):
    target = f"{scheme}{tmp_path}/out"
    plan = await plan_tables(client, form.uid, target, rows=70, partition_by="household/region")
    await all_done(plan, client)
    for number in list(form.rows):
        form.edit(number, **{"household/region": "south"})
    await run(plan.units[0], client)
    if scheme:
        fsspec.filesystem("memory").get(target, str(tmp_path), recursive=True)
    found = table(tmp_path / "out", "Wells")
    assert sorted(found["_id"].to_pylist()) == sorted(form.rows)
    below = [row["household/region"] for row in found.to_pylist() if row["_id"] <= plan.bounds[1]]
    assert set(below) == {"south"}


async def test_what_a_killed_attempt_left_is_removed(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    plan = await plan_tables(client, form.uid, tmp_path / "out", rows=70)
    first, second = plan.units
    (tmp_path / "out" / "Wells").mkdir(parents=True)
    left = [tmp_path / "out/Wells" / f".part-{one.name}.1f.part" for one in (first, second)]
    for path in left:
        path.write_bytes(b"half")
    await run(first, client)
    assert [path.exists() for path in left] == [False, True]


async def test_a_unit_that_cannot_be_read_leaves_no_files_and_breaks_the_plan(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path
):
    plan = await plan_tables(client, form.uid, tmp_path / "out", rows=30)
    first, broken, *others = plan.units
    done = [await run(unit, client) for unit in (first, *others)]
    before = contents(tmp_path / "out")
    fake.faults.add(Fault.status(500, times=None))
    with pytest.raises(ServerError) as caught:
        await run(broken, client)
    assert contents(tmp_path / "out") == before
    failed = Broken(asset=form.uid, after=broken.after, upto=broken.upto, fault=str(caught.value))
    with pytest.raises(IncompleteDownload, match="1 of 5 units") as found:
        summed_up(plan, [*done, failed])
    report = found.value.report
    assert [(gap.after, gap.upto) for gap in report.gaps] == [(broken.after, broken.upto)]
    assert (report.total.delivered, report.total.missing) == (104, None)
    assert not report.total.complete


async def test_a_plan_with_a_unit_left_out_is_not_complete(
    client: KoboClient, form: FakeForm, tmp_path: Path, planner: Planner
):
    plan = await planner(client, form.uid, tmp_path / "out", rows=70)
    done = await all_done(plan, client)
    assert summed_up(plan, done).total.complete
    with pytest.raises(IncompleteDownload, match="it was not done"):
        summed_up(plan, done[:1])


async def test_a_unit_that_tells_of_other_ids_is_not_complete(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "out", rows=70)
    first, second = await all_done(plan, client)
    with pytest.raises(IncompleteDownload):
        summed_up(plan, [second, attrs.evolve(first, report=second.report)])


async def test_results_of_another_plan_are_refused(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "out", rows=70)
    other = await plan_rows(client, form.uid, tmp_path / "out", rows=50)
    with pytest.raises(ConfigError, match="no unit of"):
        summed_up(plan, await all_done(other, client))


async def test_what_happens_to_rows_meanwhile_is_told(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "out", rows=30)
    gone = list(form.rows)[40]
    form.delete(gone)
    (late,) = form.insert()
    total = summed_up(plan, await all_done(plan, client)).total
    assert isinstance(total, Completeness)
    assert (total.expected, total.delivered, total.vanished, total.missing) == (130, 129, 1, 0)
    assert {gone, late}.isdisjoint(row["_id"] for row in lines(tmp_path / "out"))


async def test_a_plan_goes_on_after_an_earlier_one(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    first = await plan_rows(client, form.uid, tmp_path / "out", rows=70)
    await all_done(first, client)
    with pytest.raises(ConfigError, match="not empty"):
        await plan_rows(client, form.uid, tmp_path / "out")
    form.insert()
    after = first.bounds[-1]
    second = await plan_rows(client, form.uid, tmp_path / "out", after=after)
    assert len(second.units) == 1
    await all_done(second, client)
    assert [row["_id"] for row in lines(tmp_path / "out")] == sorted(form.rows)


async def test_a_project_without_submissions_has_no_units(
    client: KoboClient, fake: FakeKobo, tmp_path: Path, planner: Planner
):
    plan = await planner(client, fake.add_form("Empty").uid, tmp_path / "out")
    assert plan.units == []
    assert summed_up(plan, []).total.complete


async def test_units_write_to_an_address(client: KoboClient, form: FakeForm, tmp_path: Path):
    target = f"memory://{tmp_path}/out"
    plan = await plan_tables(client, form.uid, target, rows=70)
    for _ in range(2):
        await all_done(plan, client)
    fsspec.filesystem("memory").get(target, str(tmp_path), recursive=True)
    found = table(tmp_path / "out", "Wells")
    assert sorted(found["_id"].to_pylist()) == sorted(form.rows)


async def test_attachments_that_cannot_be_had_break_the_plan(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path
):
    plan = await plan_attachments(client, form.uid, tmp_path / "out", rows=70)
    fake.faults.add(Fault.status(404, match="/attachments/", times=1))
    done = await all_done(plan, client)
    with pytest.raises(IncompleteDownload) as caught:
        summed_up(plan, done)
    (failure,) = caught.value.report.total.failed
    assert caught.value.report.total.downloaded > 0
    report = summed_up(plan, await all_done(plan, client)).total
    assert isinstance(report, AttachmentsReport)
    assert (report.downloaded, report.ok) == (1, True)
    assert failure.submission in form.rows


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"numbering": "table"}, "in each submission"),
        ({"rows": 0}, "a row at least"),
        ({"partition_by": "nothing"}, "no column 'nothing'"),
    ],
)
async def test_a_plan_that_cannot_work_is_not_made(
    client: KoboClient, form: FakeForm, tmp_path: Path, options: dict[str, Any], said: str
):
    with pytest.raises(ConfigError, match=said):
        await plan_tables(client, form.uid, tmp_path / "out", **options)


async def test_the_bounds_of_a_plan_rise(client: KoboClient, form: FakeForm, tmp_path: Path):
    plan = await plan_rows(client, form.uid, tmp_path / "out", rows=70)
    with pytest.raises(ConfigError, match="bounds of a plan rise"):
        attrs.evolve(plan, bounds=(0, 20, 10))
    with pytest.raises(ConfigError, match="no unit"):
        plan.unit("1-2")
