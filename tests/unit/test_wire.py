"""What replies mean: values, errors by status, and what the server says in any of its dialects."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kobo_async import errors
from kobo_async.call import Call, Op
from kobo_async.errors import ApiError, KoboError, MalformedReply
from kobo_async.wire import LONGEST_MESSAGE, Reply, judge

READ: Op[Any] = Op("GET", "/api/v2/assets/{uid}/", dict)
CALL = READ.at("a1")
DELETE = Op("DELETE", "/api/v2/assets/{uid}/", type(None)).at("a1")
ANYTHING = Op("DELETE", "/x/", object).at()
HEAD = Op("HEAD", "/x/", object).at()
LATER = Op("GET", "/x/", dict, deferred=True).at()
PICTURE = Op("GET", "/picture/", bytes, accept="image/png").at()

PAGE = b"""<!doctype html><html><head><title>KoboToolbox</title></head>
<body><h1 class="x">Server error (500)</h1><p>...</p></body></html>"""


def verdict(
    status: int, body: bytes | str | Any = b"", call: Call[Any] = CALL, **headers: str
) -> Any:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(Reply(status, named, raw), call, now=0.0)


# Success


def test_a_successful_reply_is_its_json() -> None:
    assert verdict(200, {"uid": "a1"}) == {"uid": "a1"}
    assert verdict(201, [1, 2]) == [1, 2]
    assert verdict(202, None) is None


def test_json_counts_whatever_type_it_claims() -> None:
    assert verdict(200, {"uid": "a1"}, content_type="text/html") == {"uid": "a1"}


def test_nothing_is_a_fine_answer_where_nothing_is_expected() -> None:
    assert verdict(204, b"", DELETE) is None
    assert verdict(200, b"", DELETE) is None
    assert verdict(204, b"", ANYTHING) is None
    assert verdict(200, b"", HEAD) is None
    assert isinstance(verdict(200, b"", Op("GET", "/x/", object).at()), MalformedReply)


def test_a_status_that_the_operation_calls_a_success_is_one() -> None:
    retry = Op("PATCH", "/retry/", object, also_ok=(304,)).at()

    assert verdict(304, b"", retry) is None
    assert isinstance(verdict(304, b"", ANYTHING), errors.UnexpectedRedirect)


def test_what_is_not_asked_for_as_json_is_handed_out_as_it_is() -> None:
    assert verdict(200, b"\x89PNG", PICTURE) == b"\x89PNG"
    assert verdict(200, b"", PICTURE) == b""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "0 bytes of text/html"),
        (PAGE, "starting with '<!doctype html><html><head><title>KoboToolbox"),
        (b"\xff\xfe\x00", "3 bytes"),
        (b'{"a": NaN}', "not JSON"),
    ],
)
def test_a_successful_reply_that_is_no_json_is_malformed(body: bytes, said: str) -> None:
    error = verdict(200, body, content_type="text/html; charset=utf-8")

    assert isinstance(error, MalformedReply)
    assert said in str(error)
    assert str(error).startswith("GET /api/v2/assets/a1/: ")


@pytest.mark.parametrize("body", [b"{}", b' {"a": 1}\n', b'{"a": [' + b"1, " * 500 + b"1]}"])
def test_json_that_is_decoded_later_is_handed_out_as_it_is(body: bytes) -> None:
    assert verdict(200, body, LATER) == body


@pytest.mark.parametrize("body", [b"", b"{", b"}", b"[1]", b'{"a": 1', b'"a": 1}', PAGE])
def test_json_that_is_decoded_later_is_looked_at_from_both_ends(body: bytes) -> None:
    assert isinstance(verdict(200, body, LATER), MalformedReply)


@pytest.mark.parametrize("kind", ["application/json", "application/geo+json; charset=utf-8", ""])
def test_json_that_is_cut_off_is_not_shown_for_it_may_hold_a_secret(kind: str) -> None:
    error = verdict(200, b'{"token": "canary', content_type=kind)

    assert isinstance(error, MalformedReply)
    assert "17 bytes" in str(error)
    assert "canary" not in repr(error)


# Errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, errors.UnexpectedRedirect),
        (302, errors.UnexpectedRedirect),
        (304, errors.UnexpectedRedirect),
        (400, errors.BadRequest),
        (401, errors.AuthenticationFailed),
        (402, errors.UsageLimitReached),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (405, errors.MethodNotAllowed),
        (406, errors.NotAcceptable),
        (409, errors.Conflict),
        (410, errors.Gone),
        (418, ApiError),
        (423, errors.Locked),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (501, errors.ServerError),
        (502, errors.ServerBusy),
        (503, errors.ServerBusy),
        (504, errors.ServerBusy),
        (524, errors.ServerError),
        (999, errors.ServerError),
        (100, ApiError),
    ],
)
def test_each_status_is_an_error_of_its_own_class(status: int, kind: type[ApiError]) -> None:
    error = verdict(status, {"detail": "no"})

    assert type(error) is kind
    assert (error.status, error.message, error.body) == (status, "no", {"detail": "no"})
    assert error.request == "GET /api/v2/assets/a1/"


@pytest.mark.parametrize(
    ("body", "message", "fields"),
    [
        ({"detail": "Not found."}, "Not found.", {}),
        ({"detail": "Non trouvé."}, "Non trouvé.", {}),
        ({"error": "already in progress"}, "already in progress", {}),
        (
            {"name": ["Too long.", "Too dull."], "owner": "Wrong."},
            "name: Too long.; Too dull.; owner: Wrong.",
            {"name": "Too long.; Too dull.", "owner": "Wrong."},
        ),
        (
            {"limit": "A positive integer is required"},
            "limit: A positive integer is required",
            {"limit": "A positive integer is required"},
        ),
        (["Unsupported query"], "Unsupported query", {}),
        (
            {"content": {"survey": [{"row": 3, "problem": None}]}},
            "content: survey: row: 3",
            {"content": "survey: row: 3"},
        ),
        ({"detail": {"message": "locked"}}, "message: locked", {}),
        ({}, "no explanation", {}),
        ([], "no explanation", {}),
        (None, "no explanation", {}),
        ("plain", "plain", {}),
        (17, "17", {}),
        (b"", "no explanation", {}),
        (b"Resource not found (404)", "Resource not found (404)", {}),
        (PAGE, "Server error (500)", {}),
        (b"<title>Only &lt;this&gt;</title><p>", "Only <this>", {}),
        (b"<h1> </h1><title>  </title><p>Some\n text</p>", "Some text", {}),
        (b"<root><sort>Not supported</sort></root>", "Not supported", {}),
        (b'{"detail": "cut', '{"detail": "cut', {}),
        (b"\xff\xfe", "\ufffd\ufffd", {}),
        (b"red \x1b[31malert\x00", "red [31malert", {}),
    ],
)
def test_what_the_server_says_is_read_from_any_of_its_dialects(
    body: Any, message: str, fields: dict[str, str]
) -> None:
    error = verdict(400, body)

    assert (error.message, error.fields) == (message, fields)


@pytest.mark.parametrize("body", [b"", b"<h1>301 Moved Permanently</h1>"])
def test_a_redirect_tells_where_it_points_to_whatever_its_page_says(body: bytes) -> None:
    error = verdict(301, body, location="http://inside/api/v2/assets/")

    assert "points to http://inside/api/v2/assets/" in str(error)


def test_a_long_story_is_cut_short_in_the_message_but_kept_in_the_body() -> None:
    error = verdict(400, {"detail": "word " * 500})

    assert len(error.message) == LONGEST_MESSAGE
    assert error.message.endswith("…")
    assert error.body == {"detail": "word " * 500}


def test_a_reply_nested_as_deep_as_json_goes_is_read_all_the_same() -> None:
    deep = b"[" * 1000 + b'"x"' + b"]" * 1000

    assert verdict(400, deep).message == "…"
    assert verdict(400, b'{"field":' * 200 + b'"x"' + b"}" * 200).message.endswith("…")


@pytest.mark.parametrize("piece", ["<h1>", "<h1 ", "<title>", "<", "&lt;", "<h1>\n"])
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    started = time.process_time()

    verdict(500, (piece * 100_000).encode())

    assert time.process_time() - started < 2


def test_a_wait_that_the_server_asks_for_goes_with_the_error() -> None:
    assert verdict(429, b"", retry_after="7").retry_after == 7
    assert verdict(503, b"", retry_after="Thu, 01 Jan 1970 00:00:30 GMT").retry_after == 30
    assert verdict(503, b"").retry_after is None


def test_a_reply_tells_whom_it_recognised_and_what_it_is() -> None:
    reply = Reply(200, {"x-kobonaut": "alice", "content-type": "Text/HTML ; charset=utf-8"}, b"")

    assert reply.names_caller
    assert reply.media_type == "text/html"
    assert not Reply(200, {}, b"").names_caller
    assert Reply(200, {}, b"").media_type == ""


HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "location", "x-kobonaut", "content-length"]),
    st.text(max_size=40),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
BODIES = st.one_of(
    st.binary(),
    st.text().map(lambda text: text.encode("utf-8", "replace")),
    JSON.map(orjson.dumps),
    JSON.map(lambda value: orjson.dumps(value)[:-1]),
    st.text().map(lambda text: f"<html><h1>{text}</h1>".encode("utf-8", "replace")),
)


@given(st.integers(100, 999), HEADERS, BODIES, st.sampled_from([CALL, DELETE, HEAD, PICTURE]))
@example(400, {}, b"[" * 1020 + b"]" * 1020, CALL)
@example(200, {}, b"[" * 5000 + b"]" * 5000, CALL)
@example(500, {"retry-after": "1e400"}, b'{"detail": {"a": {"b": []}}}', CALL)
def test_every_reply_is_a_value_or_an_error_with_one_line_to_show(
    status: int, headers: dict[str, str], body: bytes, call: Call[Any]
) -> None:
    meaning = judge(Reply(status, headers, body), call, now=1.8e9)

    if 200 <= status < 300:
        assert isinstance(meaning, MalformedReply) or not isinstance(meaning, KoboError)
    else:
        assert isinstance(meaning, ApiError)
        assert meaning.status == status
        assert meaning.message
        assert "\n" not in str(meaning)
        assert len(meaning.message) <= LONGEST_MESSAGE
        assert meaning.retry_after is None or meaning.retry_after >= 0
