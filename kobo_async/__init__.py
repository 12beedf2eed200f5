"""The asynchronous client for the KoboToolbox API v2.

async with KoboClient("eu", token=token) as client:
    async with client.submissions.stream(uid) as rows:
        async for row in rows:
            ...

What programs name in annotations can be imported from here as well, and is loaded when it is
first asked for: see `_LATER`. Conditions stand in `kobo_async.where`, those on assets in
`kobo_async.q`.
"""

import importlib
import typing

from kobo_async._version import __version__
from kobo_async.bulk.report import Completeness, Progress
from kobo_async.call import OMIT, Upload
from kobo_async.client import ClientArguments, KoboClient
from kobo_async.config import BreakerPolicy, Concurrency, RetryPolicy, Secret, Settings, Timeouts
from kobo_async.dryrun import DryRun
from kobo_async.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    ConfigError,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    Gone,
    IncompleteDownload,
    JobFailed,
    JobTimeout,
    KoboError,
    Locked,
    MalformedReply,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    PermissionDenied,
    PlanOutdated,
    QueryError,
    RateLimited,
    ReplyError,
    RequestTimeout,
    ServerBusy,
    ServerError,
    ServerUnavailable,
    SyncStopped,
    TransportError,
    UnexpectedRedirect,
    UnexpectedShape,
    UsageLimitReached,
)
from kobo_async.events import Event, Observer
from kobo_async.pages import Page, Pages
from kobo_async.query import Unchecked, Where

if typing.TYPE_CHECKING:
    from kobo_async import q as q
    from kobo_async import where as where
    from kobo_async.instance import Answers as Answers
    from kobo_async.models.asset import Asset as Asset
    from kobo_async.models.export import ExportOptions as ExportOptions
    from kobo_async.models.export import ExportTask as ExportTask
    from kobo_async.models.export import ExportType as ExportType
    from kobo_async.models.file import AssetFile as AssetFile
    from kobo_async.models.hook import Hook as Hook
    from kobo_async.models.hook import HookLog as HookLog
    from kobo_async.models.log import HistoryEntry as HistoryEntry
    from kobo_async.models.openrosa import Receipt as Receipt
    from kobo_async.models.ownership import OwnershipInvite as OwnershipInvite
    from kobo_async.models.permission import Assignment as Assignment
    from kobo_async.models.permission import Codename as Codename
    from kobo_async.models.permission import Grant as Grant
    from kobo_async.models.version import Version as Version
    from kobo_async.q import Q as Q
    from kobo_async.resources.submissions import Row as Row
    from kobo_async.verbs.exports import Exported as Exported
    from kobo_async.verbs.exports import SyncExported as SyncExported
    from kobo_async.verbs.hooks import Redelivery as Redelivery
    from kobo_async.verbs.outcomes import Outcome as Outcome
    from kobo_async.verbs.outcomes import Submitted as Submitted
    from kobo_async.verbs.permission_plan import Plan as Plan
    from kobo_async.verbs.submissions import Filled as Filled
    from kobo_async.where import Condition as Condition

__all__ = [
    "OMIT",
    "ApiError",
    "AuthenticationFailed",
    "BadRequest",
    "BreakerPolicy",
    "ClientArguments",
    "Completeness",
    "Concurrency",
    "ConfigError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
    "DryRun",
    "Event",
    "Gone",
    "IncompleteDownload",
    "JobFailed",
    "JobTimeout",
    "KoboClient",
    "KoboError",
    "Locked",
    "MalformedReply",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "Observer",
    "Page",
    "Pages",
    "PermissionDenied",
    "PlanOutdated",
    "Progress",
    "QueryError",
    "RateLimited",
    "ReplyError",
    "RequestTimeout",
    "RetryPolicy",
    "Secret",
    "ServerBusy",
    "ServerError",
    "ServerUnavailable",
    "Settings",
    "SyncStopped",
    "Timeouts",
    "TransportError",
    "Unchecked",
    "UnexpectedRedirect",
    "UnexpectedShape",
    "Upload",
    "UsageLimitReached",
    "Where",
    "__version__",
]

_LATER: typing.Final = {
    "instance": ("Answers",),
    "models.asset": ("Asset",),
    "models.export": ("ExportOptions", "ExportTask", "ExportType"),
    "models.file": ("AssetFile",),
    "models.hook": ("Hook", "HookLog"),
    "models.log": ("HistoryEntry",),
    "models.openrosa": ("Receipt",),
    "models.ownership": ("OwnershipInvite",),
    "models.permission": ("Assignment", "Codename", "Grant"),
    "models.version": ("Version",),
    "q": ("Q", "q"),
    "resources.submissions": ("Row",),
    "verbs.exports": ("Exported", "SyncExported"),
    "verbs.hooks": ("Redelivery",),
    "verbs.outcomes": ("Outcome", "Submitted"),
    "verbs.permission_plan": ("Plan",),
    "verbs.submissions": ("Filled",),
    "where": ("Condition", "where"),
}
"""Modules, with the names that are fetched from them when they are first asked for."""


def __getattr__(name: str) -> typing.Any:
    for module, names in _LATER.items():
        if name in names:
            found = importlib.import_module(f"kobo_async.{module}")
            return found if name == module else getattr(found, name)
    raise AttributeError(f"module 'kobo_async' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *(name for names in _LATER.values() for name in names)})
