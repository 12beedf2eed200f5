"""The server of the demo: a fake one in a process of its own, where things change and fail.

The process prints one line of JSON when it is ready, waits until its input ends, and prints
another one with the truth: which rows were there all the time.
"""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

import attrs
import orjson

from kobo_async.testing import FakeForm, FakeKobo, Fault, RequestInfo, serve

DATA = r"/data/$"
NEW, EDITED, DELETED = 15, 10, 3
"""What happens to the rows with every request for some of them."""
TROUBLE: Final = (
    (5, Fault.reset()),
    (7, Fault.truncate()),
    (9, Fault.status(502)),
    (12, Fault.status(429, retry_after=1)),
    (14, Fault.slow()),
    (16, Fault.reset()),
    (19, Fault.truncate()),
    (22, Fault.status(502)),
    (25, Fault.status(429, retry_after=1)),
    (28, Fault.garbage()),
)
"""What goes wrong, and with which request for rows."""


class Unrest:
    """Adds, edits and deletes rows while others read."""

    def __init__(self, form: FakeForm, seed: int) -> None:
        self.form = form
        self.chance = random.Random(f"{seed}/unrest")  # noqa: S311 - no secret
        self.at_start = frozenset(form.rows)
        self.done = {"inserted": 0, "edited": 0, "deleted": 0}

    def before(self, request: RequestInfo) -> None:
        """Add and edit rows before a request for rows is answered."""
        if not request.path.endswith("/data/"):
            return
        self.form.insert(NEW)
        self.done["inserted"] += NEW
        for number in self._some(EDITED):
            self.form.edit(number, comment=f"edited {self.done['edited']}")
            self.done["edited"] += 1

    def between(self) -> None:
        """Delete rows between the count and the rows of one answer."""
        for number in self._some(DELETED):
            self.form.delete(number)
            self.done["deleted"] += 1

    def _some(self, most: int) -> list[int]:
        """Choose old rows, as long as most of them are left."""
        there = list(self.form.rows)
        return self.chance.sample(there, min(most, len(there) // 20))


def troubled(seed: int, rows: int) -> tuple[FakeKobo, Unrest]:
    """Make a server that is far away, changes all the time, and fails now and then."""
    fake = FakeKobo(seed=seed)
    unrest = Unrest(fake.add_form("Household survey", rows=rows), seed)
    fake.on_request = unrest.before
    fake.between_count_and_find = unrest.between
    far = random.Random(f"{seed}/latency")  # noqa: S311 - no secret
    fake.latency = lambda _: far.uniform(0.15, 0.25)
    fake.faults.add(*(attrs.evolve(fault, match=DATA, times=1, after=n) for n, fault in TROUBLE))
    return fake, unrest


async def play(fake: FakeKobo, unrest: Unrest, commands: TextIO, answers: TextIO) -> None:
    """Serve until the commands end."""
    async with serve(fake) as url:
        _say(answers, {"url": url, "token": fake.token, "uid": unrest.form.uid})
        await asyncio.get_running_loop().run_in_executor(None, commands.read)
    left = unrest.at_start & set(unrest.form.rows)
    _say(answers, {"throughout": sorted(left), "faults": fake.faults.fired(), **unrest.done})


def _say(answers: TextIO, value: dict[str, Any]) -> None:
    answers.write(orjson.dumps(value).decode() + "\n")
    answers.flush()


@attrs.define
class DemoServer:
    """A running server, as its parent sees it."""

    url: str
    token: str = attrs.field(repr=False)
    uid: str
    _process: subprocess.Popen[str]

    def stop(self) -> dict[str, Any]:
        """End the server and return the truth."""
        output, _ = self._process.communicate()
        truth: dict[str, Any] = orjson.loads(output)
        return truth


@contextmanager
def started(seed: int, rows: int) -> Iterator[DemoServer]:
    """Run the server in a process of its own as long as the block lasts."""
    arguments = [sys.executable, "-m", __name__, str(seed), str(rows)]
    process = subprocess.Popen(  # noqa: S603 - our own module
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            hello = process.stdout.readline()
            if not hello:
                raise RuntimeError("the server of the demo did not start; it says why above")
            yield DemoServer(**orjson.loads(hello), process=process)
        finally:
            process.kill()


def main(seed: int, rows: int) -> None:
    """Be the server. Ctrl-C is for the parent, which ends this process in its own time."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(play(*troubled(seed, rows), sys.stdin, sys.stdout))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
