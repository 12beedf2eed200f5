"""Who may do what with an asset (`models §7`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias
from urllib.parse import quote, unquote

import attrs

from kobo_async.errors import QueryError
from kobo_async.models.convert import Model
from kobo_async.models.links import uid_of
from kobo_async.query import checked

Codename: TypeAlias = Literal[
    "view_asset",
    "change_asset",
    "manage_asset",
    "discover_asset",
    "add_submissions",
    "view_submissions",
    "partial_submissions",
    "change_submissions",
    "delete_submissions",
    "validate_submissions",
]
PartialCodename: TypeAlias = Literal[
    "view_submissions", "change_submissions", "delete_submissions", "validate_submissions"
]
Filters: TypeAlias = Mapping[PartialCodename, Sequence[Mapping[str, Any]]]
ANYONE = "AnonymousUser"
"""The user name that stands for everyone who has the link."""


@attrs.frozen
class Grant:
    """A permission to give to a user, by plain names.

    `filters` belongs to `partial_submissions`: for each thing allowed, Mongo queries of which a
    submission must fit one, such as `{"view_submissions": [{"_submitted_by": "bob"}]}`. The server
    does not look at them; they are checked here like those of the data list.

    Errors: QueryError.
    """

    user: str
    permission: Codename
    filters: Filters | None = None

    def __attrs_post_init__(self) -> None:
        user_link(self.user)
        if (self.permission == "partial_submissions") is not bool(self.filters):
            raise QueryError(
                "filters go with partial_submissions, and partial_submissions needs them"
            )
        for codename, queries in (self.filters or {}).items():
            _check_filters(codename, queries)

    def as_json(self) -> dict[str, Any]:
        """Return what is sent: addresses for names."""
        body: dict[str, Any] = {
            "user": user_link(self.user),
            "permission": _permission_link(self.permission),
        }
        if self.filters:
            body["partial_permissions"] = [
                {"url": _permission_link(codename), "filters": list(queries)}
                for codename, queries in self.filters.items()
            ]
        return body


def _check_filters(codename: str, queries: Sequence[Mapping[str, Any]]) -> None:
    if isinstance(queries, Mapping | str) or not queries:
        raise QueryError(f"{codename}: filters are a list of queries")
    for query in queries:
        if not query:
            raise QueryError(f"{codename}: an empty filter lets everything through; grant it whole")
        checked(query)


def user_link(username: str) -> str:
    """Return what the server takes for a reference to a user, given by name."""
    if not username or "/" in username:
        raise QueryError(f"a user is named by the user name, not by {username!r}")
    return f"/api/v2/users/{quote(username, safe='')}/"


def _permission_link(codename: str) -> str:
    return f"/api/v2/permissions/{quote(codename, safe='')}/"


@attrs.frozen(kw_only=True)
class PermissionType(Model):
    """A permission that exists; `implied` come along with it, `contradictory` go."""

    url: str
    codename: str
    name: str = ""
    implied: Sequence[str] = ()
    contradictory: Sequence[str] = ()


@attrs.frozen(kw_only=True)
class PartialPermission(Model):
    """What may be done with the submissions that fit one of `filters`."""

    url: str
    filters: Sequence[Mapping[str, Any]] = ()

    @property
    def codename(self) -> str:
        """Name of the permission, such as `view_submissions`."""
        return uid_of(self.url)


@attrs.frozen(kw_only=True)
class Assignment(Model):
    """A permission that a user holds on an asset.

    `label` is a text, or an object for `partial_submissions`, which alone has
    `partial_permissions`.
    """

    url: str
    user: str
    permission: str
    label: Any = ""
    partial_permissions: Sequence[PartialPermission] = ()

    @property
    def uid(self) -> str:
        """Identifier, as `revoke` takes it."""
        return uid_of(self.url)

    @property
    def username(self) -> str:
        """Name of the user; `AnonymousUser` is everyone."""
        return unquote(uid_of(self.user))

    @property
    def codename(self) -> str:
        """Name of the permission, such as `view_submissions`."""
        return uid_of(self.permission)
