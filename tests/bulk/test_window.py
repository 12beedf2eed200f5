"""The ordered, bounded engine, whatever its reader does."""

from __future__ import annotations

import anyio
import pytest

from kobo_async.bulk.window import open_window

pytestmark = pytest.mark.anyio


async def drain(ahead):
    while (taken := ahead.take()) is not None:
        key, slot = taken
        yield key, await slot.result()


async def test_results_come_in_the_order_of_keys_whichever_is_ready_first():
    async def work(key):
        for _ in range(10 - key):
            await anyio.lowlevel.checkpoint()
        return key * 10

    async with open_window(4) as window:
        got = [pair async for pair in drain(window.ahead(work, iter(range(10))))]
    assert got == [(key, key * 10) for key in range(10)]


async def test_no_more_results_than_the_window_holds_are_ever_in_the_making():
    begun = 0

    async def work(key):
        nonlocal begun
        begun += 1
        return key

    async with open_window(3) as window:
        ahead = window.ahead(work, iter(range(100)))
        for taken in range(1, 20):
            ahead.take()
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            assert begun <= taken + 3


async def test_work_put_in_between_comes_right_behind_its_key():
    async def work(key):
        if key in {0, 2}:
            ahead.insert([key + 0.25, key + 0.5], key)
        return key

    async with open_window(2) as window:
        ahead = window.ahead(work, iter(range(5)))
        got = [key async for key, _ in drain(ahead)]
    assert got == [0, 0.25, 0.5, 1, 2, 2.25, 2.5, 3, 4]


async def test_however_much_is_put_in_between_no_more_than_two_windows_lie_ready():
    begun = taken = 0

    async def work(key):
        nonlocal begun
        begun += 1
        if len(key) < 4:
            ahead.insert([(*key, number) for number in range(3)], key)
        return key

    async with open_window(4) as window:
        ahead = window.ahead(work, iter((number,) for number in range(3)))
        got = []
        while (piece := ahead.take()) is not None:
            taken += 1
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            assert begun <= taken + 2 * 4
            got.append(await piece[1].result())
    assert got == sorted(got)
    assert len(got) == 3 * (1 + 3 + 9 + 27)


async def test_leaving_the_block_early_ends_what_still_runs():
    ended = 0

    async def work(_):
        nonlocal ended
        try:
            await anyio.sleep_forever()
        finally:
            ended += 1

    async with open_window(5) as window:
        window.ahead(work, iter(range(100))).take()
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
    assert ended == 5


async def test_an_error_is_raised_where_its_result_would_have_been_read():
    async def work(key):
        if key == 2:
            raise ValueError("third")
        return key

    async with open_window(5) as window:
        results = drain(window.ahead(work, iter(range(5))))
        assert [await anext(results), await anext(results)] == [(0, 0), (1, 1)]
        with pytest.raises(ValueError, match="third"):
            await anext(results)


async def test_an_error_of_the_reader_comes_out_plain():
    async def work(_):
        await anyio.sleep_forever()

    async def read():
        async with open_window(2) as window:
            window.ahead(work, iter(range(9))).take()
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await read()


async def test_a_group_raised_by_the_reader_stays_a_group():
    with pytest.raises(ExceptionGroup, match="mine") as found:
        async with open_window(2):
            raise ExceptionGroup("mine", [ValueError("one")])
    assert [str(error) for error in found.value.exceptions] == ["one"]


async def test_the_reader_may_time_out_around_a_result():
    async def work(_):
        await anyio.sleep_forever()

    async with open_window(1) as window:
        taken = window.ahead(work, iter([1])).take()
        with anyio.move_on_after(0) as scope:
            await taken[1].result()
        assert scope.cancelled_caught


async def test_keys_are_drawn_late_so_that_earlier_results_can_change_them():
    stop = False

    def keys():
        key = 0
        while not stop:
            yield key
            key += 1

    async def work(key):
        return key

    async with open_window(3) as window:
        ahead = window.ahead(work, keys())
        ahead.take()
        stop = True
        left = [pair async for pair in drain(ahead)]
    assert [key for key, _ in left] == [1, 2]
