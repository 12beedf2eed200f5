"""Plans done by a Dask cluster (extra `dask`), under one limit on requests for each server.

    with distributed.Client(address) as cluster:
        report = run(plan, cluster, requests=8)
    print(report)

The limit is a semaphore of the scheduler with the name of the server. All plans and all workers of
the cluster share it: one lease is one request at a time. A worker takes one lease before it begins
a unit, and as many more as are free, up to its share. A worker that dies gives its leases back when
they run out, `distributed.scheduler.locks.lease-timeout` later; until then the others ask less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeAlias
from uuid import uuid4

import anyio

from kobo_async.client import KoboClient
from kobo_async.config import Concurrency
from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.units import Broken, Done, Plan, PlanReport, Unit, summed_up
from kobo_async.units import run as run_unit

with needed("dask"):
    import distributed

Connect: TypeAlias = Callable[..., KoboClient]
RETRIES: Final = 2
"""How often a unit that failed is done again."""


def run(
    plan: Plan,
    cluster: distributed.Client,
    *,
    requests: int = 8,
    done: Iterable[Done] = (),
    connect: Connect = KoboClient.from_env,
) -> PlanReport:
    """Do the units of a plan on the workers of a cluster, and prove that nothing is missing.

    A unit whose worker dies is done again by another one, which replaces the files. A unit that
    fails does not stop the others. This call blocks.

    Args:
        plan: from `kobo_async.units`; its target must be within reach of every worker.
        cluster: a client of the scheduler.
        requests: that all workers together have at the same time with the server, at most.
        done: what was done before, and is not done again: `error.report.units`.
        connect: called by the worker with `concurrency=` to make the client for a unit. By default
            it takes server and token from the environment of the worker (`KOBO_URL`,
            `KOBO_TOKEN`), or from its settings file: they do not travel.

    Errors: IncompleteDownload, whose `report` tells what was done; ConfigError for a cluster that
    keeps another limit for the server.
    """
    results: list[Done | Broken] = [one for one in done if not one.fault]
    known = {(one.after, one.upto) for one in results}
    units = [one for one in plan.units if (one.after, one.upto) not in known]
    work = partial(_work, connect, _limit(plan.work.server, requests, cluster))
    share, name = _share(requests, len(units), cluster), uuid4().hex
    futures = {
        cluster.submit(work, unit, share, key=f"kobo-{unit.name}-{name}", retries=RETRIES): unit
        for unit in units
    }
    # Results are taken at once, and so are not lost with the worker that has them.
    finished = distributed.as_completed(futures)
    results += (_outcome(one, futures.pop(one)) for one in finished)
    return summed_up(plan, results)


def _limit(server: str, requests: int, cluster: distributed.Client) -> distributed.Semaphore:
    """Return the semaphore of a server, which the first plan makes."""
    if requests < 1:
        raise ConfigError(f"a plan takes a request at a time at least, not {requests}")
    turns = distributed.Semaphore(
        requests, f"kobo-async {server}", scheduler_rpc=cluster.scheduler, loop=cluster.loop
    )
    try:
        turns.register()
    except ValueError as error:
        raise ConfigError(f"the cluster keeps another limit for {server}: {error}") from error
    return turns


def _share(requests: int, units: int, cluster: distributed.Client) -> int:
    """Divide the limit by the units that can be done at a time; workers may be yet to come."""
    threads = sum(cluster.nthreads().values()) or units
    return max(1, requests // max(1, min(threads, units)))


def _outcome(future: distributed.Future, unit: Unit) -> Done | Broken:
    error = future.exception()
    if error is None:
        done: Done = future.result()
        return done
    return Broken(
        asset=unit.work.asset,
        after=unit.after,
        upto=unit.upto,
        fault=f"{type(error).__name__}: {error}",
    )


def _work(connect: Connect, turns: distributed.Semaphore, unit: Unit, share: int) -> Done:
    """Do a unit, in a thread of a worker."""

    async def work() -> Done:
        async with connect(concurrency=Concurrency.up_to(held)) as client:
            return await run_unit(unit, client)

    with _leases(turns, share) as held:
        return anyio.run(work)


@contextmanager
def _leases(turns: distributed.Semaphore, share: int) -> Iterator[int]:
    """Wait for one lease, take more if there are any, and tell how many it became.

    Who waited for the second while holding the first could wait for ever.
    """
    held = 0
    try:
        while held < share and turns.acquire(timeout=0 if held else None):
            held += 1
        yield held
    finally:
        for _ in range(held):
            turns.release()
