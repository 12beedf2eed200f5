"""Files that belong to a form (`models §8`)."""

from __future__ import annotations

from datetime import datetime

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class FileMetadata(Model):
    """What the server knows of a file's content.

    `hash` is `md5:` and the checksum of the bytes; for a remote file it is the checksum of the
    URL, ends in `-url` and says nothing about the content.
    """

    hash: str = ""
    filename: str = ""
    mimetype: str | None = None
    redirect_url: str | None = None


@attrs.frozen(kw_only=True)
class AssetFile(Model):
    """A media file or map layer of a form.

    `file_type` is `form_media` or `map_layer`. `content` is the URL of the bytes.
    """

    uid: str
    url: str
    asset: str
    file_type: str
    description: str
    date_created: datetime
    content: str
    metadata: FileMetadata
    user: str = ""
    user__username: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether the server only points to the file, and holds no bytes of it."""
        return self.metadata.redirect_url is not None
