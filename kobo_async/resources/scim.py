"""Accounts and groups for identity providers (`/api/v2/scim/v2/`, RFC 7644).

Identity providers have a key of their own, sent as `Bearer`: the caller's token opens nothing here,
and the key opens nothing elsewhere. `idp_slug` names the provider in the server's settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from kobo_async.call import OMIT, Call, Omit, Op, Paging, given
from kobo_async.models.convert import structure_all
from kobo_async.models.scim import ScimGroup, ScimList, ScimUser
from kobo_async.pages import Page, Pages, Sender

T = TypeVar("T")
SCIM: Final = "application/scim+json"
USER_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

GROUPS = Op(
    "GET", "/api/v2/scim/v2/{idp_slug}/Groups", ScimGroup, paging=Paging.COUNTED, accept=SCIM
)
CREATE_GROUP = Op("POST", GROUPS.path, ScimGroup, repeatable=False, accept=SCIM)
GET_GROUP = Op("GET", "/api/v2/scim/v2/{idp_slug}/Groups/{id}", ScimGroup, accept=SCIM)
REPLACE_GROUP = Op("PUT", GET_GROUP.path, ScimGroup, repeatable=True, accept=SCIM)
UPDATE_GROUP = Op("PATCH", GET_GROUP.path, ScimGroup, repeatable=True, accept=SCIM)
DELETE_GROUP = Op("DELETE", GET_GROUP.path, type(None), repeatable=True, accept=SCIM)
RESOURCE_TYPES: Op[dict[str, Any]] = Op(
    "GET", "/api/v2/scim/v2/{idp_slug}/ResourceTypes", dict, accept=SCIM
)
SCHEMAS: Op[dict[str, Any]] = Op("GET", "/api/v2/scim/v2/{idp_slug}/Schemas", dict, accept=SCIM)
SERVICE_PROVIDER_CONFIG: Op[dict[str, Any]] = Op(
    "GET", "/api/v2/scim/v2/{idp_slug}/ServiceProviderConfig", dict, accept=SCIM
)
USERS = Op("GET", "/api/v2/scim/v2/{idp_slug}/Users", ScimUser, paging=Paging.COUNTED, accept=SCIM)
CREATE_USER = Op("POST", USERS.path, ScimUser, repeatable=False, accept=SCIM)
GET_USER = Op("GET", "/api/v2/scim/v2/{idp_slug}/Users/{id}", ScimUser, accept=SCIM)
REPLACE_USER = Op("PUT", GET_USER.path, ScimUser, repeatable=True, accept=SCIM)
UPDATE_USER = Op("PATCH", GET_USER.path, ScimUser, repeatable=True, accept=SCIM)
DELETE_USER = Op("DELETE", GET_USER.path, type(None), repeatable=True, accept=SCIM)


@attrs.frozen
class Scim:
    """Accounts and groups of one identity provider. Permission, for all of it: its key."""

    _sender: Sender

    def groups(
        self, idp_slug: str, *, filter: str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[ScimGroup]:
        """List groups that fit a filter, such as `displayName eq "Field"`. Permission: the key."""
        query = given(filter=filter, count=page_size)
        return Pages(GROUPS.at(idp_slug, query=query), self._page)

    async def create_group(self, idp_slug: str, *, group: Mapping[str, Any]) -> ScimGroup:
        """Create a group, described as in RFC 7643 §4.2.

        Permission: the key. Errors: AuthenticationFailed for another one.
        """
        body = {"schemas": [GROUP_SCHEMA], **group}
        return await self._sender.send(CREATE_GROUP.at(idp_slug, json=body))

    async def get_group(self, idp_slug: str, id: str) -> ScimGroup:
        """Fetch a group. Permission: the key."""
        return await self._sender.send(GET_GROUP.at(idp_slug, id))

    async def replace_group(self, idp_slug: str, id: str, *, group: Mapping[str, Any]) -> ScimGroup:
        """Replace a group: members who are not listed leave it.

        Permission: the key. Errors: AuthenticationFailed for another one; NotFound.
        """
        body = {"schemas": [GROUP_SCHEMA], **group}
        return await self._sender.send(REPLACE_GROUP.at(idp_slug, id, json=body))

    async def update_group(
        self, idp_slug: str, id: str, *, operations: Sequence[Mapping[str, Any]]
    ) -> ScimGroup:
        """Change a group by operations of RFC 7644 §3.5.2.

        Permission: the key. Errors: AuthenticationFailed for another one; NotFound.
        """
        return await self._sender.send(UPDATE_GROUP.at(idp_slug, id, json=_patch(operations)))

    async def delete_group(self, idp_slug: str, id: str) -> None:
        """Delete a group.

        Permission: the key. Errors: AuthenticationFailed for another one; NotFound.
        """
        await self._sender.send(DELETE_GROUP.at(idp_slug, id))

    async def resource_types(self, idp_slug: str) -> dict[str, Any]:
        """Fetch which kinds of objects there are. Permission: the key."""
        return await self._sender.send(RESOURCE_TYPES.at(idp_slug))

    async def schemas(self, idp_slug: str) -> dict[str, Any]:
        """Fetch how objects are described. Permission: the key."""
        return await self._sender.send(SCHEMAS.at(idp_slug))

    async def service_provider_config(self, idp_slug: str) -> dict[str, Any]:
        """Fetch what of the standard the server knows. Permission: the key."""
        return await self._sender.send(SERVICE_PROVIDER_CONFIG.at(idp_slug))

    def users(
        self, idp_slug: str, *, filter: str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[ScimUser]:
        """List accounts that fit a filter, such as `userName eq "bob"`. Permission: the key."""
        query = given(filter=filter, count=page_size)
        return Pages(USERS.at(idp_slug, query=query), self._page)

    async def create_user(self, idp_slug: str, *, user: Mapping[str, Any]) -> ScimUser:
        """Create an account, described as in RFC 7643 §4.1.

        Permission: the key. Errors: Conflict where it exists.
        """
        body = {"schemas": [USER_SCHEMA], **user}
        return await self._sender.send(CREATE_USER.at(idp_slug, json=body))

    async def get_user(self, idp_slug: str, id: str) -> ScimUser:
        """Fetch an account. Permission: the key."""
        return await self._sender.send(GET_USER.at(idp_slug, id))

    async def replace_user(self, idp_slug: str, id: str, *, user: Mapping[str, Any]) -> ScimUser:
        """Replace the description of an account. Permission: the key. Errors: Conflict."""
        body = {"schemas": [USER_SCHEMA], **user}
        return await self._sender.send(REPLACE_USER.at(idp_slug, id, json=body))

    async def update_user(
        self, idp_slug: str, id: str, *, operations: Sequence[Mapping[str, Any]]
    ) -> ScimUser:
        """Change an account by operations of RFC 7644 §3.5.2; `active` false locks it out.

        Permission: the key. Errors: AuthenticationFailed for another one; NotFound.
        """
        return await self._sender.send(UPDATE_USER.at(idp_slug, id, json=_patch(operations)))

    async def delete_user(self, idp_slug: str, id: str) -> None:
        """Delete an account; the standard leaves open what becomes of it.

        Permission: the key. Errors: AuthenticationFailed for another one; NotFound.
        """
        await self._sender.send(DELETE_USER.at(idp_slug, id))

    async def _page(self, call: Call[T]) -> Page[T]:
        """Fetch a page; SCIM counts from 1 and has names of its own for everything."""
        start = int(call.query.get("start", 0))
        query = {name: value for name, value in call.query.items() if name != "start"}
        op = Op("GET", call.op.path, ScimList, accept=SCIM)
        listed = await self._sender.send(Call(op, call.path, {**query, "startIndex": start + 1}))
        items = structure_all(listed.Resources, call.op.result, call.label)
        return Page(items, listed.totalResults, start + len(items) < listed.totalResults)


def _patch(operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"schemas": [PATCH_SCHEMA], "Operations": [*operations]}
