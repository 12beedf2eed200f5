"""`Retry-After` in all its forms, and links that are brought back to the configured server."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import QueryError
from kobo_async.wire import rebase, retry_after

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def wait(value: str | None) -> float | None:
    return retry_after(value, now=NOW.timestamp())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 2099 ", 2099.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("1e9", 1e9),
        ("nan", None),
        ("inf", None),
        ("-Infinity", None),
        ("1e999", None),
        ("120, 60", None),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 13:00:30 +0100", 30.0),
        ("Sat, 21 Nov 2026 12:00:30 -0000", 30.0),
        ("Sat, 21 Nov 2026 12:00:30", 30.0),
        ("Saturday, 21-Nov-26 12:00:30 GMT", 30.0),
        ("Sat Nov 21 12:00:30 2026", 30.0),
        ("Sat, 21 Nov 2020 12:00:00 GMT", 0.0),
        ("Sat, 99 Nov 2026 12:00:00 GMT", None),
        ("Sat, 21 Nov 99999 12:00:00 GMT", None),
        ("Sat, 21 Nov 2026 12:00:00 +9999999", None),
        ("Sat, 21 Nov", None),
        (",", None),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert wait(value) == seconds


@given(st.text() | st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,6} \d\d?:\d\d?(:\d+)? [+-]?\w{0,6}"))
def test_no_header_breaks_it_and_no_wait_is_negative_or_endless(value: str) -> None:
    seconds = wait(value)

    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))


@given(st.integers(0, 10**6))
def test_a_date_means_the_time_until_then(seconds: int) -> None:
    moment = NOW + timedelta(seconds=seconds)

    assert wait(format_datetime(moment, usegmt=True)) == seconds
    assert wait(str(seconds)) == seconds


@pytest.mark.parametrize(
    ("link", "server", "target"),
    [
        ("/api/v2/tags/", "https://kf.example", "/api/v2/tags/"),
        ("api/v2/tags/?q=x", "https://kf.example", "/api/v2/tags/?q=x"),
        ("http://inside:8000/api/v2/?start=1#top", "https://kf.example", "/api/v2/?start=1"),
        ("//evil.example/x", "https://kf.example", "/x"),
        ("https://u:p@evil.example/x", "https://kf.example", "/x"),
        ("http://[::1]:80/x", "https://kf.example", "/x"),
        ("https:///x", "https://kf.example", "/x"),
        ("////evil.example/x", "https://kf.example", "/evil.example/x"),
        ("https://kf.example/kobo/api/", "https://kf.example/kobo", "/api/"),
        ("https://kf.example/kobo//evil.example/", "https://kf.example/kobo", "/evil.example/"),
        ("https://kf.example/koboto/", "https://kf.example/kobo", "/koboto/"),
        ("", "https://kf.example", "/"),
    ],
)
def test_a_link_is_reduced_to_what_the_configured_server_is_asked(
    link: str, server: str, target: str
) -> None:
    assert rebase(link, server) == target


@pytest.mark.parametrize("link", ["http://[::1/x", "//[/"])
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(QueryError, match="not a link"):
        rebase(link, "https://kf.example")


PIECES = st.lists(
    st.sampled_from(
        [
            *("http:", "https:", "//", "/", "\\", "[::1]", "[", "]", "@", "evil.example", ":80"),
            *("?", "#", "..", "%2f", " ", "\t", "\n", "\x00", "x", "é", "/kobo", "javascript:"),
        ]
    ),
    max_size=12,
).map("".join)


@given(st.text() | PIECES, st.sampled_from(["https://kf.example", "https://kf.example/kobo"]))
def test_whatever_the_link_the_configured_server_is_asked(link: str, server: str) -> None:
    try:
        target = rebase(link, server)
    except QueryError:
        return
    assert target.startswith("/")
    assert not target.startswith("//")
    assert not urlsplit(target).netloc
    assert urlsplit(server + target).netloc == "kf.example"
