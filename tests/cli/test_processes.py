"""The command in a process of its own: signals, pipes, and what they leave behind."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from kobo_async.testing import FakeForm, FakeKobo, RequestInfo

from .running import Process, Server, finished, process, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")
SECOND_PAGE = "$gt"


class Stuck(FakeKobo):
    """A server that never gets to the second page.

    `reached` tells when it was asked for.
    """

    def __init__(self) -> None:
        super().__init__(seed=7, clock=self)
        self.reached = threading.Event()
        self.latency = self._from_second_page

    def _from_second_page(self, request: RequestInfo) -> float:
        return 1.0 if SECOND_PAGE in request.query.get("query", "") else 0.0

    async def sleep(self, _: float, /) -> None:
        self.reached.set()
        await anyio.sleep_forever()


@pytest.fixture
def fake() -> FakeKobo:
    return Stuck()


@pytest.fixture
def quick() -> Iterator[Server]:
    fake = FakeKobo(seed=7)
    fake.add_form("Household survey", rows=5000)
    with serving(fake) as server:
        yield server


@contextmanager
def stuck(server: Server, *arguments: str) -> Iterator[Process]:
    """Start the command and wait until it waits for its second page."""
    with process(*arguments, env=server.environment) as command:
        assert isinstance(server.fake, Stuck)
        assert server.fake.reached.wait(30)
        yield command


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_download_leaves_the_file_of_yesterday(
    server: Server, form: FakeForm, tmp_path: Path, suffix: str, sent: signal.Signals, code: int
):
    path = tmp_path / f"rows.{suffix}"
    path.write_text("yesterday")
    with stuck(server, "pull", form.uid, "-o", str(path)) as command:
        command.send_signal(sent)
        out, err = command.communicate()
    assert (command.returncode, out) == (code, b"")
    assert err.decode().splitlines() == [
        "kobo-async: stopped",
        f"kobo-async: {path} was not written",
    ]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "yesterday"


def test_stdout_has_the_first_page_while_the_second_is_awaited(server: Server, form: FakeForm):
    with process("pull", form.uid, "-o", "-", env=server.environment) as command:
        assert command.stdout is not None
        found = [json.loads(command.stdout.readline())["_id"] for _ in range(1000)]
        command.send_signal(signal.SIGINT)
        _, err = command.communicate()
    assert command.returncode == 130
    assert err == b"kobo-async: stopped\n"
    assert found == list(form.rows)[:1000]


def test_a_reader_that_goes_away_ends_the_download_quietly(quick: Server):
    (uid,) = quick.fake.forms
    with process("pull", uid, "-o", "-", env=quick.environment) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait() == 141


def test_a_pipe_gets_every_row(quick: Server):
    (uid,) = quick.fake.forms
    code, out, err = finished("pull", uid, "-o", "-", env=quick.environment)
    assert code == 0
    found = [json.loads(line)["_id"] for line in out.splitlines()]
    assert found == list(quick.fake.forms[uid].rows)
    assert err.count(b"\n") == 1


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_fake_server_serves_until_it_is_told_to_stop(sent: signal.Signals, tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    with process("fake-server", "--rows", "1200", "--json") as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        env = {"KOBO_URL": told["url"], "KOBO_TOKEN": told["token"]}
        code, _, _ = finished("pull", told["uid"], "-o", str(path), env=env)
        server.send_signal(sent)
        out, err = server.communicate()
    assert code == 0
    assert len(path.read_bytes().splitlines()) == 1200
    assert (server.returncode, out, err) == (0, b"", b"")
