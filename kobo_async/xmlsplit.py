"""Cut XML documents into their parts, byte for byte, without trusting them.

Where an element ends is not guessed from its bytes: it ends where the parser finds whatever comes
next, the end of its parent at the latest.
"""

from __future__ import annotations

from xml.parsers import expat

from kobo_async.errors import MalformedReply

PARENT_DEPTH = 1
CHILD_DEPTH = 2


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
        self._inside = False
        self._done = False
        self._start = 0
        self._found: list[bytes] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.StartDoctypeDeclHandler = self._refuse

    def cut(self) -> list[bytes]:
        try:
            self._parser.Parse(self._document, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise MalformedReply(f"not well-formed XML: {error}") from error
        return self._found

    def _open(self, name: str, _: dict[str, str]) -> None:
        if self._depth == CHILD_DEPTH and self._inside:
            self._ended()
            self._start = self._parser.CurrentByteIndex
        elif self._depth == PARENT_DEPTH and name == self._parent:
            self._inside = not self._done
        self._depth += 1

    def _close(self, _: str) -> None:
        self._depth -= 1
        if self._depth == CHILD_DEPTH and self._inside:
            self._parser.DefaultHandler = self._ended
        elif self._depth == PARENT_DEPTH and self._inside:
            self._ended()
            self._inside, self._done = False, True

    def _ended(self, _: str = "") -> None:
        """Take the child element that ended last, now that something else follows."""
        if self._parser.DefaultHandler is not None:
            self._parser.DefaultHandler = None
            self._found.append(self._document[self._start : self._parser.CurrentByteIndex])

    def _refuse(self, *_: object) -> None:
        raise MalformedReply("XML with a document type declaration is not read")
