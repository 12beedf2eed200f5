"""A mirror that is killed again and again while the server changes, and equals it in the end.

    python mirror.py                          # against a fake server
    KOBO_URL=… KOBO_TOKEN=… python mirror.py  # against a real one

It makes a project of its own, and deletes it at the end. A real server cannot post to this machine:
there the mirror is kept by `kobo-async sync --watch`, and by `kobo-async receive` elsewhere.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import SystemRandom
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import anyio

from kobo_async import KoboClient
from kobo_async.models.asset import Asset
from kobo_async.testing import FakeKobo, serve
from kobo_async.verbs.submissions import Filled

FORM: dict[str, Any] = {
    "survey": [
        {"type": "text", "name": "village", "label": ["Village"]},
        {"type": "begin_repeat", "name": "wells", "label": ["Wells"]},
        {"type": "decimal", "name": "depth", "label": ["Depth (m)"]},
        {"type": "end_repeat"},
    ],
    "translations": [None],
    "translated": ["label"],
}
PATIENCE = 300.0
"""Seconds in which a mirror of a busy server should catch up."""
CHANCE = SystemRandom()
LOG = "mirror.log"
"""File with all that the mirrors said."""
Rows = dict[int, tuple[Any, ...]]
Command = subprocess.Popen[bytes]


async def submit(client: KoboClient, uid: str, rows: int) -> None:
    """Fill in the form some more times."""

    def filled(number: int) -> Filled:
        depths = [{"wells/depth": 4.5 + well} for well in range(number % 4)]
        return Filled({"village": f"Village {number}", "wells": depths})

    outcomes = await client.submissions.submit_many(uid, map(filled, range(rows)))
    assert not [outcome for outcome in outcomes if not outcome.done]


async def change(client: KoboClient, uid: str) -> None:
    """Add, edit, validate and delete submissions."""
    await submit(client, uid, 3)
    *some, gone = CHANCE.sample(sorted(await on_server(client, uid)), 5)
    edits = {number: {"village": f"Moved {uuid4().hex[:4]}"} for number in some}
    await client.submissions.edit_many(uid, edits)
    await client.submissions.set_validation_status_many(
        uid, {some[0]: "validation_status_approved", some[1]: None}
    )
    await client.submissions.delete_many(uid, [gone])


async def on_server(client: KoboClient, uid: str) -> Rows:
    """Read all submissions and their wells from the server."""
    async with client.submissions.stream(uid) as rows:
        return {
            row["_id"]: (
                row["_uuid"],
                row["village"],
                (row["_validation_status"] or {}).get("uid"),
                [float(well["wells/depth"]) for well in row.get("wells", ())],
            )
            async for row in rows
        }


def in_mirror(path: Path, name: str) -> Rows:
    """Read all submissions and their wells from the mirror."""
    with closing(sqlite3.connect(path)) as base:
        columns = "_id, _uuid, village, _validation_status"
        alive = f'SELECT {columns} FROM "{name}" WHERE _deleted_at IS NULL'  # noqa: S608 - ours
        rows = base.execute(alive).fetchall()
        wells = 'SELECT _submission__id, "wells/depth" FROM wells ORDER BY 1, _index'
        depths: dict[int, list[float]] = {row[0]: [] for row in rows}
        for number, depth in base.execute(wells):
            if number in depths:
                depths[number].append(depth)
    return {number: (*answers, depths[number]) for number, *answers in rows}


async def until_equal(
    client: KoboClient, asset: Asset, path: Path, mirror: Command, least: int
) -> str:
    """Wait until so much is there and nothing differs, and tell how much that is."""
    with anyio.fail_after(PATIENCE):
        while True:
            assert mirror.poll() is None, "the mirror ended by itself"
            there = await on_server(client, asset.uid)
            try:
                if len(there) >= least and in_mirror(path, asset.name) == there:
                    break
            except sqlite3.OperationalError:
                pass  # there are no tables yet
            await anyio.sleep(0.5)
    wells = sum(len(row[-1]) for row in there.values())
    return f"equal: {len(there)} submissions, {wells} wells"


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[Command]:
    """Run the command in a process of its own as long as the block lasts, and kill it then."""
    with (
        log.open("ab") as file,
        subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "kobo_async.cli", *arguments],
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def following(uid: str, folder: Path, *, receive: bool) -> list[str]:
    """Tell which command keeps the mirror."""
    target = f"sqlite:///{folder / 'mirror.db'}"
    if not receive:
        return ["sync", uid, "-o", target, "--watch", "2s"]
    (folder / "secret").write_text(uuid4().hex)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    files = ["--secret-file", str(folder / "secret"), "--inbox", str(folder / "inbox.db")]
    reached = ["--port", port, "--public-url", f"http://127.0.0.1:{port}", "--register"]
    return ["receive", uid, "-o", target, "--every", "2s", *files, *reached]


async def live(
    client: KoboClient,
    folder: Path,
    environment: Mapping[str, str],
    *,
    title: str | None = None,
    rows: int = 150,
    kills: int = 3,
    receive: bool = False,
    say: Callable[[str], object] = print,
) -> None:
    """Go through it all."""
    asset = await client.forms.create(title or f"Visits {uuid4().hex[:8]}", FORM, deploy=True)
    uid, path = asset.uid, folder / "mirror.db"
    command, log = following(uid, folder, receive=receive), folder / LOG
    try:
        await submit(client, uid, rows)
        with running(command, environment, log) as mirror:
            say(await until_equal(client, asset, path, mirror, rows))
        for turn in range(kills):
            with running(command, environment, log), anyio.move_on_after(CHANCE.uniform(0.5, 4)):
                await change(client, uid)
                await anyio.sleep_forever()
            say(f"killed {turn + 1}")
        await change(client, uid)
        with running(command, environment, log) as mirror:
            say(await until_equal(client, asset, path, mirror, rows))
    finally:
        await client.assets.delete(uid)


async def main() -> None:
    """Run against the server in the environment, or against a fake one."""
    with TemporaryDirectory() as folder:
        if "KOBO_URL" in os.environ:
            async with KoboClient.from_env() as client:
                await live(client, Path(folder), {})
            return
        fake = FakeKobo()
        async with serve(fake) as url, KoboClient(url, token=fake.token) as client:
            environment = {"KOBO_URL": url, "KOBO_TOKEN": fake.token}
            await live(client, Path(folder), environment, receive=True)


if __name__ == "__main__":
    anyio.run(main)
