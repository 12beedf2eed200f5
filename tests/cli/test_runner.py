"""Between a command and the event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import anyio
import pytest

from kobo_async.cli.failures import Terminated
from kobo_async.cli.runner import run

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def stopped_by(number: signal.Signals, done: list[str]) -> Any:
    async def main() -> None:
        try:
            os.kill(os.getpid(), number)
            await anyio.sleep_forever()
        finally:
            done.append("put in order")

    return main


async def answer() -> int:
    return 42


def test_it_returns_what_the_command_returns():
    assert run(answer) == 42


@POSIX
@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_signal_lets_everything_be_put_in_order(
    number: signal.Signals, kind: type[BaseException]
):
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt) as stopped:
        run(stopped_by(number, done))
    assert (stopped.type, done) == (kind, ["put in order"])


def test_where_signals_cannot_be_handled_it_runs_all_the_same(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", refuse)
    assert run(answer) == 42
