"""`--log-json`: what goes to stderr is for machines."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kobo_async.testing import FakeForm, Fault
from tests.hostile.canaries import TOKEN, assert_clean

from .running import Invoke, Server, lines, run


def test_a_download_tells_what_happens_in_lines_of_json(
    server: Server, invoke: Invoke, small: FakeForm, tmp_path: Path
):
    server.fake.faults.add(Fault.status(503, retry_after=0, times=1))
    result = invoke("pull", small.uid, "-o", str(tmp_path / "rows.jsonl"), "--log-json")
    assert result.exit_code == 0
    told = lines(result.stderr)
    assert [line.get("event") for line in told] == [
        "download_began",
        "retrying",
        "download_ended",
        None,
    ]
    assert told[2]["delivered"] == 5
    assert told[3]["message"].startswith("complete: 5 of 5 rows")


@pytest.mark.parametrize("options", [("--log-json", "--debug"), ("--debug", "--log-json")])
def test_with_debug_every_request_and_the_traceback_are_there(
    invoke: Invoke, options: tuple[str, ...]
):
    result = invoke("assets", "show", "nothing", *options)
    assert result.exit_code == 4
    *requests, traceback, error, advice = lines(result.stderr)
    assert {line["event"] for line in requests} == {"replied"}
    assert "NotFound" in traceback["exception"]
    assert error["level"] == "error"
    assert "404" in error["message"]
    assert "kobo-async assets" in advice["message"]


def test_data_stays_on_stdout_and_nothing_is_left_behind(invoke: Invoke):
    before = (list(logging.getLogger().handlers), logging.getLogger("kobo_async").level)
    logged, plain = invoke("assets", "--log-json"), invoke("assets")
    assert logged.stdout == plain.stdout
    assert plain.stderr == ""
    assert (list(logging.getLogger().handlers), logging.getLogger("kobo_async").level) == before


def test_people_are_told_in_words_as_before(invoke: Invoke):
    assert invoke("assets", "show", "nothing").stderr.startswith("kobo-async: ")


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_no_line_holds_the_token(server: Server, debug: tuple[str, ...]):
    result = run("assets", "-s", server.url, "--token", TOKEN, "--log-json", *debug)
    assert result.exit_code == 3
    assert lines(result.stderr)
    assert_clean(result.output, result.stderr)


def test_nothing_in_a_line_acts_upon_a_terminal(invoke: Invoke):
    result = invoke("assets", "show", "\x1b[31m\u202e\x9b", "--log-json")
    assert result.stderr.isprintable() or "\n" in result.stderr
    assert not {"\x1b", "\u202e", "\x9b"} & set(result.stderr)
    assert lines(result.stderr)
