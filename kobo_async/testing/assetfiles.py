"""The files of an asset: media of the form and map layers (observed §9, api-facts §4.9)."""

from __future__ import annotations

import mimetypes
import re
from base64 import b64decode
from binascii import Error as NotBase64Error
from datetime import datetime
from typing import Any, Final

import attrs

from kobo_async.testing.asset import stamp
from kobo_async.testing.body import Upload
from kobo_async.testing.media import digest_of
from kobo_async.testing.messages import CrashError, RefusedError
from kobo_async.testing.paths import BASE

FILE_TYPES: Final = ("form_media", "map_layer")
_MEDIA: Final = (
    "image",
    "audio",
    "video",
    "text/csv",
    "application/xml",
    "application/zip",
    "application/geo+json",
)
_LAYERS: Final = (
    "text/csv",
    "application/vnd.google-earth.kml+xml",
    "application/vnd.google-earth.kmz",
    "application/wkt",
    "application/geo+json",
    "application/json",
)
_TYPES: Final = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "json": "application/json",
    "kml": "application/vnd.google-earth.kml+xml",
    "kmz": "application/vnd.google-earth.kmz",
    "wkt": "application/wkt",
    "xml": "application/xml",
    "zip": "application/zip",
}
_DATA_URL: Final = re.compile(r"data:[^;,]*;base64,(.*)", re.DOTALL)


@attrs.frozen
class AssetFile:
    """One file, here or somewhere else."""

    uid: str
    username: str
    file_type: str
    description: str
    created: datetime
    filename: str
    content: bytes = attrs.field(default=b"", repr=False)
    redirect_url: str | None = None
    known_digest: str | None = None

    @property
    def mimetype(self) -> str:
        """Type of the file, after its name."""
        return guess_type(self.filename)

    @property
    def digest(self) -> str:
        """Digest of the content, or of the address, or what is known of a content not here."""
        return self.known_digest or digest_of(self.content, self.redirect_url)

    def entry(self, asset_uid: str) -> dict[str, Any]:
        """Return the file as the API shows it."""
        asset = f"{BASE}/api/v2/assets/{asset_uid}/"
        own = f"{asset}files/{self.uid}/"
        metadata = {"hash": self.digest, "filename": self.filename, "mimetype": self.mimetype}
        if self.redirect_url is not None:
            metadata["redirect_url"] = self.redirect_url
        return {
            "uid": self.uid,
            "url": own,
            "asset": asset,
            "user": f"{BASE}/api/v2/users/{self.username}/",
            "user__username": self.username,
            "file_type": self.file_type,
            "description": self.description,
            "date_created": stamp(self.created),
            "content": f"{own}content/",
            "metadata": metadata,
        }


def guess_type(filename: str) -> str:
    """Return the type of a file after its name."""
    known = _TYPES.get(filename.rpartition(".")[2].lower())
    return known or mimetypes.guess_type(filename)[0] or "application/octet-stream"


@attrs.frozen
class Sent:
    """A file as a client sent it, one of three ways."""

    file_type: str
    description: str
    filename: str
    content: bytes = attrs.field(default=b"", repr=False)
    redirect_url: str | None = None


def read_file(data: dict[str, Any], metadata: Any, upload: Upload | None) -> Sent:
    """Read and check what was sent.

    Raises:
        CrashError: without a file name.
        RefusedError: 400 for what is missing or not allowed.
    """
    file_type = data.get("file_type")
    if file_type is None or "description" not in data:
        name = "file_type" if file_type is None else "description"
        raise RefusedError(400, {name: ["This field is required."]})
    if file_type not in FILE_TYPES:
        raise RefusedError(400, {"file_type": [f'"{file_type}" is not a valid choice.']})
    kind, description = str(file_type), str(data["description"])
    metadata = metadata if isinstance(metadata, dict) else {}
    encoded, url = data.get("base64Encoded"), metadata.get("redirect_url")
    if sum(one is not None for one in (upload, encoded, url)) > 1:
        raise _refused("You cannot upload media files in several ways at once")
    if url is not None:
        name = metadata.get("filename") or str(url).rpartition("/")[2]
        return _allowed(Sent(kind, description, name, redirect_url=str(url)))
    if upload is None and encoded is None:
        raise _refused("No files have been submitted")
    if not metadata.get("filename"):
        raise CrashError
    content = upload.content if upload is not None else _decoded(str(encoded))
    return _allowed(Sent(kind, description, str(metadata["filename"]), content))


def _refused(message: str) -> RefusedError:
    return RefusedError(400, {"content": [message]})


def _decoded(text: str) -> bytes:
    match = _DATA_URL.fullmatch(text)
    try:
        return b64decode(match[1], validate=True) if match else b""
    except NotBase64Error:
        raise CrashError from None


def _allowed(sent: Sent) -> Sent:
    allowed = _MEDIA if sent.file_type == "form_media" else _LAYERS
    mimetype = guess_type(sent.filename)
    if mimetype not in allowed and mimetype.partition("/")[0] not in allowed:
        names = ", ".join(f"`{one}`" for one in allowed)
        raise _refused(f"Only {names} MIME types are allowed")
    return sent
