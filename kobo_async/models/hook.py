"""REST services: where submissions are posted on arrival (`models §9`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from kobo_async.models.convert import Model

FAILED: Final = 0
PENDING: Final = 1
SUCCESS: Final = 2
PROCESSING: Final = 3


@attrs.frozen(kw_only=True)
class HookSettings(Model):
    """Credentials and headers that go with each delivery. The server tells them in clear."""

    username: str = attrs.field(default="", repr=False)
    password: str = attrs.field(default="", repr=False)
    custom_headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class Hook(Model):
    """A REST service.

    `export_type` is `json` or `xml`, `auth_level` is `no_auth` or `basic_auth`. `asset` is a number
    of the server's database, not the uid of the project.
    """

    uid: str
    name: str
    endpoint: str = attrs.field(repr=False)
    url: str = ""
    logs_url: str = ""
    active: bool = True
    asset: int | None = None
    auth_level: str = "no_auth"
    export_type: str = "json"
    date_modified: datetime | None = None
    email_notification: bool = True
    payload_template: str | None = None
    settings: HookSettings = attrs.field(factory=HookSettings, repr=False)
    subset_fields: Sequence[str] = ()
    failed_count: int = 0
    pending_count: int = 0
    success_count: int = 0


@attrs.frozen(kw_only=True)
class HookLog(Model):
    """The delivery of one submission.

    `status` is 0 failed, 1 pending, 2 success, 3 processing, and `status_str` says it in words.
    `status_code` and `message` are what the receiver answered, None where it did not;
    `submission_id` is the `_id`.
    """

    uid: str
    submission_id: int
    status: int
    url: str = ""
    tries: int = 0
    status_str: str = ""
    status_code: int | None = None
    message: str = attrs.field(default="", repr=False)
    date_modified: datetime | None = None


@attrs.frozen(kw_only=True)
class HookRetry(Model):
    """What became of a request to repeat all failed deliveries.

    `pending_uids` are the logs that will be delivered again: none where there was nothing to do.
    """

    detail: str = ""
    pending_uids: Sequence[str] = ()


@attrs.frozen(kw_only=True)
class LogRetry(Model):
    """What became of a repeated delivery; `status_code` is the receiver's."""

    detail: str = ""
    status_code: int | None = None
