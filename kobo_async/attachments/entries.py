"""What rows say of their attachments (`api-facts §3.4`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from kobo_async.attachments.names import Template, split
from kobo_async.forms.attachments import file_name
from kobo_async.known import root_uuid
from kobo_async.resources.attachments import Size

UID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
AUDIT: Final = ("audit.csv", "meta/audit")
"""The file of an enumerator audit, and where a row has its name."""
UNKNOWN: Final = "unknown"
"""Stands for the question of a file whose question the server does not know."""


@attrs.frozen
class Wanted:
    """One attachment of a submission.

    Attributes:
        file: its name in the answer.
        xpath: path of its question; in repeats it counts rows from 1, as in `members[2]/photo`.
    """

    submission: int
    root_uuid: str
    uid: str
    file: str
    xpath: str
    mimetype: str

    @property
    def has_uid(self) -> bool:
        """Whether the server named it so that it can be asked for."""
        return UID.fullmatch(self.uid) is not None

    def size(self, asked: Size) -> Size:
        """Return the size that there is of it: only images have others than their own."""
        return asked if self.mimetype.startswith("image/") else "original"

    def named(self, template: Template) -> str:
        """Fill in a template."""
        stem, ext = split(self.file)
        texts = {
            "question_xpath": self.xpath,
            "question": self.xpath.rpartition("/")[2],
            "root_uuid": self.root_uuid,
            "uid": self.uid,
            "stem": stem,
            "ext": ext,
            "name": self.file,
        }
        return template.fill(texts, self.submission)


def wanted(row: Mapping[str, Any]) -> Iterator[Wanted]:
    """Yield the attachments of a row; those that were deleted stay listed, and are left out."""
    for entry in row.get("_attachments") or ():
        if entry.get("is_deleted"):
            continue
        file = file_name(entry).rpartition("\\")[2]
        yield Wanted(
            submission=row["_id"],
            root_uuid=root_uuid(row),
            uid=str(entry.get("uid") or ""),
            file=file,
            xpath=str(entry.get("question_xpath") or _question(file)),
            mimetype=str(entry.get("mimetype") or ""),
        )


def _question(file: str) -> str:
    return AUDIT[1] if file == AUDIT[0] else UNKNOWN
