"""`kobo-async receive`, in a process of its own, against a server on a socket."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import attrs
import httpx
import pytest

from kobo_async.testing import Delivery, FakeForm, FakeKobo
from kobo_async.testing.hooks import post_to_loopback

from .running import Invoke, Process, Server, finished, lines, process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PUBLIC = "https://receiver.example.org/"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("s3cret-of-the-receiver\n")
    return tmp_path


def proxy(address: str) -> Callable[[Delivery], tuple[int | None, str]]:
    """Lead what is sent to the public address to the receiver behind it."""

    def deliver(delivery: Delivery) -> tuple[int | None, str]:
        return post_to_loopback(
            attrs.evolve(delivery, url=delivery.url.replace(PUBLIC, address, 1))
        )

    return deliver


def told(command: Process, what: bytes) -> str:
    """Read what the command says until it says this."""
    assert command.stderr
    for line in command.stderr:
        if what in line:
            return line.decode()
    raise AssertionError(f"it never said {what!r}")


@pytest.mark.parametrize(("login", "stop"), [((), "SIGTERM"), (("--username", "kobo"), "SIGINT")])
def test_what_is_posted_is_in_the_mirror(
    server: Server,
    fake: FakeKobo,
    small: FakeForm,
    folder: Path,
    login: tuple[str, ...],
    stop: str,
):
    target, uid = f"sqlite:///{folder}/wells.db", small.uid
    arguments = ["receive", uid, "-o", target, "--secret-file", "secret", *login]
    arguments += ["--port", "0", "--public-url", PUBLIC, "--register"]
    copied = threading.Event()
    for outcome in ("created", "unchanged"):
        with process(*arguments, env=server.environment) as command:
            assert outcome in told(command, b"REST service")
            address = f"http://{told(command, b'receiving on').split()[-1]}/"
            fake.deliver = proxy(address)
            copied.clear()
            with fake.lock:  # the receiver asks as soon as it is told
                (number,) = small.insert()
                root = small.rows[number]["meta/rootUuid"]
                fake.on_request = lambda info, root=root: (
                    copied.set() if root in info.query.get("query", "") else None
                )
            assert copied.wait(30)
            health = httpx.get(f"{address}healthz").json()
            assert health["projects"][uid]["set_aside"] == 0
            command.send_signal(signal.Signals[stop])
            assert told(command, b"stopped")
            assert command.wait(30) == 0
    (hook,) = small.hooks.values()
    assert [log.status_code for log in hook.logs] == [202, 202]
    code, out, _ = finished("sync", uid, "-o", target, "--json", env=server.environment)
    assert code == 0
    (report,) = lines(out)
    assert (report["new"], report["unchanged"]) == (0, 7)


def test_a_port_that_is_taken_is_told(invoke: Invoke, small: FakeForm, folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = invoke(
            *("receive", small.uid, "-o", f"sqlite:///{folder}/wells.db"),
            *("--secret-file", "secret", "--port", port),
        )
    assert done.exit_code == 2
    assert f"127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("-o", "wells.csv"), "cannot be a mirror"),
        (("-o", "wells/", "--register"), "--public-url"),
        (("-o", "wells/", "--every", "often"), "often"),
        (
            ("-o", "wells/", "--register", "--public-url", "http://receiver.example.org"),
            "not encrypted",
        ),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_done(
    invoke: Invoke, small: FakeForm, folder: Path, options: tuple[str, ...], says: str
):
    done = invoke("receive", small.uid, "--secret-file", "secret", "--port", "0", *options)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not small.hooks
    assert (folder / "secret").exists()


def test_an_empty_secret_is_refused(invoke: Invoke, small: FakeForm, folder: Path):
    (folder / "secret").write_text("\n")
    done = invoke("receive", small.uid, "-o", "wells/", "--secret-file", "secret")
    assert done.exit_code == 2
    assert "token_urlsafe" in done.stderr
    done = invoke("receive", small.uid, "-o", "wells/", "--secret-file", "nowhere")
    assert done.exit_code == 2
    assert "nowhere holds no secret" in done.stderr
