"""Cut XML documents into their parts, byte for byte, without trusting them."""

from __future__ import annotations

from xml.parsers import expat

from kobo_async.errors import MalformedReply


def children(document: bytes, parent: str) -> list[bytes]:
    """Return the child elements of the first `parent` below the root, as they stand.

    Raises:
        MalformedReply: for anything that is not well-formed, or that declares a document type,
            as attacks by entity expansion do.
    """
    return _Cutter(document, parent).cut()


class _Cutter:
    def __init__(self, document: bytes, parent: str) -> None:
        self._document = document
        self._parent = parent
        self._depth = 0
        self._inside: int | None = None
        self._start = 0
        self._found: list[bytes] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.StartDoctypeDeclHandler = self._refuse

    def cut(self) -> list[bytes]:
        try:
            self._parser.Parse(self._document, True)
        except expat.ExpatError as error:
            raise MalformedReply(f"not well-formed XML: {error}") from error
        return self._found

    def _open(self, name: str, _: dict[str, str]) -> None:
        if self._inside is None and self._depth == 1 and name == self._parent:
            self._inside = self._depth
        elif self._inside is not None and self._depth == self._inside + 1:
            self._start = self._parser.CurrentByteIndex
        self._depth += 1

    def _close(self, name: str) -> None:
        self._depth -= 1
        if self._inside is None:
            return
        if self._depth == self._inside + 1:
            self._found.append(self._document[self._start : self._end(name)])
        elif self._depth == self._inside:
            self._inside = -1

    def _end(self, name: str) -> int:
        at = self._parser.CurrentByteIndex
        if self._document[at : at + 2] == b"</":
            return self._document.index(b">", at) + 1
        return self._document.index(b">", self._start) + 1 if name else at

    def _refuse(self, *_: object) -> None:
        raise MalformedReply("XML with a document type declaration is not read")
