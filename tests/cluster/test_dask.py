"""Plans done by several worker processes of Dask, against a server on a real socket."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TypeGuard

import anyio.to_thread
import pyarrow.dataset as ds
import pytest
from distributed import Client, LocalCluster

from kobo_async import Completeness, KoboClient
from kobo_async.dask import run
from kobo_async.errors import ConfigError, IncompleteDownload
from kobo_async.sinks.parquet import Parquet
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.units import Plan, PlanReport, Unit, plan_attachments, plan_rows, plan_tables
from tests.cluster.conftest import ANY_PORT, REQUESTS, Holding, Traffic, about

pytestmark = pytest.mark.anyio
LONG = 60.0
"""Seconds that starting processes may take on a busy machine."""


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Wells", rows=240, id_gaps=3)


async def run_all(plan: Plan, cluster: Client, **options: object) -> PlanReport:
    """Run a plan while the event loop goes on."""
    return await anyio.to_thread.run_sync(
        lambda: run(plan, cluster, requests=REQUESTS, **options)  # type: ignore[arg-type]
    )


def is_rows(report: object) -> TypeGuard[Completeness]:
    return isinstance(report, Completeness)


async def in_one_process(client: KoboClient, uid: str, folder: Path) -> None:
    layout = await client.tables.layout(uid, numbering="submission")
    sink = Parquet(folder, layout)
    async with sink, client.tables.batches(uid, layout) as batches:
        async for made in batches:
            await sink.write(made)


def kill_worker_of(unit: Unit, cluster: Client, pids: dict[str, int]) -> None:
    (address,) = [
        address
        for address, keys in cluster.processing().items()
        if any(unit.name in key for key in keys)
    ]
    os.kill(pids[address], signal.SIGKILL)


async def test_attachments_are_mirrored_and_all_workers_together_keep_to_the_limit(
    client: KoboClient, cluster: Client, form: FakeForm, traffic: Traffic, tmp_path: Path
):
    plan = await plan_attachments(client, form.uid, tmp_path / "photos", rows=100)
    await anyio.to_thread.run_sync(cluster.run, import_module, "kobo_async.dask")
    traffic.most = 0
    report = await run_all(plan, cluster)
    wanted = [one for row in form.rows.values() for one in row["_attachments"]]
    found = [one for one in (tmp_path / "photos").glob("*/photo/*") if one.stat().st_size]
    assert len(found) == len(wanted) == sum(one.report.downloaded for one in report.units)
    assert report.total.complete
    assert len(report.units) > REQUESTS >= traffic.most


async def test_a_plan_is_complete_although_a_worker_is_killed(
    client: KoboClient,
    cluster: Client,
    form: FakeForm,
    traffic: Traffic,
    clock: Holding,
    tmp_path: Path,
):
    plan = await plan_tables(client, form.uid, tmp_path / "parts", rows=40)
    pids = await anyio.to_thread.run_sync(cluster.run, os.getpid)
    traffic.seen.clear()
    traffic.holds, traffic.most = True, 0

    def kill() -> Unit:
        """Kill the worker whose request came first, once the server has what it may have."""
        try:
            assert traffic.crowded.wait(LONG)
            victim = next(unit for unit in plan.units if about(traffic.seen[0], unit))
            kill_worker_of(victim, cluster, pids)
        finally:
            clock.released.set()
        return victim

    with ThreadPoolExecutor(1) as killer:
        killing = killer.submit(kill)
        report = await run_all(plan, cluster)
    assert sum(about(query, killing.result()) for query in traffic.seen) > 2
    assert traffic.most == REQUESTS
    await in_one_process(client, form.uid, tmp_path / "whole")
    for name in ("Wells", "members"):
        parts, whole = (
            ds.dataset(tmp_path / place).to_table()
            for place in (f"parts/{name}", f"whole/{name}.parquet")
        )
        assert parts.equals(whole, check_metadata=True)
    assert not [*(tmp_path / "parts").rglob(".*")], "what the killed worker left"
    assert [one.report.delivered for one in report.units if is_rows(one.report)] == [40] * 6
    total = report.total
    assert is_rows(total)
    assert (total.expected, total.delivered, total.complete) == (240, 240, True)


async def test_units_that_failed_are_told_and_can_be_done_later(
    client: KoboClient, cluster: Client, fake: FakeKobo, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "rows", rows=100)
    broken = plan.units[1]
    (tmp_path / "rows" / f"part-{broken.name}.jsonl.gz").mkdir(parents=True)
    with pytest.raises(IncompleteDownload, match="1 of 3 units") as caught:
        await run_all(plan, cluster)
    report = caught.value.report
    (gap,) = report.gaps
    assert (gap.after, gap.upto, "is a folder" in gap.error) == (broken.after, broken.upto, True)
    (tmp_path / "rows" / f"part-{broken.name}.jsonl.gz").rmdir()
    before = len(fake.requests)
    assert (await run_all(plan, cluster, done=report.units)).total.complete
    assert all(about(one.query, broken) for one in fake.requests[before:])


async def test_a_server_has_one_limit(
    client: KoboClient, cluster: Client, form: FakeForm, tmp_path: Path
):
    plan = await plan_rows(client, form.uid, tmp_path / "rows")
    await run_all(plan, cluster)
    for requests, said in ((REQUESTS + 1, "keeps another limit"), (0, "at a time at least")):
        with pytest.raises(ConfigError, match=said):
            run(plan, cluster, requests=requests)


async def test_fewer_units_than_requests_take_several_each(
    client: KoboClient,
    environment: dict[str, str],
    form: FakeForm,
    fake: FakeKobo,
    traffic: Traffic,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    plan = await plan_rows(client, form.uid, tmp_path / "rows")
    fake.max_page, traffic.most = 20, 0

    def work() -> PlanReport:
        local = LocalCluster(
            n_workers=1,
            threads_per_worker=2,
            processes=False,
            dashboard_address=ANY_PORT,
            local_directory=str(tmp_path / "dask"),
        )
        with local, Client(local) as cluster:
            return run(plan, cluster, requests=4)

    assert (await anyio.to_thread.run_sync(work)).total.complete
    fake.max_page = 1000
    assert 1 < traffic.most <= 4
