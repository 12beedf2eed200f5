"""Which attachment an answer names.

An attachment knows its question by `question_xpath`, which counts the rows of repeats from 1
(`members[2]/photo`) and may be empty, and the answer by `media_file_basename`, which rows that
were not written for years lack (`api-facts §3.4`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

Entry: TypeAlias = Mapping[str, Any]
COUNTS: Final = re.compile(r"\[[0-9]+\]")


class Files:
    """The attachments of a page of submissions: what each of them has under `_attachments`."""

    def __init__(self, found: Sequence[Any]) -> None:
        self._known = [dict(reversed([*_keyed(entries)])) for entries in found]

    def find(self, submission: int, xpath: str, name: Any) -> Entry | None:
        """Return the attachment that the answer to a question names, if it is there."""
        known = self._known[submission]
        if not known or not isinstance(name, str):
            return None
        wanted = (xpath, COUNTS.sub("", xpath), "")
        return next((known[one, name] for one in wanted if (one, name) in known), None)


def file_name(entry: Entry) -> str:
    """Return the name that an attachment has in the answer."""
    name = entry.get("media_file_basename") or entry.get("filename") or ""
    return str(name).rpartition("/")[2]


def _keyed(entries: Any) -> Iterator[tuple[tuple[str, str], Entry]]:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping):
            yield (str(entry.get("question_xpath") or ""), file_name(entry)), entry
