"""Secrets that must not turn up anywhere, and everything that an error can tell of them."""

from __future__ import annotations

import io
import pickle
import traceback
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.traceback import Traceback

TOKEN: Final = "c4n4ry7ok3n0f7h3acc0un70123456789abcdef0"
PASSWORD: Final = "c4n4ry-p4ssw0rd-0f-7h3-acc0unt"
BASIC: Final = "YWxpY2U6YzRuNHJ5LXA0c3N3MHJkLTBmLTdoMy1hY2MwdW50"
"""`alice:` and the password, as they go over the wire."""
KEY: Final = "c4n4ry-k3y-0f-7h3-1d3n7i7y-pr0v1d3r"
HOOK: Final = "c4n4ry-s3cr37-0f-7h3-h00k"
DATABASE: Final = "c4n4ry-p4ssw0rd-0f-7h3-da7aba53"
MARK: Final = "c4n4ry"
CREDENTIALS: Final = {
    "token": {"token": TOKEN},
    "bearer": {"bearer": TOKEN},
    "password": {"username": "alice", "password": PASSWORD},
}


def assert_clean(*texts: object) -> None:
    """Make sure that no secret stands in any of these, whatever way they are shown."""
    for thing in texts:
        text = thing if isinstance(thing, str) else f"{thing!r} {thing!s} {thing!a}"
        assert MARK not in text, text[: text.index(MARK)][-200:]
        assert BASIC not in text


def told(problem: BaseException) -> Iterator[str]:
    """Tell an error in every way: as text, as a traceback, with variables, and pickled."""
    _skip_tests(problem)
    yield from (str(problem), repr(problem), ascii(problem.args), repr(vars(problem)))
    yield "".join(traceback.format_exception(problem))
    yield _with_variables(problem)
    yield pickle.dumps(problem).decode("latin-1")


def _skip_tests(problem: BaseException) -> None:
    """Drop the frames of the test itself, whose variables are its own business."""
    trace = problem.__traceback__
    while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    problem.__traceback__ = trace


def _with_variables(problem: BaseException) -> str:
    shown = Traceback.from_exception(
        type(problem),
        problem,
        problem.__traceback__,
        show_locals=True,
        locals_max_string=100_000,
        locals_max_length=1000,
    )
    console = Console(file=io.StringIO(), width=100_000, color_system=None)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
