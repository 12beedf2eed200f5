"""The files that a mirror has, and the names that are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from kobo_async.attachments import names

DELETED: Final = "_deleted"
"""Folder of the files that are moved away."""
SAVED: Final = ("uid", "submission", "base", "name", "bytes", "size", "gone")


@attrs.define(eq=False)
class Entry:
    """One file.

    Attributes:
        base: its name as the template makes it.
        name: its name in the folder, which differs where `base` was taken.
        bytes: how long it is.
        size: `original`, or that of a smaller image.
        gone: whether the attachment is gone from the server, and the file was kept.
        seen: whether this run has seen the attachment.
    """

    uid: str
    submission: int
    base: str
    name: str
    bytes: int
    size: str
    gone: bool = False
    seen: bool = False

    def record(self, **more: Any) -> dict[str, Any]:
        """Return what the manifest says of it."""
        return {name: getattr(self, name) for name in SAVED} | more


class Catalog:
    """All files of a mirror, by attachment and by submission."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._by_submission: dict[int, list[Entry]] = {}
        self._files = {names.key(DELETED)}
        self._folders: set[str] = set()
        self._tried: dict[str, int] = {}

    def of(self, submission: int) -> list[Entry]:
        """Return the files of one submission."""
        return [*self._by_submission.get(submission, ())]

    def put(self, entry: Entry) -> None:
        """Add a file, or what is new about it."""
        self.drop(entry.uid)
        self.entries[entry.uid] = entry
        self._by_submission.setdefault(entry.submission, []).append(entry)
        self._take(entry.name)

    def drop(self, uid: str) -> None:
        """Forget a file; its name is free again."""
        entry = self.entries.pop(uid, None)
        if entry is None:
            return
        siblings = self._by_submission[entry.submission]
        siblings.remove(entry)
        if not siblings:
            del self._by_submission[entry.submission]
        self.release(entry.name)

    def release(self, name: str) -> None:
        """Let others have a name."""
        self._files.discard(names.key(name))

    def claim(self, base: str) -> str:
        """Take a name: this one, or the first free one with a number."""
        *folders, last = base.split("/")
        folder = ""
        for one in folders:
            folder = self._first_free(f"{folder}{one}", self._files) + "/"
        name = self._first_free(f"{folder}{last}", self._files, self._folders)
        self._take(name)
        return name

    def _first_free(self, name: str, *taken: set[str]) -> str:
        found, number = name, self._tried.get(name, 1)
        while any(names.key(found) in some for some in taken):
            number += 1
            found = names.numbered(name, number)
            self._tried[name] = number - 1
        return found

    def _take(self, name: str) -> None:
        self._files.add(names.key(name))
        self._folders.update(_folders(name))


def _folders(name: str) -> Iterator[str]:
    folder = name.rpartition("/")[0]
    while folder:
        yield names.key(folder)
        folder = folder.rpartition("/")[0]
