"""The files that clients download along with a form."""

from __future__ import annotations

import hashlib

import attrs


@attrs.frozen
class Medium:
    """One file, as it was at the latest deployment.

    Attributes:
        number: names it in OpenRosa's paths.
        redirect_url: where it is, for a file that is not on this server.
    """

    number: int
    filename: str
    mimetype: str
    content: bytes = attrs.field(default=b"", repr=False)
    redirect_url: str | None = None
    known_digest: str | None = None

    @property
    def digest(self) -> str:
        """Return what the manifest shows: of the content, or of the address."""
        if self.known_digest is not None:
            return self.known_digest
        if self.redirect_url is not None:
            return f"md5:{_md5(self.redirect_url.encode())}-url"
        return f"md5:{_md5(self.content)}"

    def path(self, form: int) -> str:
        """Return where it is downloaded, for the number of a form."""
        return f"/xformsMedia/{form}/{self.number}.{self.filename.rpartition('.')[2]}"


def _md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 - what the API shows
