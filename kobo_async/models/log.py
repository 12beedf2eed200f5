"""What happened to a project, and who signed in from where (`models §12`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class LogEntry(Model):
    """What all logs tell. There is no identifier, and times are whole seconds."""

    action: str
    date_created: datetime
    user: str | None = None
    user_uid: str | None = None
    username: str | None = None
    metadata: Mapping[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class HistoryEntry(LogEntry):
    """What somebody did to a project; `metadata` depends on the action (`models §12`)."""

    @property
    def root_uuid(self) -> str | None:
        """Root uuid, without `uuid:`, of the submission that was added, changed or deleted."""
        submission = self.metadata.get("submission")
        return submission.get("root_uuid") if isinstance(submission, Mapping) else None


@attrs.frozen(kw_only=True)
class AuditEntry(LogEntry):
    """What somebody did on the server; `log_type` says to which log it belongs."""

    app_label: str = ""
    model_name: str = ""
    log_type: str = ""


@attrs.frozen(kw_only=True)
class AccessEntry(LogEntry):
    """A request of a known caller. Submissions of one hour are one entry, `count` of them."""

    count: int = 1


@attrs.frozen(kw_only=True)
class HistoryActions(Model):
    """The actions that a project's history holds."""

    actions: Sequence[str]


@attrs.frozen(kw_only=True)
class ExportStarted(Model):
    """The server makes a file and sends its address by e-mail; there is nothing to poll."""

    status: str


@attrs.frozen(kw_only=True)
class LogExport(Model):
    """An export of a log. The address of the file goes by e-mail only."""

    uid: str
    status: str
    date_created: datetime | None = None
