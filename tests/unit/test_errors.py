"""Errors say what was asked, what came back and what to do; their tree is tested elsewhere."""

from __future__ import annotations

from kobo_async import errors
from kobo_async.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectFailed,
    Gone,
    IncompleteDownload,
    JobFailed,
    JobTimeout,
    MalformedReply,
    NotFound,
    ServerBusy,
    ServerUnavailable,
    UnexpectedRedirect,
)


def test_errors_say_what_was_asked_what_came_back_and_what_to_do() -> None:
    assert str(NotFound(404, "Not found.", "GET /x/")) == (
        "GET /x/ answered 404: Not found. (the server answers the same when the object exists but "
        "is not shared with this account)"
    )
    assert str(ServerBusy(503, "busy", "GET /x/")) == "GET /x/ answered 503: busy"
    assert str(MalformedReply("cut", "GET /x/")) == "GET /x/: cut"
    assert str(ConnectFailed("no route")) == "no route"
    assert str(ServerUnavailable("down", 15.0)) == "down"
    assert str(JobFailed("no form", "XlsFormatException")) == "no form"
    assert str(JobTimeout("still running", "e123")) == "still running"
    assert str(IncompleteDownload("3 of 5", {"missing": 2})) == "3 of 5"
    assert "trailing slash" in str(UnexpectedRedirect(301, "moved", "GET /x"))
    assert "Token scheme" in str(AuthenticationFailed(401, "no", "GET /x/"))
    assert "/api/v2/" in str(Gone(410, "gone", "GET /x/"))


def test_details_of_an_api_error_can_be_left_out() -> None:
    error = ApiError(418, "teapot")

    assert (error.request, error.body, error.retry_after, error.fields) == ("", None, None, {})


def test_settings_and_queries_that_cannot_work_are_value_errors_too() -> None:
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.QueryError, ValueError)
