"""What went wrong, in a line or two: what happened, and what to do next."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import Final

import attrs
import click

from kobo_async import errors
from kobo_async.cli.terminal import logged, plain

DEBUG: Final = "kobo_async.debug"
FAILED, USAGE, AUTH, NOT_FOUND, UNAVAILABLE = 1, 2, 3, 4, 5
INTERRUPTED, READER_GONE, TERMINATED = 130, 141, 143
EXTRAS = {"click": "cli", "rich": "cli", "uvicorn": "testing", "httptools": "testing"}


class Terminated(KeyboardInterrupt):
    """The process was asked to end by SIGTERM."""


@attrs.frozen
class Advice:
    """The exit code of a kind of error, and what to do about it."""

    code: int
    text: str = ""


_ADVICE: Final[dict[type[BaseException], Advice]] = {
    errors.ConfigError: Advice(USAGE),
    errors.QueryError: Advice(USAGE),
    errors.AuthenticationFailed: Advice(
        AUTH, "check KOBO_TOKEN or the profile; the token stands in the account settings"
    ),
    errors.PermissionDenied: Advice(NOT_FOUND, "ask the owner of the project for the permission"),
    errors.NotFound: Advice(
        NOT_FOUND, "`kobo-async assets` lists what this account can see on this server"
    ),
    errors.ConnectFailed: Advice(
        UNAVAILABLE, "check the address (--server, KOBO_URL) and the network"
    ),
    errors.UnexpectedRedirect: Advice(
        UNAVAILABLE, "is this the address that the project list opens under in a browser?"
    ),
    errors.ReplyError: Advice(
        UNAVAILABLE, "is this the address that the project list opens under in a browser?"
    ),
    errors.TransportError: Advice(UNAVAILABLE, "try again later, or with fewer --concurrency"),
    errors.ServerUnavailable: Advice(UNAVAILABLE, "try again later"),
    errors.ServerError: Advice(UNAVAILABLE, "try again later, or with fewer --concurrency"),
    errors.RateLimited: Advice(UNAVAILABLE, "try again later, or with fewer --concurrency"),
    errors.IncompleteDownload: Advice(
        FAILED, "try again; --no-strict keeps what can be read and names the gaps"
    ),
    errors.SyncStopped: Advice(FAILED, "look why; --max-delete-fraction allows more"),
    errors.DatabaseFailed: Advice(
        UNAVAILABLE, "look after the database, then run it again; what was committed stays"
    ),
    errors.JobTimeout: Advice(FAILED, "the server goes on with it: look at the project later"),
    errors.PlanOutdated: Advice(FAILED, "run it again: that makes a new plan"),
    errors.KoboError: Advice(FAILED),
    BrokenPipeError: Advice(READER_GONE),
    OSError: Advice(FAILED),
    Terminated: Advice(TERMINATED),
    KeyboardInterrupt: Advice(INTERRUPTED),
}
_INTERNAL = Advice(FAILED, "this is a bug; run again with --debug and report what it prints")


def tell(error: BaseException, *, debug: bool = False) -> int:
    """Tell of an error on stderr and return the exit code."""
    if isinstance(error, BrokenPipeError):
        _silence_stdout()
        return READER_GONE
    if debug and not logged(logging.DEBUG, "traceback", exc_info=error):
        traceback.print_exception(error)
    advice = advice_on(error)
    for line in (_what(error), *getattr(error, "__notes__", ()), advice.text):
        if line and not logged(logging.ERROR, line):
            click.echo(f"kobo-async: {plain(line)}", err=True)
    return advice.code


def advice_on(error: BaseException) -> Advice:
    """Tell what to do about an error."""
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRAS:
        return Advice(USAGE, f"run: pip install 'kobo-async[{EXTRAS[error.name]}]'")
    known = (_ADVICE[kind] for kind in type(error).__mro__ if kind in _ADVICE)
    return next(known, _INTERNAL)


def _what(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, errors.KoboError | OSError | ModuleNotFoundError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _silence_stdout() -> None:
    """Keep the interpreter from complaining about the closed pipe when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
