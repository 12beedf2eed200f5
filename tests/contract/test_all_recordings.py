"""Every recording of every operation: understood without loss, or turned into the right error."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import errors
from kobo_async.call import Op
from kobo_async.errors import ApiError
from kobo_async.models.convert import structure, unstructure
from kobo_async.operations import operations
from tests.contract.conftest import (
    Recording,
    is_readable,
    items_of,
    judged,
    params_of,
    same,
)

OPS = [operation.op for operation in operations()]
BY_STATUS = {
    **dict.fromkeys(range(300, 400), errors.UnexpectedRedirect),
    400: errors.BadRequest,
    401: errors.AuthenticationFailed,
    402: errors.UsageLimitReached,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    406: errors.NotAcceptable,
    409: errors.Conflict,
    410: errors.Gone,
    423: errors.Locked,
    429: errors.RateLimited,
    500: errors.ServerError,
    **dict.fromkeys((502, 503, 504), errors.ServerBusy),
}
SUCCESSES = [
    case
    for case in params_of(*OPS)
    if case.values[1].is_json and "features" not in case.values[1].body
]
"""GeoJSON, the same path in another format, is not a list of rows."""
FAILURES = params_of(*OPS, errors=True)


@pytest.mark.parametrize(("op", "one"), SUCCESSES)
def test_a_success_comes_back_as_the_same_json(op: Op[Any], one: Recording) -> None:
    for item in items_of(op, one):
        assert same(unstructure(structure(item, op.result)), item)


@pytest.mark.parametrize(("op", "one"), FAILURES)
def test_a_failure_is_an_error_that_a_person_can_act_on(op: Op[Any], one: Recording) -> None:
    error = judged(op, one)
    assert type(error) is BY_STATUS[one.status]
    assert isinstance(error, ApiError)
    assert is_readable(error.message)
    assert error.message != "no explanation"
    assert str(error).startswith(f"{op.method} {one.path} answered {one.status}: ")


def test_nearly_all_recordings_belong_to_an_operation() -> None:
    if not SUCCESSES:
        pytest.skip("no recordings of a real server; KOBO_SHARED names their folder")
    assert len(SUCCESSES) + len(FAILURES) > 600
