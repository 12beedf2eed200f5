"""The garbage collector rests while everything is collected, and goes on afterwards."""

from __future__ import annotations

import gc

import pytest

from kobo_async import KoboClient, Progress
from kobo_async.collector import MANY, CollectorPause
from kobo_async.errors import IncompleteDownload
from kobo_async.testing import FakeForm, FakeKobo, Fault


@pytest.fixture(autouse=True)
def running_collector() -> None:
    assert gc.isenabled()


@pytest.mark.anyio
async def test_it_rests_during_a_fetch_and_goes_on_afterwards(client: KoboClient, form: FakeForm):
    seen: list[bool] = []

    def note(progress: Progress) -> None:  # noqa: ARG001 - how far does not matter
        seen.append(gc.isenabled())

    await client.tables.fetch(form.uid, on_progress=note)

    assert set(seen) == {False}
    assert gc.isenabled()


@pytest.mark.anyio
async def test_it_goes_on_after_a_failure(client: KoboClient, fake: FakeKobo, form: FakeForm):
    fake.faults.add(Fault.status(500, match="/data/", after=3))
    with pytest.raises(IncompleteDownload):
        await client.tables.fetch(form.uid)
    assert gc.isenabled()


def test_it_goes_on_when_the_last_one_is_done():
    pause = CollectorPause()
    with pause:
        with pause:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off():
    gc.disable()
    try:
        with CollectorPause():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def oldest(thing: object) -> bool:
    return any(other is thing for other in gc.get_objects(generation=2))


@pytest.fixture
def nothing_frozen() -> None:
    if gc.get_freeze_count():
        pytest.skip("this Python begins with frozen objects")


@pytest.mark.usefixtures("nothing_frozen")
@pytest.mark.parametrize(("count", "old"), [(2 * MANY, True), (MANY // 2, False)])
def test_very_many_new_objects_are_taken_for_long_lived_ones(count: int, old: bool):
    gc.collect()
    with CollectorPause():
        kept: list[list[int]] = [[] for _ in range(count)]
    assert oldest(kept[0]) == old


@pytest.mark.usefixtures("nothing_frozen")
def test_what_somebody_froze_does_not_thaw():
    gc.freeze()
    try:
        with CollectorPause():
            kept: list[list[int]] = [[] for _ in range(2 * MANY)]
        assert gc.get_freeze_count()
        assert not oldest(kept[0])
    finally:
        gc.unfreeze()
