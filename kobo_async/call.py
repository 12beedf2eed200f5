"""API calls as values; no I/O happens here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from string import Formatter
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import attrs
import orjson

T = TypeVar("T")
Method: TypeAlias = Literal["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]
Json: TypeAlias = Any
Site: TypeAlias = Literal["kpi", "openrosa"]


class Omit(Enum):
    """Marks an argument that is left out of the request; `None` is sent as null."""

    OMIT = "OMIT"

    def __repr__(self) -> str:
        return self.name


OMIT: Final = Omit.OMIT


class Paging(Enum):
    """How the server cuts a list into pages (`api-facts §2`)."""

    NONE = "none"
    """One object."""
    ARRAY = "array"
    """A bare JSON list, whole."""
    COUNTED = "counted"
    """`limit` + `start`, with `count`."""
    UNCOUNTED = "uncounted"
    """`limit` + `start`, only `next` tells whether there is more."""
    KEYSET = "keyset"
    """The data list, read by `_id` greater than the last one seen."""


def given(**fields: object) -> dict[str, Any]:
    """Keep the fields that were given."""
    return {name: value for name, value in fields.items() if value is not OMIT}


@attrs.frozen
class Op(Generic[T]):
    """The fixed part of an operation: one row of the API.

    Attributes:
        method: HTTP method.
        path: path from the server's root, with named placeholders.
        result: type of the result, or of one item where the operation is paged.
        paging: how a list is cut.
        repeatable: whether the request may be sent again when its fate is unknown.
        patient: whether the call waits for a server that is down instead of failing at once.
        accept: media type asked for; JSON bodies are decoded, others are handed out as bytes.
        deferred: whether JSON is handed out undecoded, after a look at both its ends.
        also_ok: statuses outside 2xx that are successes here, such as 304 for nothing to do.
        site: which of the two hosts of a server answers.
    """

    method: Method
    path: str
    result: type[T]
    paging: Paging = attrs.field(default=Paging.NONE, kw_only=True)
    repeatable: bool = attrs.field(kw_only=True)
    patient: bool = attrs.field(default=False, kw_only=True)
    accept: str = attrs.field(default="application/json", kw_only=True)
    deferred: bool = attrs.field(default=False, kw_only=True)
    also_ok: tuple[int, ...] = attrs.field(default=(), kw_only=True)
    site: Site = attrs.field(default="kpi", kw_only=True)

    @repeatable.default
    def _reads_repeat(self) -> bool:
        return self.method in {"GET", "HEAD"}

    @property
    def params(self) -> tuple[str, ...]:
        """Names of the path parameters, in order."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)

    def at(
        self,
        *ids: str | int,
        query: Mapping[str, object] | None = None,
        json: object = OMIT,
        form: Mapping[str, str] | None = None,
        files: Sequence[Upload] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Call[T]:
        """Fill the path and bind query, body and further headers.

        Raises:
            ValueError: for an empty id, or one that would change the path (`.`, `..`).
        """
        if len(ids) != len(self.params):
            raise TypeError(f"{self.path} takes {self.params}, got {len(ids)} values")
        quoted = {name: _segment(name, value) for name, value in zip(self.params, ids, strict=True)}
        path = self.path.format(**quoted)
        return Call(
            self, path, given(**(query or {})), json, form, tuple(files), dict(headers or {})
        )


def _segment(name: str, value: str | int) -> str:
    text = str(value)
    if text in {"", ".", ".."}:
        raise ValueError(f"{name} cannot be {text!r}")
    return quote(text, safe="")


@attrs.frozen
class Upload:
    """A file that goes along with a request, as one part of a multipart form."""

    field: str
    filename: str
    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    media_type: str = "application/octet-stream"


@attrs.frozen
class Call(Generic[T]):
    """One request: comparable, loggable, ready to be sent, planned or repeated."""

    op: Op[T]
    path: str
    query: Mapping[str, Any] = attrs.field(factory=dict)
    json: Any = attrs.field(default=OMIT, repr=False)
    form: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    files: tuple[Upload, ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def label(self) -> str:
        """Method and path, as errors and logs show them. Holds no secrets and no answers."""
        path = re.sub(r"^/collector/[^/]+", "/collector/…", self.path.partition("?")[0])
        return f"{self.op.method} {path}"

    @property
    def operation(self) -> str:
        """Method and path with its placeholders: the same for every project."""
        return f"{self.op.method} {self.op.path.partition('?')[0]}"

    @property
    def target(self) -> str:
        """Path and encoded query string."""
        query = urlencode({name: _text(value) for name, value in self.query.items()})
        joint = "&" if "?" in self.path else "?"
        return f"{self.path}{joint}{query}" if query else self.path

    @property
    def content(self) -> tuple[bytes | None, str | None]:
        """Encoded JSON body and its media type."""
        if self.json is OMIT:
            return None, None
        return _json(self.json), "application/json"

    def with_query(self, **query: object) -> Call[T]:
        """Return the same call with other values in its query string."""
        return attrs.evolve(self, query={**self.query, **given(**query)})


def _text(value: object) -> str:
    """Encode one query value as KPI reads it: JSON, but text without quotes."""
    return value if isinstance(value, str) else _json(value).decode()


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> object:
    """Turn mappings and sequences of any kind into those that JSON knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
