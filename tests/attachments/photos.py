"""The photos of a project as the server has them, and what becomes of them there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.views_media import content_of


class Photos:
    """The attachments of a form."""

    def __init__(self, form: FakeForm, fake: FakeKobo) -> None:
        self.form = form
        self._fake = fake

    @property
    def entries(self) -> dict[int, dict[str, Any]]:
        """Return the entry of each row that has one."""
        form = self.form
        return {
            n: form.rows[n]["_attachments"][0] for n in form.rows if form.rows[n]["_attachments"]
        }

    @property
    def numbers(self) -> list[int]:
        return list(self.entries)

    def uid(self, number: int) -> str:
        return str(self.entries[number]["uid"])

    def content(self, number: int) -> bytes:
        return content_of(self.form, self.entries[number])

    def expected(self) -> dict[str, bytes]:
        """Return what a mirror with the usual names holds."""
        living = (n for n, entry in self.entries.items() if not entry["is_deleted"])
        return {f"photo/{n}.png": self.content(n) for n in living}

    def change(self, number: int, **facts: Any) -> None:
        """Change the entry of a row."""
        row = self.form.store[number]
        row["_attachments"][0] |= facts
        self.form.store.put(row)

    def replace(self, number: int, content: bytes) -> None:
        """Put another photo in the place of one, as an edit does."""
        uid = f"attNew{number}"
        self.change(number, uid=uid)
        self.form.files[uid] = content

    def delete(self, number: int) -> None:
        self.form.delete_attachment(number, self.uid(number), "alice")

    def enlarge(self, size: int) -> None:
        """Give all photos contents of that many bytes, different ones."""
        for number in self.numbers:
            self.form.files[self.uid(number)] = f"{number:06d}".encode() * (size // 6)

    def asked(self) -> Counter[str]:
        """Count the requests for files, by uid."""
        paths = (seen.path.split("/attachments/") for seen in self._fake.requests)
        return Counter(parts[1].split("/")[0] for parts in paths if len(parts) == 2)


def files(folder: Path) -> dict[str, bytes]:
    """Return all files of a mirror, without those of the mirror itself."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if path.is_file() and not name.startswith(".")
    }


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
