"""Read small XML documents into values, without trusting them.

Namespaces are dropped: OpenRosa servers differ in the ones they declare. For large documents,
and for parts that must stay as they are byte for byte, see `kobo_async.xmlsplit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from xml.parsers import expat

import attrs

from kobo_async.errors import MalformedReply

DEEPEST: Final = 200
"""Elements around an element: deeper documents end in recursion wherever they are walked."""


@attrs.frozen
class Element:
    """An element without its namespace, and with the text that stands directly in it."""

    name: str
    attributes: Mapping[str, str] = attrs.field(factory=dict)
    children: Sequence[Element] = ()
    text: str = ""

    def all(self, name: str) -> list[Element]:
        """Return the children of that name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Element | None:
        """Return the first child of that name."""
        return next(iter(self.all(name)), None)

    def texts(self) -> dict[str, str]:
        """Return the texts of the children by name."""
        return {child.name: child.text for child in self.children}


def read(document: bytes, label: str = "") -> Element:
    """Read a document and return its root.

    `label` names the request in errors.

    Raises:
        MalformedReply: for anything that is not well-formed, is nested more than 200 deep, or
            declares a document type, as attacks by entity expansion do.
    """
    return _Reader(label).read(document)


@attrs.define
class _Open:
    name: str
    attributes: Mapping[str, str]
    children: list[Element] = attrs.field(factory=list)
    text: list[str] = attrs.field(factory=list)

    def close(self) -> Element:
        return Element(self.name, self.attributes, self.children, "".join(self.text).strip())


class _Reader:
    def __init__(self, label: str) -> None:
        self._label = label
        self._open = [_Open("", {})]
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, document: bytes) -> Element:
        try:
            self._parser.Parse(document, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise MalformedReply(f"not well-formed XML: {error}", self._label) from error
        return self._open[0].children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > DEEPEST:
            raise MalformedReply(f"XML nested more than {DEEPEST} deep", self._label)
        local = {_local(key): value for key, value in attributes.items()}
        self._open.append(_Open(_local(name), local))

    def _end(self, _: str) -> None:
        done = self._open.pop().close()
        self._open[-1].children.append(done)

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _refuse(self, *_: object) -> None:
        raise MalformedReply("XML with a document type declaration is not read", self._label)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
