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
"""Unprinted characters that words of some scripts need; HFS+ does not see them."""
DEVICES: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL
)
SHORT: Final = re.compile(r"~(?=[0-9])")
"""Windows finds files also by names that it makes up, such as `LONGER~1`."""
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
        for char in unicodedata.normalize("NFC", SHORT.sub("_", FORBIDDEN.sub("_", name)))
    )
    cut = shown.encode()[:LONGEST].decode(errors="ignore").strip(f" .{JOINERS}") or "table"
    return no_device(cut)


def no_device(name: str) -> str:
    """Return a name that stands for a file on Windows, too, and not for what hangs on it."""
    return f"_{name}" if DEVICES.fullmatch(name) else name


def as_seen(name: str) -> str:
    """Return a name without what HFS+ does not see in it."""
    return name.translate(dict.fromkeys(map(ord, JOINERS)))


def _folded(name: str) -> str:
    folded = unicodedata.normalize("NFKD", as_seen(name)).casefold()
    return unicodedata.normalize("NFC", folded)
