"""What operations on attachments answer (`models §3.4`)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class AttachmentsDeleted(Model):
    """The server's sentence on a bulk deletion, such as `3 attachments deleted`."""

    message: str


@attrs.frozen(kw_only=True)
class AudioDuration(Model):
    """The length of one audio file; None where the server could not tell."""

    uid: str
    seconds: int | None


@attrs.frozen(kw_only=True)
class AudioDurations(Model):
    """The lengths of audio files, in the order asked; `total` is the sum of those known.

    Unknown attachments are not in it.
    """

    attachments: Sequence[AudioDuration]
    total: int
