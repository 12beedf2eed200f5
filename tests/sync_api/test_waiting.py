"""Scripts and notebooks: everything waits, and everything is put in order at the end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import kobo_async
from kobo_async import ConfigError, KoboClient, NotFound
from kobo_async.sync.memory import MemoryMirror
from kobo_async.sync_api import Kobo
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock

AT_EXIT = """
from kobo_async.sync_api import Kobo
from kobo_async.testing import FakeKobo
fake = FakeKobo()
kobo = Kobo(app=fake, token=fake.token)
with kobo.submissions.stream(fake.add_form("Wells", rows=1500).uid) as rows:
    print(next(rows)["_id"], kobo.me.get().username)
unfinished = iter(kobo.assets.list())
"""


def threads() -> set[threading.Thread]:
    """Return those that run; what other tests began may end at any time."""
    return {*threading.enumerate()}


def test_a_list_can_be_iterated_again_and_again(kobo: Kobo, form: FakeForm):
    rows = kobo.submissions.list(form.uid, page_size=1000)
    assert [len(page.items) for page in rows.by_page()] == [1000, 1000, 300]
    assert sum(1 for _ in rows) == sum(1 for _ in rows) == 2300
    assert rows.first() == next(iter(rows)) == rows.all()[0]


def test_a_list_sends_nothing_before_it_is_read(kobo: Kobo, fake: FakeKobo, form: FakeForm):
    kobo.submissions.list(form.uid)
    assert not fake.requests


def test_rows_are_read_on_where_a_loop_was_left(kobo: Kobo, form: FakeForm):
    with kobo.submissions.stream(form.uid) as rows:
        first = [next(rows), next(rows)]
        for row in rows:
            first.append(row)
            break
        rest = rows.all()
    assert [row["_id"] for row in [*first, *rest]] == sorted(form.rows)


def test_an_error_comes_after_the_items_before_it(kobo: Kobo, fake: FakeKobo, form: FakeForm):
    fake.faults.add(Fault.status(404, match="/data/", after=4))
    got: list[int] = []
    stream = kobo.submissions.stream(form.uid, page_size=500, window=1)
    with stream as rows, pytest.raises(NotFound):
        got.extend(row["_id"] for row in rows)
    assert 500 <= len(got) < 2300
    assert got == sorted(form.rows)[: len(got)]


def test_leaving_a_block_early_ends_what_ran_in_it(kobo: Kobo, fake: FakeKobo, form: FakeForm):
    with kobo.submissions.stream(form.uid, page_size=100, window=1) as rows:
        next(rows)
    asked = len(fake.requests)
    assert kobo.me.get().username == fake.username
    assert len(fake.requests) == asked + 1
    assert rows.report is None


def test_an_error_in_a_block_is_the_callers_own(kobo: Kobo, form: FakeForm):
    with (
        pytest.raises(KeyError, match="mine") as caught,
        kobo.submissions.stream(form.uid),
    ):
        raise KeyError("mine")
    assert caught.value.__suppress_context__


def test_a_block_that_cannot_be_entered_raises_at_once(kobo: Kobo, form: FakeForm):
    with pytest.raises(NotFound), kobo.attachments.stream(form.uid, 1, "nothing"):
        raise AssertionError("the block was entered")


def test_a_body_is_read_in_pieces(kobo: Kobo, form: FakeForm):
    attachment = next(
        (row["_id"], one["uid"])
        for row in kobo.submissions.list(form.uid)
        for one in row.get("_attachments", ())
    )
    with kobo.attachments.stream(form.uid, *attachment) as body:
        assert body.headers["content-type"]
        assert b"".join(body)


def test_a_dry_run_sends_no_write(kobo: Kobo, form: FakeForm):
    with kobo.dry_run() as dry:
        dry.assets.delete(form.uid)
        created = dry.assets.create(name="Wells", asset_type="survey")
        print(created.uid)  # noqa: T201 - ends the run: nobody knows the uid
    assert [call.op.method for call in dry.calls] == ["DELETE", "POST"]
    assert dry.ended
    assert kobo.submissions.count(form.uid) == 2300


def test_a_mirror_can_be_filled(kobo: Kobo, form: FakeForm):
    mirror = MemoryMirror()
    report = kobo.sync.run(form.uid, mirror)
    assert len(mirror.rows) == 2300
    assert str(report)


def test_callbacks_are_called_and_must_not_wait(kobo: Kobo, form: FakeForm):
    told = []

    def show(progress: object) -> None:
        told.append(progress)
        with pytest.raises(RuntimeError, match="must not wait"):
            kobo.me.get()

    with kobo.submissions.stream(form.uid, on_progress=show) as rows:
        rows.all()
    assert told


def test_it_works_where_a_loop_is_running_already(kobo: Kobo, fake: FakeKobo):
    async def cell() -> str:
        return str(kobo.me.get().username)

    assert asyncio.run(cell()) == fake.username


def test_threads_may_share_it(kobo: Kobo, form: FakeForm):
    counts: list[int] = []
    workers = [
        threading.Thread(target=lambda: counts.append(kobo.submissions.count(form.uid)))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counts == [2300] * 8


def test_retries_take_the_clock_of_the_client(kobo: Kobo, fake: FakeKobo, clock: FakeClock):
    fake.faults.add(Fault.status(503, retry_after=60, times=1))
    assert kobo.me.get().username == fake.username
    assert clock.monotonic() >= 60


def test_ctrl_c_cancels_the_call_and_leaves_the_client_usable():
    patient = FakeKobo()
    patient.latency = lambda info: 0 if info.path == "/me/" else 3600

    def interrupt(_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with Kobo("http://localhost", token=patient.token, app=patient) as kobo:
        patient.on_request = interrupt
        with pytest.raises(KeyboardInterrupt):
            kobo.assets.list().all()
        patient.on_request = None
        assert kobo.me.get().username == patient.username


def test_ctrl_c_inside_a_block_leaves_it(kobo: Kobo, form: FakeForm):
    with pytest.raises(KeyboardInterrupt), kobo.submissions.stream(form.uid):
        signal.raise_signal(signal.SIGINT)
    assert kobo.submissions.count(form.uid) == 2300


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, fake: FakeKobo):
    with pytest.raises(ConfigError):
        Kobo()
    monkeypatch.setenv("KOBO_URL", "http://localhost")
    monkeypatch.setenv("KOBO_TOKEN", fake.token)
    assert Kobo().settings == Kobo.from_env().settings == KoboClient().settings
    assert repr(Kobo()) == "Kobo('http://localhost')"


def test_a_client_that_was_never_used_has_no_thread(fake: FakeKobo):
    before = threads()
    kobo = Kobo("http://localhost", token=fake.token, app=fake)
    assert not threads() - before
    kobo.close()
    kobo.close()


def test_a_closed_client_says_so(fake: FakeKobo):
    before = threads()
    with Kobo("http://localhost", token=fake.token, app=fake) as kobo:
        kobo.me.get()
    assert not threads() - before
    with pytest.raises(RuntimeError, match="closed"):
        kobo.me.get()


def test_a_client_that_is_forgotten_is_closed(fake: FakeKobo):
    before = threads()
    kobo = Kobo("http://localhost", token=fake.token, app=fake)
    kobo.me.get()
    assert len(threads() - before) == 1
    del kobo
    gc.collect()
    assert not threads() - before


def test_closing_from_a_callback_ends_the_client_after_the_call(fake: FakeKobo):
    before = threads()
    kobo = Kobo("http://localhost", token=fake.token, app=fake)
    fake.on_request = lambda _: kobo.close()
    assert kobo.me.get().username == fake.username
    for thread in threads() - before:
        thread.join(timeout=10)
    with pytest.raises(RuntimeError, match="closed"):
        kobo.me.get()


def test_ones_own_context_managers_can_be_used_as_well(kobo: Kobo):
    class Letters:
        def __aiter__(self) -> AsyncIterator[str]:
            return self.spoken()

        async def spoken(self) -> AsyncIterator[str]:
            yield "a"
            yield "b"

    @asynccontextmanager
    async def held() -> AsyncIterator[Letters]:
        yield Letters()

    with kobo.blocking(held()) as letters:
        assert [*letters] == [*letters] == ["a", "b"]
        assert repr(letters) == "<blocking Letters>"
        assert iter(letters).all() == ["a", "b"]
        with pytest.raises(AttributeError):
            letters._private  # noqa: B018 - asks for it


def test_a_program_that_closes_nothing_ends_quietly():
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    paths = {"PYTHONPATH": str(Path(kobo_async.__file__).parents[1])}
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-W", "error", "-c", AT_EXIT],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment | paths | {"KOBO_URL": "http://localhost"},
    )
    assert (done.stdout, done.stderr) == ("1 alice\n", "")
