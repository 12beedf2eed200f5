"""Bodies of requests."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest

from kobo_async.testing.body import BodyError, parse_multipart, read_body, read_data


@pytest.mark.anyio
async def test_a_body_is_read_in_pieces_until_it_ends() -> None:
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"c"},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    assert await read_body(receive) == b"abc"
    assert await read_body(receive) == b""


def test_multipart_keeps_bytes_and_names() -> None:
    content = b"\x89PNG\r\n\r\n--x\r\n\r\n"
    request = httpx.Request(
        "POST",
        "http://kobo.test/",
        data={"a": ["1", "2"], "name": "Zoë"},
        files=[("f", ("né.png", content, "image/png")), ("g", ("e.txt", b""))],
    )
    fields, files = parse_multipart(request.headers["content-type"], request.read())
    assert fields == {"a": "2", "name": "Zoë"}
    assert [(one.field, one.filename, one.content_type) for one in files] == [
        ("f", "né.png", "image/png"),
        ("g", "e.txt", "text/plain"),
    ]
    assert [one.content for one in files] == [content, b""]


def test_names_may_be_encoded() -> None:
    head = b"--x\r\nContent-Disposition: form-data; name=a; filename"
    body = head + b"*=utf-8''n%C3%A9\r\n\r\nA\r\n" + head + b'=""\r\n\r\nB\r\n--x--\r\n'
    fields, (upload,) = parse_multipart("multipart/form-data; boundary=x", body)
    assert not fields
    assert (upload.filename, upload.content_type) == ("né", "application/octet-stream")


def test_data_are_json_or_a_form() -> None:
    assert read_data("application/json; charset=utf-8", b'{"a": [1]}') == {"a": [1]}
    assert read_data("application/x-www-form-urlencoded", b"a=1&a=&b=%C3%A9") == {"a": "", "b": "é"}
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nA\r\n--x--\r\n'
    assert read_data("multipart/form-data; boundary=x", body) == {"a": "A"}
    assert read_data("", b"") == {}


@pytest.mark.parametrize(
    ("kind", "status"),
    [("application/json", 400), ("multipart/form-data", 400), ("text/plain", 415), ("", 415)],
)
def test_other_bodies_are_errors(kind: str, status: int) -> None:
    with pytest.raises(BodyError) as caught:
        read_data(kind, b"{")
    assert caught.value.status == status
