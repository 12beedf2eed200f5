"""The asynchronous client for the KoboToolbox API v2.

async with KoboClient("eu", token=token) as client:
    async with client.submissions.stream(uid) as rows:
        async for row in rows:
            ...
"""

from kobo_async._version import __version__
from kobo_async.bulk.report import Completeness, Progress
from kobo_async.call import OMIT
from kobo_async.client import KoboClient
from kobo_async.config import BreakerPolicy, Concurrency, RetryPolicy, Settings, Timeouts
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
    TransportError,
    UnexpectedRedirect,
    UnexpectedShape,
    UsageLimitReached,
)
from kobo_async.query import Unchecked

__all__ = [
    "OMIT",
    "ApiError",
    "AuthenticationFailed",
    "BadRequest",
    "BreakerPolicy",
    "Completeness",
    "Concurrency",
    "ConfigError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
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
    "PermissionDenied",
    "PlanOutdated",
    "Progress",
    "QueryError",
    "RateLimited",
    "ReplyError",
    "RequestTimeout",
    "RetryPolicy",
    "ServerBusy",
    "ServerError",
    "ServerUnavailable",
    "Settings",
    "Timeouts",
    "TransportError",
    "Unchecked",
    "UnexpectedRedirect",
    "UnexpectedShape",
    "UsageLimitReached",
    "__version__",
]
