"""Names of tables and columns that a database accepts, the same in every run.

A name is kept as it is where that is possible. Otherwise it is cut and gets a digest of the whole
name, which depends on nothing else: a question that is added later renames nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from typing import Final

UNFIT: Final = re.compile("[\x00\ud800-\udfff]")
"""What cannot stand in a name, or in any text of PostgreSQL."""
UNFIT_IN_UTF8: Final = re.compile("[\ud800-\udfff]")
REPLACEMENT: Final = "\ufffd"
DIGEST: Final = 4
"""Bytes; more where that is not enough."""


def fitting(text: str) -> str:
    """Replace the characters that no database can hold."""
    return UNFIT.sub(REPLACEMENT, text)


def identifier(name: str, taken: Container[str], longest: int | None = None) -> str:
    """Return a name that fits, and that is not among the casefolded names that are taken.

    Args:
        name: the wanted name.
        taken: casefolded names.
        longest: bytes in UTF-8; any length if None.
    """
    cleaned = fitting(name)
    whole = bool(name) and cleaned == name and len(_cut(name, longest)) == len(name)
    if whole and name.casefold() not in taken:
        return name
    size = DIGEST
    while True:
        digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=size)
        ending = f"_{digest.hexdigest()}"
        found = _cut(cleaned, longest and longest - len(ending)) + ending
        if found.casefold() not in taken:
            return found
        size += DIGEST


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None else text.encode()[:longest].decode(errors="ignore")
