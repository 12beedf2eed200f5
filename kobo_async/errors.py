"""What can go wrong, as one tree.

    KoboError
    ├── ConfigError                 settings that cannot work; nothing was sent
    ├── QueryError                  a query that would silently match nothing; nothing was sent
    ├── ServerUnavailable           the circuit breaker is open; nothing was sent
    ├── TransportError              no usable reply
    │   ├── ConnectFailed           nothing left this machine
    │   ├── RequestTimeout          the server may or may not have acted
    │   └── ConnectionLost          the reply broke off; the server may have acted
    ├── ReplyError                  a reply that cannot be used
    │   ├── MalformedReply          not the JSON it should be
    │   └── UnexpectedShape         JSON of another shape than the model
    ├── ApiError                    the server said no
    │   ├── UnexpectedRedirect      3xx where none is followed
    │   ├── BadRequest              400
    │   ├── AuthenticationFailed    401, and replies to nobody although credentials were sent
    │   ├── UsageLimitReached       402
    │   ├── PermissionDenied        403
    │   ├── NotFound                404: missing, or invisible to the caller
    │   ├── MethodNotAllowed        405
    │   ├── NotAcceptable           406
    │   ├── Conflict                409
    │   ├── Gone                    410: API v1, or an outdated edit
    │   ├── Locked                  423
    │   ├── RateLimited             429
    │   └── ServerError             5xx
    │       └── ServerBusy          502, 503, 504: retrying helps
    ├── IncompleteDownload          a download that cannot be proved complete
    ├── JobFailed                   a job of the server ended in an error
    ├── JobTimeout                  a job of the server takes longer than the caller waits
    ├── PlanOutdated                the permissions are not those that a plan was made for
    ├── SyncStopped                 a mirror would lose more than its owner allows
    └── DatabaseFailed              a database that is written to failed: gone, full, or refusing

Exceptions take positional arguments only, so that they survive pickling.
"""

from __future__ import annotations

from typing import Any


class KoboError(Exception):
    """Base of everything this package raises on purpose. Its text is the first argument."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class ConfigError(KoboError, ValueError):
    """Settings that cannot work. Nothing was sent."""


class QueryError(KoboError, ValueError):
    """A query that the server would refuse, or answer with silence. Nothing was sent."""


class ServerUnavailable(KoboError):
    """The server failed repeatedly, so this request was not sent.

    `retry_after` is the number of seconds until the next request is let through.
    """

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message, retry_after)
        self.retry_after = retry_after


class _AboutRequest(KoboError):
    """What went wrong with one request, before its reply could be judged."""

    def __init__(self, message: str, request: str = "") -> None:
        super().__init__(message, request)
        self.request = request

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.request}: {text}" if self.request else text


class TransportError(_AboutRequest):
    """No usable reply arrived."""


class ConnectFailed(TransportError):
    """No connection to the server. Nothing was sent."""


class RequestTimeout(TransportError):
    """The reply took too long. The server may have acted on the request."""


class ConnectionLost(TransportError):
    """The connection broke before the whole reply arrived. The server may have acted."""


class ReplyError(_AboutRequest):
    """A reply that cannot be used."""


class MalformedReply(ReplyError):
    """A successful reply whose body is not what it says, such as cut JSON or an HTML page."""


class UnexpectedShape(ReplyError):
    """A reply whose JSON does not fit the model."""


class ApiError(KoboError):
    """The server answered, and said no.

    Attributes:
        status: HTTP status.
        message: what the server said, in one line.
        request: method and path of the request.
        body: decoded JSON, or the text of a page.
        retry_after: seconds the server asks to wait, if it does.
        fields: problems by field name, where the server names fields.
    """

    hint = ""

    def __init__(
        self,
        status: int,
        message: str,
        request: str = "",
        body: Any = None,
        retry_after: float | None = None,
        fields: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, request, body, retry_after, fields)
        self.status = status
        self.message = message
        self.request = request
        self.body = body
        self.retry_after = retry_after
        self.fields = fields or {}

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.request} answered {self.status}: {self.message}{hint}"


class UnexpectedRedirect(ApiError):
    """The server points elsewhere. Redirects are not followed: they turn POST into GET."""

    hint = "check the server address and the trailing slash of the path"


class BadRequest(ApiError):
    """The server refuses the request as it stands."""


class AuthenticationFailed(ApiError):
    """The credentials are missing, wrong, expired, or of the wrong kind."""

    hint = "an API token goes with the Token scheme, an OAuth2 access token with Bearer"


class UsageLimitReached(ApiError):
    """The account is over its plan's limit."""


class PermissionDenied(ApiError):
    """The caller may see the object, but not do this."""


class NotFound(ApiError):
    """The object does not exist, or the caller may not see it: the server does not tell which."""

    hint = "the server answers the same when the object exists but is not shared with this account"


class MethodNotAllowed(ApiError):
    """This operation does not exist here, or not in this state."""


class NotAcceptable(ApiError):
    """The server cannot answer in the asked format."""


class Conflict(ApiError):
    """The object is in a state that contradicts the request."""


class Gone(ApiError):
    """Removed: API v1, or a submission that was edited in between."""

    hint = (
        "API v1 was removed in 2026: use /api/v2/; "
        "for an edit: somebody else edited in between, load the submission again"
    )


class Locked(ApiError):
    """The same submission is being processed."""


class RateLimited(ApiError):
    """Too many requests."""


class ServerError(ApiError):
    """The server failed."""


class ServerBusy(ServerError):
    """The server, or the proxy before it, is overloaded or restarting."""


class IncompleteDownload(KoboError):
    """A download that cannot be proved complete. `report` says what is missing."""

    def __init__(self, message: str, report: Any = None) -> None:
        super().__init__(message, report)
        self.report = report


class JobFailed(KoboError):
    """A job of the server, such as an import or an export, ended in an error.

    `error_type` is the server's name for it, such as `XlsFormatException`.
    """

    def __init__(self, message: str, error_type: str = "") -> None:
        super().__init__(message, error_type)
        self.error_type = error_type


class JobTimeout(KoboError):
    """A job of the server takes longer than the caller waits, and goes on.

    `job` is its uid, with which it can be waited for again.
    """

    def __init__(self, message: str, job: str = "") -> None:
        super().__init__(message, job)
        self.job = job


class PlanOutdated(KoboError):
    """The permissions are not, or no longer, those that a plan was made for."""


class SyncStopped(KoboError):
    """A synchronisation that would delete more than its owner allows, or what it cannot see.

    Nothing of that was deleted.
    """


class DatabaseFailed(KoboError):
    """A database that is written to failed: it is gone, full, or refuses. Begin again later."""


def asked_to_wait(error: BaseException | None) -> float | None:
    """Return the seconds that the server asked to wait, if it did."""
    return error.retry_after if isinstance(error, ApiError | ServerUnavailable) else None
