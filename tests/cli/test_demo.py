"""The demo: an honest comparison of a file with what the server knows."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from kobo_async import Completeness, KoboClient, sinks
from kobo_async.cli import demo
from kobo_async.cli.demo_server import DemoServer, Unrest, main, play, started, troubled
from kobo_async.sinks import Row
from kobo_async.testing import FakeKobo

from .running import finished, run

PROMISED = {
    *("expected", "delivered", "missing", "duplicates", "requests", "retries"),
    *("seconds", "rows_per_second", "path"),
}
REPORT = Completeness(
    asset="a",
    strategy="offsets",
    expected=4,
    delivered=4,
    missing=0,
    arrived=0,
    vanished=0,
    requests=2,
    retries=0,
    seconds=2.0,
    last_id=4,
    gaps=(),
    complete=True,
)


def ids(path: Path) -> list[int]:
    return [json.loads(line)["_id"] for line in path.read_bytes().splitlines()]


def test_every_row_that_was_there_all_the_time_is_in_the_file_once(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    code, out, err = finished("demo", "--json", "-o", str(path))
    found = json.loads(out.splitlines()[-1])
    assert (code, err) == (0, b"")
    assert found.keys() >= PROMISED
    assert (found["missing"], found["duplicates"]) == (0, 0)
    assert found["expected"] >= 20_000
    assert found["delivered"] == len(ids(path)) == len(set(ids(path)))
    assert found["retries"] > 0
    assert min(found["server"].values()) > 0, "rows were added, edited, deleted; faults happened"
    assert found["path"] == str(path)
    assert [one.name for one in tmp_path.iterdir()] == ["rows.jsonl"]


def test_without_json_it_draws_a_table():
    result = run("demo", "--rows", "300")
    assert result.exit_code == 0
    for word in ("complete", "delivered", "missing", "duplicates", "rows.jsonl"):
        assert word in result.stdout


def test_it_writes_json_lines_only(tmp_path: Path):
    result = run("demo", "-o", str(tmp_path / "rows.csv"))
    assert result.exit_code == 2
    assert ".jsonl" in result.stderr


class Losing(sinks.JsonLines):
    """Loses one row, and writes another one twice."""

    async def write(self, rows: Sequence[Row], /) -> None:
        await super().write([rows[0], rows[0], *rows[2:]])


def test_a_file_that_is_not_right_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sinks, "JsonLines", Losing)
    path = tmp_path / "rows.jsonl"
    result = run("demo", "--rows", "10", "--json", "-o", str(path))
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["missing"], found["duplicates"]) == (1, 1)
    assert "NOT COMPLETE" in drawn(found)


def drawn(found: dict[str, Any]) -> str:
    with pytest.MonkeyPatch.context() as patch:
        screen = io.StringIO()
        patch.setattr("sys.stdout", screen)
        demo._draw(found)
        return screen.getvalue()


@pytest.mark.parametrize(
    ("written", "missing", "duplicates"),
    [
        ([1, 2, 3, 4], 0, 0),
        ([1, 3, 4], 1, 0),
        ([4, 3, 2, 1, 1, 1], 0, 1),
        ([1, 2, 3, 4, 5, 6], 0, 0),
        ([], 4, 0),
    ],
)
def test_missing_and_duplicates_come_from_the_file_alone(
    tmp_path: Path, written: Iterable[int], missing: int, duplicates: int
):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f'{{"_id": {number}}}\n' for number in written))
    truth = {"throughout": [1, 2, 3, 4], "faults": 0}
    found = demo.measured(path, REPORT, truth)
    assert (found["missing"], found["duplicates"]) == (missing, duplicates)
    assert found["rows_per_second"] == found["delivered"] / 2


def test_an_interrupted_demo_ends_its_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    servers: list[DemoServer] = []

    def interrupted(server: DemoServer, _: Path) -> None:
        servers.append(server)
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_download", interrupted)
    result = run("demo", "--rows", "1", "-o", str(tmp_path / "rows.jsonl"))
    assert result.exit_code == 130
    assert servers[0]._process.returncode is not None
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_start_is_no_reason_to_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.executable", "false")
    with pytest.raises(RuntimeError, match="did not start"), started(7, 10):
        pytest.fail("there is no server")


class Commands(io.StringIO):
    """Input that ends when somebody says so."""

    def __init__(self) -> None:
        super().__init__()
        self.end = threading.Event()

    def read(self, _: int | None = None, /) -> str:
        self.end.wait()
        return ""


class Answers(io.StringIO):
    """Output whose first line is followed by a download."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.commands = commands
        self.delivered: list[int] = []

    def flush(self) -> None:
        if not self.commands.end.is_set():
            hello = json.loads(self.getvalue())
            thread = threading.Thread(target=anyio.run, args=(self._download, hello))
            thread.start()

    async def _download(self, hello: dict[str, str]) -> None:
        client = KoboClient(hello["url"], token=hello["token"])
        async with client, client.submissions.stream(hello["uid"]) as rows:
            self.delivered = [row["_id"] async for row in rows]
        self.commands.end.set()


def test_the_server_tells_which_rows_were_there_all_the_time():
    fake, unrest = troubled(7, 1500)
    fake.latency = 0.0
    commands = Commands()
    answers = Answers(commands)
    anyio.run(play, fake, unrest, commands, answers)
    truth = json.loads(answers.getvalue().splitlines()[-1])
    throughout = set(truth["throughout"])
    assert throughout == unrest.at_start & set(unrest.form.rows)
    assert throughout < unrest.at_start
    assert throughout <= set(answers.delivered)
    assert min(truth["inserted"], truth["edited"], truth["deleted"]) > 0


def test_requests_for_other_things_change_nothing():
    fake = FakeKobo(seed=7)
    form = fake.add_form("Wells", rows=100)
    unrest = Unrest(form, 7)
    fake.on_request = unrest.before

    async def ask() -> None:
        async with KoboClient("http://localhost", token=fake.token, app=fake) as client:
            await client.me.get()

    anyio.run(ask)
    assert set(unrest.done.values()) == {0}


def test_the_same_seed_gives_the_same_server():
    (one, _), (same, _), (other, _) = troubled(7, 10), troubled(7, 10), troubled(8, 10)
    assert one.token == same.token != other.token
    assert one.forms.keys() == same.forms.keys()


def test_the_server_process_ends_with_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    main(7, 10)
    hello, truth = map(json.loads, capsys.readouterr().out.splitlines())
    assert hello.keys() == {"url", "token", "uid"}
    assert len(truth["throughout"]) == 10
