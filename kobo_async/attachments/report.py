"""What a mirror of attachments says about itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs


@attrs.frozen
class Failure:
    """An attachment that could not be fetched, and why; `uid` is empty where the server gave none.

    The next run tries it again.
    """

    submission: int
    uid: str
    name: str
    reason: str


@attrs.frozen(kw_only=True)
class AttachmentsReport:
    """What a run did to a mirror of attachments.

    Attributes:
        asset: uid of the project.
        submissions: submissions that were looked at.
        downloaded: files that were fetched.
        replaced: how many of these took the place of a file that an edit replaced.
        bytes: bytes that came over the wire for files, those of broken attempts included.
        unchanged: files that were there already.
        renamed: files that got another name because the template or the question did.
        deleted: files whose attachment is gone from the server, and was not before.
        failed: attachments that could not be fetched.
        requests: HTTP requests, repeated ones included.
        seconds: how long it took.
        complete: whether all submissions were read. Where they were not, nothing was deleted for
            being absent.
    """

    asset: str
    submissions: int
    downloaded: int
    replaced: int
    bytes: int
    unchanged: int
    renamed: int
    deleted: int
    failed: tuple[Failure, ...]
    requests: int
    seconds: float
    complete: bool

    @property
    def ok(self) -> bool:
        """Whether the mirror has every attachment of the server."""
        return self.complete and not self.failed

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return attrs.asdict(self) | {"seconds": round(self.seconds, 3)}

    def __str__(self) -> str:
        state = "complete" if self.ok else "INCOMPLETE"
        return (
            f"{state}: {self.downloaded} files of {self.asset} downloaded "
            f"({self.bytes / 1e6:.1f} MB), {self.unchanged} unchanged, {self.renamed} renamed, "
            f"{self.deleted} deleted, {len(self.failed)} failed; "
            f"{self.requests} requests, {self.seconds:.1f} s"
        )


@attrs.frozen
class FilesProgress:
    """How far a mirror is: files dealt with, of those that were found so far, and bytes."""

    files: int
    found: int
    bytes: int


OnFiles: TypeAlias = Callable[[FilesProgress], None]
