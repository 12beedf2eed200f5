"""What commands print, write and leave behind holds no secret, also where servers echo them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from kobo_async.testing import FakeKobo
from tests.cli.running import run, serving
from tests.hostile.canaries import TOKEN, assert_clean

COMMANDS: Final = (
    ("assets",),
    ("doctor",),
    ("usage",),
    ("pull", "a1", "-o", "-"),
    ("pull", "a1", "-o", "rows.jsonl"),
    ("pull", "a1", "-o", "data.csv"),
    ("schema", "a1"),
    ("summary", "a1"),
    ("export", "a1", "-o", "x.csv"),
    ("hooks", "list", "a1"),
    ("hooks", "logs", "a1"),
    ("history", "a1"),
    ("permissions", "show", "a1"),
    ("validate", "a1", "approved", "1"),
)


class Echo(FakeKobo):
    """Answers everything with the headers it got."""

    def __init__(self, status: int) -> None:
        super().__init__(seed=7)
        self.status = status
        self.shown = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        got = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.shown += TOKEN in str(got)
        body = orjson.dumps({"detail": str(got), "headers": got})
        headers = [(b"content-type", b"application/json"), (b"x-kobonaut", b"alice")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module", params=[400, 401, 404])
def echo(request: pytest.FixtureRequest) -> Iterator[tuple[Echo, str]]:
    fake = Echo(request.param)
    with serving(fake) as running:
        yield fake, running.url


@pytest.mark.parametrize("form", [(), ("--json",), ("--debug",)])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_the_token(
    echo: tuple[Echo, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    form: tuple[str, ...],
):
    fake, url = echo
    monkeypatch.chdir(tmp_path)
    before = fake.shown
    result = run(*command, *form, env={"KOBO_URL": url, "KOBO_TOKEN": TOKEN})
    assert result.exit_code
    assert result.exit_code != 2, result.output
    assert fake.shown > before or command == ("doctor",), "it asks as nobody first"
    assert_clean(result.output, result.stderr)
    assert_clean(*(path.read_bytes().decode() for path in tmp_path.rglob("*") if path.is_file()))


def test_a_token_on_the_command_line_is_warned_of_and_not_repeated():
    result = run("usage", "-s", "http://127.0.0.1:1", "--token", TOKEN, "--debug")
    assert "history of the shell" in result.stderr
    assert_clean(result.output, result.stderr)
