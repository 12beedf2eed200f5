"""The jobs that go beyond single requests, of a client or of a dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.verbs.exports import ExportVerbs
    from kobo_async.verbs.forms import FormVerbs
    from kobo_async.verbs.hooks import HookVerbs
    from kobo_async.verbs.media import FileVerbs
    from kobo_async.verbs.permissions import PermissionVerbs

T = TypeVar("T")


def forms(api: Api) -> FormVerbs:
    """Return what works on forms."""
    from kobo_async.verbs.forms import FormVerbs  # noqa: PLC0415 - slow to import

    return _made(api, "forms", FormVerbs)


def exports(api: Api) -> ExportVerbs:
    """Return what makes exports."""
    from kobo_async.verbs.exports import ExportVerbs  # noqa: PLC0415 - slow to import

    return _made(api, "exports", ExportVerbs)


def files(api: Api) -> FileVerbs:
    """Return what works on media files."""
    from kobo_async.verbs.media import FileVerbs  # noqa: PLC0415 - slow to import

    return _made(api, "files", FileVerbs)


def hooks(api: Api) -> HookVerbs:
    """Return what works on REST services."""
    from kobo_async.verbs.hooks import HookVerbs  # noqa: PLC0415 - slow to import

    return _made(api, "hooks", HookVerbs)


def permissions(api: Api) -> PermissionVerbs:
    """Return what works on permissions."""
    from kobo_async.verbs.permissions import PermissionVerbs  # noqa: PLC0415 - slow to import

    return _made(api, "permissions", PermissionVerbs)


def _made(api: Any, name: str, kind: type[T]) -> T:
    """Return the attribute, or build it as long as the client does not."""
    known = getattr(api, name, None)
    if isinstance(known, kind):
        return known
    parts = (api._sender,) if name in {"files", "permissions"} else (api._sender, api._clock)  # noqa: SLF001 - until the client has them
    return kind(*parts)
