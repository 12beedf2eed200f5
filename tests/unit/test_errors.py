"""The tree of errors: drawn as it is, told in one line, and fit to travel."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator

import pytest

import kobo_async
from kobo_async import errors
from kobo_async.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectFailed,
    Gone,
    IncompleteDownload,
    KoboError,
    MalformedReply,
    NotFound,
    ServerBusy,
    ServerUnavailable,
    UnexpectedRedirect,
)

INTERNAL = {errors._AboutRequest}


def family(kind: type[KoboError]) -> Iterator[type[KoboError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


EVERY = sorted(set(family(KoboError)) - INTERNAL, key=lambda kind: kind.__name__)


def drawn() -> dict[str, str]:
    """Read the parents of all errors from the tree in the module's docstring."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([ │├└─]*)([A-Z]\w+)", line):
            depth, name = len(found[1]), found[2]
            above = [(column, other) for column, other in above if column < depth]
            parents[name] = above[-1][1] if above else ""
            above.append((depth, name))
    return parents


def parent(kind: type[KoboError]) -> str:
    bases = [base for base in kind.__mro__[1:] if base in EVERY]
    return bases[0].__name__ if bases else ""


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    assert drawn() == {kind.__name__: parent(kind) for kind in EVERY}


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_is_public_and_explains_itself(kind: type[KoboError]) -> None:
    assert getattr(kobo_async, kind.__name__) is kind
    assert kind.__doc__


def example(kind: type[KoboError]) -> KoboError:
    if issubclass(kind, ApiError):
        return kind(404, "not here", "GET /x/", {"detail": "not here"}, 1.5, {"name": "bad"})
    if issubclass(kind, ServerUnavailable):
        return kind("down", 15.0)
    if issubclass(kind, IncompleteDownload):
        return kind("3 of 5", {"missing": 2})
    if issubclass(kind, errors._AboutRequest):
        return kind("broken", "GET /x/")
    return kind("no good")


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_survives_pickling_and_copying(kind: type[KoboError]) -> None:
    error = example(kind)

    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert type(twin) is kind
        assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_is_told_in_one_line(kind: type[KoboError]) -> None:
    assert str(example(kind)).count("\n") == 0
    assert str(example(kind))


def test_errors_say_what_was_asked_what_came_back_and_what_to_do() -> None:
    assert str(NotFound(404, "Not found.", "GET /x/")) == (
        "GET /x/ answered 404: Not found. (the server answers the same when the object exists but "
        "is not shared with this account)"
    )
    assert str(ServerBusy(503, "busy", "GET /x/")) == "GET /x/ answered 503: busy"
    assert str(MalformedReply("cut", "GET /x/")) == "GET /x/: cut"
    assert str(ConnectFailed("no route")) == "no route"
    assert "trailing slash" in str(UnexpectedRedirect(301, "moved", "GET /x"))
    assert "Token scheme" in str(AuthenticationFailed(401, "no", "GET /x/"))
    assert "/api/v2/" in str(Gone(410, "gone", "GET /x/"))


def test_details_of_an_api_error_can_be_left_out() -> None:
    error = ApiError(418, "teapot")

    assert (error.request, error.body, error.retry_after, error.fields) == ("", None, None, {})


def test_settings_and_queries_that_cannot_work_are_value_errors_too() -> None:
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.QueryError, ValueError)
