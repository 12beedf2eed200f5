"""The asynchronous client for the KoboToolbox API v2.

async with KoboClient("eu", token=token) as client:
    async with client.submissions.stream(uid) as rows:
        async for row in rows:
            ...

What programs name can be imported from here, and is loaded when it is first asked for: see
`_LATER`. `__all__` is all of it but the modules, whose names (`q`) are too short for `import *`.
Conditions stand in `kobo_async.where`, those on assets in `kobo_async.q`.
"""

import importlib
import typing

from kobo_async._version import __version__

if typing.TYPE_CHECKING:
    from kobo_async import errors as errors
    from kobo_async import events as events
    from kobo_async import q as q
    from kobo_async import where as where
    from kobo_async.bulk.report import Completeness as Completeness
    from kobo_async.bulk.report import Progress as Progress
    from kobo_async.call import OMIT as OMIT
    from kobo_async.call import Upload as Upload
    from kobo_async.client import ClientArguments as ClientArguments
    from kobo_async.client import KoboClient as KoboClient
    from kobo_async.config import BreakerPolicy as BreakerPolicy
    from kobo_async.config import Concurrency as Concurrency
    from kobo_async.config import RetryPolicy as RetryPolicy
    from kobo_async.config import Secret as Secret
    from kobo_async.config import Settings as Settings
    from kobo_async.config import Timeouts as Timeouts
    from kobo_async.dryrun import DryRun as DryRun
    from kobo_async.errors import ApiError as ApiError
    from kobo_async.errors import AuthenticationFailed as AuthenticationFailed
    from kobo_async.errors import BadRequest as BadRequest
    from kobo_async.errors import ConfigError as ConfigError
    from kobo_async.errors import Conflict as Conflict
    from kobo_async.errors import ConnectFailed as ConnectFailed
    from kobo_async.errors import ConnectionLost as ConnectionLost
    from kobo_async.errors import DatabaseFailed as DatabaseFailed
    from kobo_async.errors import Gone as Gone
    from kobo_async.errors import IncompleteDownload as IncompleteDownload
    from kobo_async.errors import JobFailed as JobFailed
    from kobo_async.errors import JobTimeout as JobTimeout
    from kobo_async.errors import KoboError as KoboError
    from kobo_async.errors import Locked as Locked
    from kobo_async.errors import MalformedReply as MalformedReply
    from kobo_async.errors import MethodNotAllowed as MethodNotAllowed
    from kobo_async.errors import NotAcceptable as NotAcceptable
    from kobo_async.errors import NotFound as NotFound
    from kobo_async.errors import PermissionDenied as PermissionDenied
    from kobo_async.errors import PlanOutdated as PlanOutdated
    from kobo_async.errors import QueryError as QueryError
    from kobo_async.errors import RateLimited as RateLimited
    from kobo_async.errors import ReplyError as ReplyError
    from kobo_async.errors import RequestTimeout as RequestTimeout
    from kobo_async.errors import ServerBusy as ServerBusy
    from kobo_async.errors import ServerError as ServerError
    from kobo_async.errors import ServerUnavailable as ServerUnavailable
    from kobo_async.errors import SyncStopped as SyncStopped
    from kobo_async.errors import TransportError as TransportError
    from kobo_async.errors import UnexpectedRedirect as UnexpectedRedirect
    from kobo_async.errors import UnexpectedShape as UnexpectedShape
    from kobo_async.errors import UsageLimitReached as UsageLimitReached
    from kobo_async.events import Event as Event
    from kobo_async.events import Observer as Observer
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
    from kobo_async.pages import Page as Page
    from kobo_async.pages import Pages as Pages
    from kobo_async.q import Q as Q
    from kobo_async.query import Unchecked as Unchecked
    from kobo_async.query import Where as Where
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
    "Answers",
    "ApiError",
    "Asset",
    "AssetFile",
    "Assignment",
    "AuthenticationFailed",
    "BadRequest",
    "BreakerPolicy",
    "ClientArguments",
    "Codename",
    "Completeness",
    "Concurrency",
    "Condition",
    "ConfigError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
    "DatabaseFailed",
    "DryRun",
    "Event",
    "ExportOptions",
    "ExportTask",
    "ExportType",
    "Exported",
    "Filled",
    "Gone",
    "Grant",
    "HistoryEntry",
    "Hook",
    "HookLog",
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
    "Outcome",
    "OwnershipInvite",
    "Page",
    "Pages",
    "PermissionDenied",
    "Plan",
    "PlanOutdated",
    "Progress",
    "Q",
    "QueryError",
    "RateLimited",
    "Receipt",
    "Redelivery",
    "ReplyError",
    "RequestTimeout",
    "RetryPolicy",
    "Row",
    "Secret",
    "ServerBusy",
    "ServerError",
    "ServerUnavailable",
    "Settings",
    "Submitted",
    "SyncExported",
    "SyncStopped",
    "Timeouts",
    "TransportError",
    "Unchecked",
    "UnexpectedRedirect",
    "UnexpectedShape",
    "Upload",
    "UsageLimitReached",
    "Version",
    "Where",
    "__version__",
]

_LATER: typing.Final = {
    "bulk.report": ("Completeness", "Progress"),
    "call": ("OMIT", "Upload"),
    "client": ("ClientArguments", "KoboClient"),
    "config": ("BreakerPolicy", "Concurrency", "RetryPolicy", "Secret", "Settings", "Timeouts"),
    "dryrun": ("DryRun",),
    "errors": (
        "errors",
        "ApiError",
        "AuthenticationFailed",
        "BadRequest",
        "ConfigError",
        "Conflict",
        "ConnectFailed",
        "ConnectionLost",
        "DatabaseFailed",
        "Gone",
        "IncompleteDownload",
        "JobFailed",
        "JobTimeout",
        "KoboError",
        "Locked",
        "MalformedReply",
        "MethodNotAllowed",
        "NotAcceptable",
        "NotFound",
        "PermissionDenied",
        "PlanOutdated",
        "QueryError",
        "RateLimited",
        "ReplyError",
        "RequestTimeout",
        "ServerBusy",
        "ServerError",
        "ServerUnavailable",
        "SyncStopped",
        "TransportError",
        "UnexpectedRedirect",
        "UnexpectedShape",
        "UsageLimitReached",
    ),
    "events": ("events", "Event", "Observer"),
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
    "pages": ("Page", "Pages"),
    "q": ("Q", "q"),
    "query": ("Unchecked", "Where"),
    "resources.submissions": ("Row",),
    "verbs.exports": ("Exported", "SyncExported"),
    "verbs.hooks": ("Redelivery",),
    "verbs.outcomes": ("Outcome", "Submitted"),
    "verbs.permission_plan": ("Plan",),
    "verbs.submissions": ("Filled",),
    "where": ("Condition", "where"),
}
"""Modules, with the names that are fetched from them when they are first asked for."""
_MODULES: typing.Final = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> typing.Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'kobo_async' has no attribute {name!r}")
    found = importlib.import_module(f"kobo_async.{module}")
    return found if name == module else getattr(found, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
