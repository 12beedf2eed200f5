"""What went wrong, in a line or two, with an exit code."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

from kobo_async import errors
from kobo_async.cli import failures
from kobo_async.errors import ApiError, ConfigError, KoboError
from kobo_async.testing import FakeForm, FakeKobo, Fault

from .running import Invoke, run

CODES = {
    errors.ConfigError: 2,
    errors.QueryError: 2,
    errors.AuthenticationFailed: 3,
    errors.PermissionDenied: 4,
    errors.NotFound: 4,
    errors.BadRequest: 1,
    errors.IncompleteDownload: 1,
    errors.ConnectFailed: 5,
    errors.ConnectionLost: 5,
    errors.RequestTimeout: 5,
    errors.MalformedReply: 5,
    errors.UnexpectedRedirect: 5,
    errors.RateLimited: 5,
    errors.ServerBusy: 5,
    errors.ServerUnavailable: 5,
    errors.DatabaseFailed: 5,
    OSError: 1,
    KeyboardInterrupt: 130,
    failures.Terminated: 143,
    RuntimeError: 1,
}


@pytest.mark.parametrize(("kind", "code"), CODES.items(), ids=str)
def test_an_error_has_its_exit_code(
    kind: type[BaseException], code: int, capsys: pytest.CaptureFixture[str]
):
    error = kind(418, "No.") if issubclass(kind, ApiError) else kind("No.")
    assert failures.tell(error) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert 1 <= len(err.splitlines()) <= 2


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, KoboError)
    ],
)
def test_no_error_of_the_package_is_called_a_bug(kind: type[KoboError]):
    error = kind(418, "No.") if issubclass(kind, ApiError) else kind("No.")
    assert "bug" not in failures.advice_on(error).text


def test_notes_are_told(capsys: pytest.CaptureFixture[str]):
    error = ConfigError("no server")
    error.add_note("rows.jsonl was not written")
    failures.tell(error)
    assert capsys.readouterr().err == (
        "kobo-async: no server\nkobo-async: rows.jsonl was not written\n"
    )


def test_text_of_a_server_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]):
    failures.tell(errors.NotFound(404, "\x1b[2Jgone\r\n", "GET /me/"))
    assert "\x1b" not in capsys.readouterr().err


def test_an_unforeseen_error_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]):
    failures.tell(ZeroDivisionError("division by zero"))
    err = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in err
    assert "--debug" in err
    assert "Traceback" not in err


def test_debug_shows_where_it_happened():
    plain, debug = run("assets"), run("assets", "--debug")
    assert (plain.exit_code, debug.exit_code) == (2, 2)
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr
    assert plain.stderr in debug.stderr


def test_without_a_server_it_says_what_to_set():
    assert "KOBO_URL" in run("assets").stderr


def test_a_wrong_token_ends_with_3(invoke: Invoke):
    result = invoke("assets", KOBO_TOKEN="wrong")
    assert result.exit_code == 3
    assert "KOBO_TOKEN" in result.stderr


def test_a_missing_project_ends_with_4(invoke: Invoke):
    result = invoke("pull", "aNowhere", "-o", "-")
    assert result.exit_code == 4
    assert "kobo-async assets" in result.stderr


def test_a_server_that_is_no_kobo_server_ends_with_5(invoke: Invoke, fake: FakeKobo):
    fake.faults.add(Fault.status(301))
    result = invoke("assets")
    assert result.exit_code == 5
    assert "browser" in result.stderr


def test_a_token_never_shows(invoke: Invoke, form: FakeForm):
    result = invoke("pull", form.uid, "-o", "-", "--token", "sEcrEt", "--debug")
    assert result.exit_code == 3
    assert "sEcrEt" not in result.output


def test_an_unencrypted_server_elsewhere_is_refused_unless_allowed():
    arguments = ("assets", "--server", "http://kobo.invalid", "--token", "x")
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "not encrypted" in refused.stderr
    allowed = run(*arguments, "--allow-http", "--q", "x")
    assert "not encrypted" not in allowed.stderr
    assert "too short" in allowed.stderr


def test_a_reader_that_went_away_is_not_told_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    with (tmp_path / "pipe").open("w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert failures.tell(BrokenPipeError()) == 141
        pipe.write("what was left")
    monkeypatch.undo()
    assert (tmp_path / "pipe").read_text() == ""
    assert capsys.readouterr() == ("", "")
