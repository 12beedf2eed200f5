"""Who may do what (`/api/v2/assets/{uid}/permission-assignments/`, `/api/v2/permissions/`)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kobo_async.call import Op, Paging
from kobo_async.errors import QueryError
from kobo_async.models.permission import Assignment, Codename, Filters, Grant, PermissionType
from kobo_async.pages import Pages, Sender

CATALOG = Op("GET", "/api/v2/permissions/", PermissionType, paging=Paging.COUNTED)
GET_PERMISSION = Op("GET", "/api/v2/permissions/{codename}/", PermissionType)
LIST_ASSIGNMENTS = Op(
    "GET", "/api/v2/assets/{uid_asset}/permission-assignments/", Assignment, paging=Paging.ARRAY
)
ASSIGN = Op("POST", LIST_ASSIGNMENTS.path, Assignment, repeatable=True)
GET_ASSIGNMENT = Op(
    "GET",
    "/api/v2/assets/{uid_asset}/permission-assignments/{uid_permission_assignment}/",
    Assignment,
)
REVOKE = Op("DELETE", GET_ASSIGNMENT.path, type(None), repeatable=True)
REPLACE_ALL = Op(
    "POST",
    "/api/v2/assets/{uid_asset}/permission-assignments/bulk/",
    list[Assignment],
    repeatable=True,
)
REMOVE_USER = Op("DELETE", REPLACE_ALL.path, type(None), repeatable=True)
COPY_FROM = Op(
    "PATCH",
    "/api/v2/assets/{uid_asset}/permission-assignments/clone/",
    list[Assignment],
    repeatable=True,
)


@attrs.frozen
class Permissions:
    """Permissions that exist, and who holds them on an asset.

    The owner holds all of them and cannot lose any. `AnonymousUser` stands for everyone who has
    the link, and can hold no more than `view_asset`, `discover_asset`, `view_submissions` and
    `add_submissions` (`api-facts §4.12`).
    """

    _sender: Sender

    def catalog(self, *, page_size: int = 1000) -> Pages[PermissionType]:
        """List the permissions that exist, and which imply or exclude which.

        Permission: none needed.
        """
        return self._sender.pages(CATALOG.at(query={"limit": page_size}))

    async def get_permission(self, codename: str) -> PermissionType:
        """Fetch one of the permissions that exist. Permission: none needed."""
        return await self._sender.send(GET_PERMISSION.at(codename))

    def list_assignments(self, uid_asset: str) -> Pages[Assignment]:
        """List who holds what: one row for each user and permission, the owner's included.

        Permission: `view_asset`. Only managers see everybody's; others see their own, the owner's
        and those of `AnonymousUser`.
        """
        return self._sender.pages(LIST_ASSIGNMENTS.at(uid_asset))

    async def assign(
        self,
        uid_asset: str,
        *,
        user: str,
        permission: Codename,
        filters: Filters | None = None,
    ) -> Assignment:
        """Give a permission to a user, along with those it implies.

        `add_submissions` alone lets a user submit, but not see the project in the API.
        `partial_submissions`, with `filters` as in `Grant`, takes away what contradicts it:
        `view_submissions`, `change_submissions`, `delete_submissions`, `validate_submissions` and
        `manage_asset`; and each of the first four takes away `partial_submissions`. What is held
        already is returned again.

        Permission: `manage_asset`. Errors: QueryError; BadRequest for the owner, for an unknown
        user, and for what users of this kind cannot hold on assets of this type.
        """
        grant = Grant(user, permission, filters)
        return await self._sender.send(ASSIGN.at(uid_asset, json=grant.as_json()))

    async def get_assignment(self, uid_asset: str, uid_permission_assignment: str) -> Assignment:
        """Fetch one row of the list. Permission: `view_asset`. Errors: NotFound."""
        return await self._sender.send(GET_ASSIGNMENT.at(uid_asset, uid_permission_assignment))

    async def revoke(self, uid_asset: str, uid_permission_assignment: str) -> None:
        """Take a permission from a user, along with those that imply it.

        Revoking `view_asset` takes everything but `add_submissions`.

        Permission: `manage_asset`, or one's own. Errors: NotFound, Conflict for the owner's.
        """
        await self._sender.send(REVOKE.at(uid_asset, uid_permission_assignment))

    async def remove_user(self, uid_asset: str, *, username: str) -> None:
        """Take all permissions from one user. Succeeds for users that hold none or do not exist.

        Permission: `manage_asset`, or one's own name. Errors: Conflict for the owner.
        """
        await self._sender.send(REMOVE_USER.at(uid_asset, json={"username": username}))

    async def replace_all(
        self, uid_asset: str, *, grants: Sequence[Grant], expected: int
    ) -> Sequence[Assignment]:
        """Make `grants` all that anybody holds besides the owner; whoever is not named loses all.

        Users who are named lose what is not granted here. `AnonymousUser` counts like any other:
        leaving it out closes a public project. `expected` is the number of users who lose
        everything; they are counted just before, and nothing is sent if it is another. To give a
        permission and leave the rest alone, use `assign`.

        Permission: `manage_asset`. Errors: QueryError, which names those who would lose.
        """
        named = {grant.user for grant in grants}
        await self._expect(uid_asset, named, expected)
        body = [grant.as_json() for grant in grants]
        return await self._sender.send(REPLACE_ALL.at(uid_asset, json=body))

    async def copy_from(
        self, uid_asset: str, *, source: str, expected: int
    ) -> Sequence[Assignment]:
        """Replace everything that anybody but the owner holds by what they hold on `source`.

        `expected` is the number of users, besides the owner, who hold something now and lose it
        unless they hold it on `source` too; nothing is sent if it is another.

        Permission: `manage_asset`, and `view_asset` on the source. Errors: QueryError; BadRequest
        for assets of different types; NotFound for an unknown source.
        """
        await self._expect(uid_asset, set(), expected)
        return await self._sender.send(COPY_FROM.at(uid_asset, json={"clone_from": source}))

    async def _expect(self, uid_asset: str, named: set[str], expected: int) -> None:
        """Count those who would lose everything. The owner is in every list and never loses."""
        held = [row.username async for row in self.list_assignments(uid_asset)]
        losing = sorted(set(held) - named)
        count = max(len(losing) - 1, 0)
        if count != expected:
            raise QueryError(
                f"{expected} users were expected to lose everything, but {count} would: "
                f"{', '.join(losing)}, less the owner, who is among them"
            )
