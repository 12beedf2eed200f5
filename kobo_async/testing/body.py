"""What requests carry: JSON, forms and files."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from email.message import Message
from email.parser import HeaderParser
from typing import Any, Final
from urllib.parse import parse_qsl

import attrs

_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


class BodyError(Exception):
    """A body that is not what its content type says, or that nobody can read.

    `status` is what the proper handler answers; most views crash instead (observed §0).
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


@attrs.frozen
class Upload:
    """One file of a multipart body."""

    field: str
    filename: str
    content_type: str
    content: bytes = attrs.field(repr=False)


Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def read_body(receive: Receive) -> bytes:
    """Read the body of a request; one that ends early is what has arrived."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def parse_multipart(content_type: str, body: bytes) -> tuple[dict[str, str], list[Upload]]:
    """Split a multipart body into its fields (the last of a name counts) and its files."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str):
        raise BodyError(400, "Multipart form parse error - Invalid boundary in multipart: None")
    fields: dict[str, str] = {}
    files: list[Upload] = []
    for part in _parts(boundary.encode(), body):
        _sort(part, fields, files)
    return fields, files


def _parts(boundary: bytes, body: bytes) -> list[bytes]:
    pieces = re.split(rb"(?:^|\r\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r\n|$)", body)
    return pieces[2:-1:2]


def _sort(part: bytes, fields: dict[str, str], files: list[Upload]) -> None:
    head, _, content = part.partition(b"\r\n\r\n")
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace"))
    name = headers.get_param("name", header="content-disposition")
    filename = headers.get_param("filename", header="content-disposition")
    if filename is None:
        fields[_text(name)] = content.decode("utf-8", "replace")
    elif filename:
        kind = headers.get("content-type", "application/octet-stream")
        files.append(Upload(_text(name), _text(filename), kind, content))


def _text(parameter: str | tuple[str | None, str | None, str] | None) -> str:
    """Read a parameter of a header; `filename*=` comes as charset, language and text."""
    if isinstance(parameter, tuple):
        raw = parameter[2].encode("latin-1", "replace")
        return raw.decode(parameter[0] or "utf-8", "replace")
    return parameter or ""


def media_type(content_type: str) -> str:
    """Return a content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def read_data(content_type: str, body: bytes) -> Any:
    """Return what the API sees as the data of a request: JSON, or the fields of a form.

    Raises:
        BodyError: 400 for what cannot be parsed, 415 for a type that nobody reads.
    """
    kind = media_type(content_type)
    if not body:
        return {}
    if kind == "application/json":
        try:
            return json.loads(body)
        except ValueError as error:
            raise BodyError(400, f"JSON parse error - {error}") from None
    if kind == _FORM:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if kind == _MULTIPART:
        return parse_multipart(content_type, body)[0]
    raise BodyError(415, f'Unsupported media type "{content_type}" in request.')
