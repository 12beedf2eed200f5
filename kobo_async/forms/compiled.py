"""Pages decoded for one form: straight into the columns that its tables are made of.

A decoder is compiled from the layout, with a struct for the submissions and one for each repeat.
It makes no dicts and passes over what no table needs, so that it takes half the time. It takes only
what is exactly as the form has it: texts for answers, lists of rows for repeats, no unknown key. A
page with anything else must be decoded into dicts; both ways give the same tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any, Final, TypeAlias

import msgspec
import orjson

from kobo_async.forms.columns import ALL, STRUCTURED, Cells, Layout, Table
from kobo_async.forms.items import Answers
from kobo_async.forms.layout import known_keys, needed_paths
from kobo_async.forms.values import BITS

STATED: Final = frozenset({"_validation_status", "_notes", "_tags", *STRUCTURED})
"""What the server writes as lists and objects."""
NULL: Final = msgspec.Raw(b"null")
Id: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**BITS), le=2**BITS - 1)]
FAILURES: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def _envelope(row: type) -> type:
    """Return the type of a page; no generic one, since `typing` keeps what those are made of."""
    results: Any = list[row]  # type: ignore[valid-type]
    parts = [("results", results)]
    return msgspec.defstruct("Page", [*parts, ("count", Any, None), ("next", Any, None)])


class StructShape:
    """Rows of one table, decoded into structs.

    Attributes:
        kind: their class.
        raw: names of the attributes that are JSON as it was sent.
    """

    is_sure = True

    def __init__(self, layout: Layout, table: Table, inner: Mapping[str, type]) -> None:
        types = dict(_types(layout, table, inner))
        self._names = {path: f"f{place}" for place, path in enumerate(types)}
        raw = {path for path, type_ in types.items() if type_ is msgspec.Raw}
        self._needed = {*needed_paths(layout, table)}
        self._stated = raw & self._needed
        self.raw = [self._names[path] for path in raw]
        self.kind: type = msgspec.defstruct(
            "Row",
            [_field(name, types[path]) for path, name in self._names.items()],
            rename={name: path for path, name in self._names.items()},
            gc=False,
            forbid_unknown_fields=True,
        )

    def read(self, rows: Sequence[Any]) -> Answers:
        """Put the answers of some rows into columns."""
        if not rows:
            return Answers(0, {path: [] for path in self._needed})
        found = zip(*map(msgspec.structs.astuple, rows), strict=True)
        pairs = zip(self._names, found, strict=True)
        columns: dict[str, Sequence[Any]] = {
            path: cells for path, cells in pairs if path in self._needed
        }
        for path in self._stated:
            columns[path] = _decoded(columns[path])
        return Answers(len(rows), columns)


def _types(layout: Layout, table: Table, inner: Mapping[str, type]) -> dict[str, Any]:
    """Return the types of all keys that a row may have, about as the server sorts them."""
    form = layout.form
    types: dict[str, Any] = {"_id": Id, "formhub/uuid": str | None} if not table.path else {}
    asked = [question.path for question in form.asked.get(table.path, ())]
    types |= {path: str | None for path in asked if path not in types}
    groups = map(form.groups.get, known_keys(layout, table))
    for path in (group.path for group in groups if group and group.repeat):
        # What is asked as a question in one version and as a repeat in another is left to dicts.
        types[path] = None if path in types else _rows_of(inner, path)
    for path in () if table.path else ALL:
        types.setdefault(path, msgspec.Raw if path in STATED else str | None)
    return types


def _rows_of(inner: Mapping[str, type], path: str) -> Any:
    """Return the type of the rows of a repeat; nothing is made of those that no table wants."""
    return list[inner[path]] | None if path in inner else msgspec.Raw  # type: ignore[valid-type]


def _field(name: str, type_: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    if type_ is Id:
        return name, type_
    return name, type_, NULL if type_ is msgspec.Raw else None


def _decoded(raw: Sequence[msgspec.Raw]) -> Cells:
    """Decode pieces of JSON, all of them at a time; if all are equal, they share what they say."""
    joined = b",".join(raw)
    if joined == b",".join([raw[0]] * len(raw)):
        return [orjson.loads(memoryview(raw[0]))] * len(raw)
    cells: Cells = orjson.loads(b"[%b]" % joined)
    return cells


class PageDecoder:
    """Decodes pages of submissions for one layout.

    Attributes:
        shapes: of the rows, by the paths of the tables.
    """

    def __init__(self, layout: Layout) -> None:
        self.shapes: dict[str, StructShape] = {}
        kinds: dict[str, type] = {}
        for table in reversed(layout.tables):
            self.shapes[table.path] = shape = StructShape(layout, table, kinds)
            kinds[table.path] = shape.kind
        root = self.shapes[""]
        self._ids = attrgetter("f0")
        self._raw = [attrgetter(name) for name in root.raw]
        self._is_deep = any(shape.raw for shape in self.shapes.values() if shape is not root)
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(_envelope(root.kind)).decode

    def decode(self, body: bytes) -> tuple[Sequence[int], dict[str, Any]] | None:
        """Decode a page into the ids of its rows, and its parts; None where it does not fit."""
        try:
            page = self._decode(body)
            self._check_texts(body, page.results)
        except FAILURES:
            return None
        ids = list(map(self._ids, page.results))
        return ids, {"results": page.results, "count": page.count, "next": page.next}

    def _check_texts(self, body: bytes, rows: Sequence[Any]) -> None:
        """Look for what is no UTF-8 where nothing was made of it."""
        if body.isascii():
            return
        parts = [body] if self._is_deep else (b"".join(map(get, rows)) for get in self._raw)
        for part in parts:
            if not part.isascii():
                part.decode()
