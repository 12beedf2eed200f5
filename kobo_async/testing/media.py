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
        return self.known_digest or digest_of(self.content, self.redirect_url)

    def path(self, form: int) -> str:
        """Return where it is downloaded, for the number of a form."""
        return f"/xformsMedia/{form}/{self.number}.{self.filename.rpartition('.')[2]}"


def digest_of(content: bytes, redirect_url: str | None) -> str:
    """Return the digest of a file: of its content, or of its address where it is elsewhere."""
    digest = hashlib.md5(content if redirect_url is None else redirect_url.encode())  # noqa: S324 - what the API shows
    return f"md5:{digest.hexdigest()}{'' if redirect_url is None else '-url'}"
