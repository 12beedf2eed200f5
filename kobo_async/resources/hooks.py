"""REST services, which post submissions on arrival (`/api/v2/assets/{uid}/hooks/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.errors import QueryError
from kobo_async.models import hook as statuses
from kobo_async.models.arguments import listed
from kobo_async.models.convert import structure
from kobo_async.models.hook import Hook, HookLog, HookRetry, LogRetry
from kobo_async.pages import Pages, Sender
from kobo_async.query import zoned

LIST = Op("GET", "/api/v2/assets/{uid_asset}/hooks/", Hook, paging=Paging.COUNTED)
CREATE = Op("POST", LIST.path, Hook, repeatable=False)
GET = Op("GET", "/api/v2/assets/{uid_asset}/hooks/{uid_hook}/", Hook)
UPDATE = Op("PATCH", GET.path, Hook, repeatable=True)
DELETE = Op("DELETE", GET.path, type(None), repeatable=True)
LOGS = Op(
    "GET", "/api/v2/assets/{uid_asset}/hooks/{uid_hook}/logs/", HookLog, paging=Paging.COUNTED
)
GET_LOG = Op("GET", "/api/v2/assets/{uid_asset}/hooks/{uid_hook}/logs/{uid_log}/", HookLog)
RETRY_LOG = Op(
    "PATCH",
    "/api/v2/assets/{uid_asset}/hooks/{uid_hook}/logs/{uid_log}/retry/",
    LogRetry,
    repeatable=False,
)
# 304, for nothing to do, comes without a body, which only `object` lets through.
RETRY_ALL: Op[Any] = Op(
    "PATCH",
    "/api/v2/assets/{uid_asset}/hooks/{uid_hook}/retry/",
    object,
    repeatable=False,
    also_ok=(304,),
)

PLACEHOLDER = "%SUBMISSION%"
Format: TypeAlias = Literal["json", "xml"]
LogStatus: TypeAlias = Literal["failed", "pending", "success", "processing"]
NUMBERS: Mapping[LogStatus, int] = {
    "failed": statuses.FAILED,
    "pending": statuses.PENDING,
    "success": statuses.SUCCESS,
    "processing": statuses.PROCESSING,
}


@attrs.frozen
class Hooks:
    """REST services of a project: each new submission is posted to their address.

    Once for each submission, on creation only; edits and deletions are not told. Permission, for
    all of it: `change_asset` and `view_submissions`; without both the server says NotFound
    (`api-facts §4.11`).
    """

    _sender: Sender

    def list(self, uid_asset: str, *, page_size: int = 1000) -> Pages[Hook]:
        """List the REST services, with passwords in clear (not in their `repr`).

        Permission: `change_asset` and `view_submissions`.
        """
        return self._sender.pages(LIST.at(uid_asset, query={"limit": page_size}))

    async def create(
        self,
        uid_asset: str,
        *,
        name: str,
        endpoint: str,
        active: bool | Omit = OMIT,
        export_type: Format | Omit = OMIT,
        username: str | Omit = OMIT,
        password: str | Omit = OMIT,
        custom_headers: Mapping[str, str] | Omit = OMIT,
        subset_fields: Sequence[str] | Omit = OMIT,
        email_notification: bool | Omit = OMIT,
        payload_template: str | Omit | None = OMIT,
    ) -> Hook:
        """Create a REST service.

        `username` and `password`, given together, turn on basic authentication. `subset_fields`
        are paths or names of questions; none for the whole submission. `payload_template` is JSON
        in which `%SUBMISSION%` stands for the submission; the server takes one without it, and
        posts the same text each time. Deliveries are retried for 502, 503, 504 and timeouts only.

        Permission: `change_asset` and `view_submissions`. Errors: QueryError; BadRequest for an
        `endpoint` that is no web address, or not encrypted where the server wants that.
        """
        body = _body(
            username,
            password,
            custom_headers,
            name=name,
            endpoint=endpoint,
            active=active,
            export_type=export_type,
            subset_fields=subset_fields,
            email_notification=email_notification,
            payload_template=payload_template,
        )
        return await self._sender.send(CREATE.at(uid_asset, json=body))

    async def get(self, uid_asset: str, uid_hook: str) -> Hook:
        """Fetch a REST service. Permission: `change_asset` and `view_submissions`."""
        return await self._sender.send(GET.at(uid_asset, uid_hook))

    async def update(
        self,
        uid_asset: str,
        uid_hook: str,
        *,
        name: str | Omit = OMIT,
        endpoint: str | Omit = OMIT,
        active: bool | Omit = OMIT,
        export_type: Format | Omit = OMIT,
        username: str | Omit = OMIT,
        password: str | Omit = OMIT,
        custom_headers: Mapping[str, str] | Omit = OMIT,
        subset_fields: Sequence[str] | Omit = OMIT,
        email_notification: bool | Omit = OMIT,
        payload_template: str | Omit | None = OMIT,
    ) -> Hook:
        """Change a REST service.

        Credentials and headers are one setting: whoever gives some of them drops the others. With
        `custom_headers` alone, the service keeps asking for authentication, without a password.

        Permission: `change_asset` and `view_submissions`. Errors: see `create`.
        """
        body = _body(
            username,
            password,
            custom_headers,
            name=name,
            endpoint=endpoint,
            active=active,
            export_type=export_type,
            subset_fields=subset_fields,
            email_notification=email_notification,
            payload_template=payload_template,
        )
        return await self._sender.send(UPDATE.at(uid_asset, uid_hook, json=body))

    async def delete(self, uid_asset: str, uid_hook: str) -> None:
        """Delete a REST service and its logs.

        Permission: `change_asset` and `view_submissions`. Errors: NotFound when repeated.
        """
        await self._sender.send(DELETE.at(uid_asset, uid_hook))

    def logs(
        self,
        uid_asset: str,
        uid_hook: str,
        *,
        status: LogStatus | Omit = OMIT,
        since: datetime | Omit = OMIT,
        until: datetime | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[HookLog]:
        """List deliveries, the newest first, by their state and the time of their last change.

        Permission: `change_asset` and `view_submissions`. Errors: QueryError for times without
        zone.
        """
        query = given(
            status=OMIT if isinstance(status, Omit) else NUMBERS[status],
            start_date=_moment(since),
            end_date=_moment(until),
            limit=page_size,
        )
        return self._sender.pages(LOGS.at(uid_asset, uid_hook, query=query))

    async def get_log(self, uid_asset: str, uid_hook: str, uid_log: str) -> HookLog:
        """Fetch one delivery. Permission: `change_asset` and `view_submissions`."""
        return await self._sender.send(GET_LOG.at(uid_asset, uid_hook, uid_log))

    async def retry_log(self, uid_asset: str, uid_hook: str, uid_log: str) -> LogRetry:
        """Deliver once more and wait for the receiver's answer, up to 30 seconds.

        Permission: `change_asset` and `view_submissions`. Errors: BadRequest for what was
        delivered, and within 120 seconds of the last attempt; ServerError when it fails again.
        """
        return await self._sender.send(RETRY_LOG.at(uid_asset, uid_hook, uid_log))

    async def retry_all(self, uid_asset: str, uid_hook: str) -> HookRetry:
        """Ask the server to deliver again what failed; `pending_uids` are the logs to watch.

        They are none where nothing failed. Permission: `change_asset` and `view_submissions`.
        Errors: BadRequest for a service that is not active.
        """
        answer = await self._sender.send(RETRY_ALL.at(uid_asset, uid_hook))
        return structure(answer or {}, HookRetry)


def _body(
    username: str | Omit,
    password: str | Omit,
    custom_headers: Mapping[str, str] | Omit,
    **fields: Any,
) -> dict[str, Any]:
    body = given(**fields)
    _check_template(body.get("payload_template"), body.get("export_type"))
    if "subset_fields" in body:
        body["subset_fields"] = listed("subset_fields", body["subset_fields"])
    settings = given(username=username, password=password, custom_headers=custom_headers)
    if ("username" in settings) is not ("password" in settings):
        raise QueryError("username and password go together: the server would post without them")
    if "username" in settings:
        body["auth_level"] = "basic_auth"
    return {**body, "settings": settings} if settings else body


def _check_template(template: str | None, export_type: Format | None) -> None:
    if not template:
        return
    if export_type == "xml":
        raise QueryError("payload_template is for JSON")
    if PLACEHOLDER not in template:
        raise QueryError(f"payload_template must hold {PLACEHOLDER}, or no submission is posted")


def _moment(value: datetime | Omit) -> str | Omit:
    return value if isinstance(value, Omit) else zoned(value).isoformat()
