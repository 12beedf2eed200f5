"""REST services: new submissions are sent on, and logs tell what became of it (observed §9)."""

from __future__ import annotations

import ipaddress
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import attrs
import orjson

from kobo_async.testing.asset import stamp
from kobo_async.testing.paths import BASE
from kobo_async.testing.render import xml_submission

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm

FAILED, PENDING, SUCCESS, PROCESSING = range(4)
_WORDS: Final = ("failed", "pending", "success", "processing")
_REPEATED: Final = frozenset({502, 503, 504})
"""Answers after which the server tries again by itself: the log stays pending."""
_TRIES: Final = 4
_FIRST_PAUSE: Final = timedelta(seconds=60)
_LONGEST_PAUSE: Final = timedelta(seconds=1200)
RETRY_AFTER: Final = timedelta(seconds=120)
_PLACEHOLDER: Final = "%SUBMISSION%"
_TIMEOUT: Final = 30


@attrs.frozen
class Delivery:
    """One POST to the endpoint of a hook."""

    url: str
    body: bytes = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)


@attrs.define
class HookLog:
    """What became of one submission."""

    uid: str
    submission_id: int
    modified: datetime
    status: int = PENDING
    status_code: int | None = None
    message: str = ""
    tries: int = 0

    def note(
        self, code: int | None, message: str, now: datetime, *, timed_out: bool = False
    ) -> None:
        """Note the answer of the endpoint; no code = it could not be reached, or was too slow."""
        self.tries += 1
        self.status_code, self.message, self.modified = code, message, now
        if code is not None and 200 <= code < 300:
            self.status = SUCCESS
        else:
            repeated = (timed_out or code in _REPEATED) and self.tries < _TRIES
            self.status = PENDING if repeated else FAILED

    def is_due(self, now: datetime) -> bool:
        """Tell whether the server would try again: after 60 s, 120 s, ... (api-facts §4.11)."""
        pause = min(_FIRST_PAUSE * 2 ** (self.tries - 1), _LONGEST_PAUSE) if self.tries else None
        return pause is not None and self.status == PENDING and now - self.modified >= pause

    def entry(self, hook_url: str) -> dict[str, Any]:
        """Return the log as the API shows it."""
        return {
            "url": f"{hook_url}logs/{self.uid}/",
            "uid": self.uid,
            "submission_id": self.submission_id,
            "tries": self.tries,
            "status": self.status,
            "status_str": _WORDS[self.status],
            "status_code": self.status_code,
            "message": self.message,
            "date_modified": stamp(self.modified),
        }


@attrs.define
class Hook:
    """One REST service of a form, with its logs, the newest first."""

    uid: str
    form: FakeForm
    modified: datetime
    fields: dict[str, Any]
    logs: list[HookLog] = attrs.field(factory=list)

    @property
    def active(self) -> bool:
        """Whether new submissions are sent."""
        return bool(self.fields["active"])

    @property
    def url(self) -> str:
        """Address of the hook in the API."""
        return f"{BASE}/api/v2/assets/{self.form.uid}/hooks/{self.uid}/"

    def entry(self) -> dict[str, Any]:
        """Return the hook as the API shows it, secrets in clear."""
        counts = [log.status for log in self.logs]
        entry = {
            **self.fields,
            "asset": self.form.number,
            "date_modified": stamp(self.modified),
            "failed_count": counts.count(FAILED),
            "pending_count": counts.count(PENDING) + counts.count(PROCESSING),
            "success_count": counts.count(SUCCESS),
            "logs_url": f"{self.url}logs/",
            "uid": self.uid,
            "url": self.url,
        }
        return dict(sorted(entry.items()))

    def delivery(self, row: dict[str, Any]) -> Delivery:
        """Return what is sent about a submission."""
        settings = self.fields["settings"] or {}
        is_xml = self.fields["export_type"] == "xml"
        headers = {
            "Content-Type": "application/xml" if is_xml else "application/json",
            "User-Agent": f"KoboToolbox external service #{self.uid}",
            **settings.get("custom_headers", {}),
        }
        if self.fields["auth_level"] == "basic_auth":
            login = f"{settings.get('username', '')}:{settings.get('password', '')}"
            headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        body = xml_submission(self.form, row).encode() if is_xml else self._json(row)
        return Delivery(self.fields["endpoint"], body, headers)

    def _json(self, row: dict[str, Any]) -> bytes:
        text = self.form.relink(orjson.dumps(self._subset(row))).decode()
        template = self.fields["payload_template"]
        return (template.replace(_PLACEHOLDER, text) if template else text).encode()

    def _subset(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the fields that are wanted, by path or by a part of it."""
        wanted = set(self.fields["subset_fields"] or ())
        if not wanted:
            return row
        return {path: value for path, value in row.items() if wanted & {path, *path.split("/")}}


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def post_to_loopback(delivery: Delivery) -> tuple[int | None, str]:
    """Send to an endpoint on this machine; others are not reached.

    Raises:
        TimeoutError: where the endpoint takes longer than 30 seconds to answer.
    """
    if not is_loopback(delivery.url):
        return None, "FakeKobo only sends to loopback addresses"
    request = Request(  # noqa: S310 - a loopback address
        delivery.url, delivery.body, dict(delivery.headers), method="POST"
    )
    try:
        with urlopen(request, timeout=_TIMEOUT) as reply:  # noqa: S310
            return int(reply.status), reply.read().decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except TimeoutError:
        raise
    except OSError as error:
        return None, str(error)
