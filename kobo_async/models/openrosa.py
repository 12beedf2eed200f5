"""Forms, media and receipts of OpenRosa (`models §22`). Names are those of the protocol."""
# ruff: noqa: N815 - the words of the protocol

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import attrs

from kobo_async.models.convert import Model
from kobo_async.wire import whole_number


@attrs.frozen(kw_only=True)
class FormEntry(Model):
    """A form that takes submissions.

    `formID` is the uid of the asset for forms made in KPI. `hash` is `md5:` and 32 digits.
    """

    formID: str
    name: str = ""
    version: str = ""
    majorMinorVersion: str = ""
    hash: str = ""
    descriptionText: str = ""
    downloadUrl: str = ""
    manifestUrl: str = ""

    @property
    def number(self) -> int | None:
        """The number of the form that `manifest` and `form_xml` ask for."""
        found = re.search(r"/forms/(\d+)/form\.xml$", self.downloadUrl)
        return whole_number(found[1]) if found else None


@attrs.frozen(kw_only=True)
class MediaEntry(Model):
    """A file that goes along with a form.

    `hash` is `md5:` and 32 digits, of the link instead of the content where it ends in `-url`.
    """

    filename: str
    hash: str = ""
    downloadUrl: str = ""


@attrs.frozen(kw_only=True)
class Receipt(Model):
    """What the server says of a submission that it has.

    It tells neither `_id` nor root uuid: fetch the submission by `instanceID`. After an edit
    `submissionDate` is still the one of the first version.
    """

    message: str = ""
    error: str = ""
    formid: str = ""
    encrypted: bool = False
    instanceID: str = ""
    submissionDate: datetime | None = None
    markedAsCompleteDate: datetime | None = None

    @property
    def duplicate(self) -> bool:
        """Whether the server had exactly this submission already (202)."""
        return not self.instanceID


@attrs.frozen(kw_only=True)
class InstanceChunk(Model):
    """A part of a project's instance ids (`uuid:…`), in the order they were stored.

    `cursor` continues after it; it stays as it is when nothing is left.
    """

    ids: Sequence[str]
    cursor: str = ""
