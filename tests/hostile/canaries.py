"""Secrets that must not turn up anywhere, and everything that an error can tell of them."""

from __future__ import annotations

import io
import pickle
import traceback
from collections.abc import Iterator
from typing import Final

from respx.models import SideEffectError
from rich.console import Console
from rich.traceback import Traceback

from tests.unit.serving import chain

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


def told(problem: BaseException, *, variables: bool = True, in_full: bool = False) -> Iterator[str]:
    """Tell an error in every way: as text, as a traceback, with variables, and pickled.

    `variables` may stay out where a secret was given as a plain text. `in_full` has rich draw
    them, too, which takes a second.
    """
    _skip_tests(problem)
    yield from (str(problem), repr(problem), ascii(problem.args), repr(vars(problem)))
    yield "".join(traceback.format_exception(problem))
    if variables:
        yield from map(repr, _variables(problem))
    if in_full:
        yield _drawn(problem)
    for link in chain(problem):  # some libraries pickle causes along with it
        yield pickle.dumps(vars(link)).decode("latin-1")
    yield pickle.dumps(problem).decode("latin-1")


def _skip_tests(problem: BaseException) -> None:
    """Drop the frames of the test itself, and the cause that `respx` gives to what it raises."""
    trace = problem.__traceback__
    while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    problem.__traceback__ = trace
    for link in list(chain(problem)):
        if isinstance(link.__cause__, SideEffectError):
            link.__cause__ = link.__context__ = None


def _variables(problem: BaseException) -> Iterator[object]:
    for link in chain(problem):
        for frame, _ in traceback.walk_tb(link.__traceback__):
            yield from frame.f_locals.values()


def _drawn(problem: BaseException) -> str:
    shown = Traceback.from_exception(
        type(problem),
        problem,
        problem.__traceback__,
        show_locals=True,
        locals_max_string=4_000,
        locals_max_length=100,
    )
    console = Console(file=io.StringIO(), width=8_000, color_system=None)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
