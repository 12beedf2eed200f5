"""Names of files for tables: every system takes them, tells them apart, and keeps them in place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import Final

FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
UNPRINTED: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS: Final = "\u200c\u200d"
"""Unprinted characters that words of some scripts need."""
LONGEST: Final = 80


def file_parts(names: Iterable[str]) -> Iterator[str]:
    """Yield parts of file names for tables: every system takes them and tells them apart."""
    taken: set[str] = set()
    for name in names:
        plain = _part(name)
        numbered = (f"{plain}_{number}" for number in count(2))
        free = next(one for one in chain((plain,), numbered) if _folded(one) not in taken)
        taken.add(_folded(free))
        yield free


def _part(name: str) -> str:
    shown = "".join(
        "_" if unicodedata.category(char) in UNPRINTED and char not in JOINERS else char
        for char in unicodedata.normalize("NFC", FORBIDDEN.sub("_", name))
    )
    return shown.encode()[:LONGEST].decode(errors="ignore").strip(" .") or "table"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
