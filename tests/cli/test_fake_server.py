"""The fake server as a command, run in this process until it is told to stop."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import anyio
import pytest
from click.testing import Result

from .running import run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the server as long as it takes to get ready."""

    async def stop() -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(anyio, "sleep_forever", stop)
    return lambda *arguments: run("fake-server", *arguments)


def test_it_prints_url_token_and_uid(served: Callable[..., Result]):
    result = served("--rows", "12")
    assert result.exit_code == 0
    url, token, uid = result.stdout.split("\n")[:3]
    assert url.startswith("url    http://127.0.0.1:")
    assert token.startswith("token  ")
    assert uid.endswith("12 rows)")
    assert "export KOBO_URL=http://127.0.0.1:" in result.stderr


def test_json_is_one_line_with_all_forms(served: Callable[..., Result], shared: Path):
    folder = shared / "kpi" / "data" / "sandbox"
    (line,) = served("--form", str(folder), "--rows", "3", "--json").stdout.splitlines()
    told = json.loads(line)
    assert told.keys() == {"url", "token", "username", "uid", "name", "rows", "forms"}
    assert [form["rows"] for form in told["forms"]] == [46, 3]
    assert told["uid"] == told["forms"][0]["uid"]


def test_without_rows_and_forms_there_is_a_form_with_a_thousand(served: Callable[..., Result]):
    assert json.loads(served("--json").stdout)["rows"] == 1000


def test_the_same_seed_gives_the_same_token(served: Callable[..., Result]):
    one, same, other = (
        json.loads(served("--json", "--seed", seed).stdout)["token"] for seed in ("1", "1", "2")
    )
    assert one == same != other


def test_a_folder_without_a_form_is_refused(served: Callable[..., Result], tmp_path: Path):
    result = served("--form", str(tmp_path))
    assert result.exit_code == 2
    assert "does not hold a form" in result.stderr


def test_a_port_in_use_is_told_in_words(served: Callable[..., Result]):
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = served("--port", str(other.getsockname()[1]))
    assert result.exit_code == 1
    assert "in use" in result.stderr
    assert "Traceback" not in result.stderr
