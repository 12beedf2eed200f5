"""Cells in the text format of PostgreSQL's `COPY`, a whole column at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kobo_async.forms.columns import Cells, Holds
from kobo_async.sinks.once import Write, dated, each, filled, singly
from kobo_async.sinks.sql.names import REPLACEMENT, UNFIT
from kobo_async.sinks.sql.parts import Slot
from kobo_async.sinks.sql.texts import WRITERS

AT_ONCE: Final = 250
"""Rows."""
EMPTY: Final = r"\N"
ESCAPES: Final = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
TABLE: Final = str.maketrans(ESCAPES)
ARRAY: Final = str.maketrans({"\\": r"\\", '"': r"\""})
NUL_IN_JSON: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
TRUTH: Final = {None: EMPTY, True: "t", False: "f"}


def _array(texts: Sequence[str]) -> str:
    everything = "".join(texts)
    if '"' in everything or "\\" in everything:
        texts = [text.translate(ARRAY) for text in texts]
    return '{"' + '","'.join(texts) + '"}' if texts else "{}"


STORED: Final[Mapping[Holds, Write]] = {
    **WRITERS,
    Holds.TIMESTAMP: dated,
    Holds.TEXTS: singly(_array),
}


class Encoder:
    """Encodes the rows of one table.

    Attributes:
        replaced: characters that text cannot hold, replaced so far.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = slots
        self.replaced = 0

    def encode(self, cells: tuple[Cells, ...]) -> Iterator[bytes]:
        """Encode rows, some at a time, so that the server works meanwhile."""
        for start in range(0, len(cells[self._slots[0].place]), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            yield self._lines([self._column(slot, cells[slot.place][some]) for slot in self._slots])

    def _lines(self, columns: Sequence[Sequence[str]]) -> bytes:
        lines = "\n".join(map("\t".join, zip(*columns, strict=True)))
        text = f"{lines}\n"
        if "\x00" not in text:
            try:
                return text.encode()
            except UnicodeEncodeError:
                pass
        text, count = UNFIT.subn(REPLACEMENT, text)
        self.replaced += count
        return text.encode()

    def _column(self, slot: Slot, cells: Cells) -> Cells:
        widened = slot.entry.holds is Holds.TEXT
        if slot.holds is Holds.BOOLEAN and not widened:
            return list(map(TRUTH.__getitem__, cells))
        write = (WRITERS if widened else STORED).get(slot.holds)
        if write is None:
            return self._texts(slot, cells)
        if slot.holds is Holds.TEXTS:
            return self._texts(slot, each(write, cells))
        return each(write, cells, EMPTY)

    def _texts(self, slot: Slot, cells: Cells) -> Cells:
        everything = "".join(filled(cells, ""))
        if slot.entry.holds is Holds.JSON and r"\u0000" in everything:
            cells = [cell and self._without_nul(cell) for cell in cells]
        if any(mark in everything for mark in ESCAPES):
            return [EMPTY if cell is None else cell.translate(TABLE) for cell in cells]
        return filled(cells, EMPTY)

    def _without_nul(self, json: str) -> str:
        text, count = NUL_IN_JSON.subn(rf"\g<1>{REPLACEMENT}", json)
        self.replaced += count
        return text
