"""Collections, and the questions, blocks and templates in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Omit
from kobo_async.errors import QueryError
from kobo_async.models.asset import Asset
from kobo_async.pages import Pages
from kobo_async.q import children_of, field
from kobo_async.resources.assets import Assets
from kobo_async.resources.library import Library

ItemType: TypeAlias = Literal["question", "block", "template"]


@attrs.frozen
class LibraryVerbs(Library):
    """The library: collections, what they hold, and public ones that the caller follows."""

    def collections(self) -> Pages[Asset]:
        """List the collections that the caller can see, followed ones included.

        Permission: what is shared with the caller.
        """
        return Assets(self._sender).list(q=field("asset_type") == "collection")

    def children(self, uid_collection: str) -> Pages[Asset]:
        """List what lies in a collection, without `content`, which only `assets.get` has.

        Permission: `view_asset`. An unknown collection has no children.
        """
        return Assets(self._sender).list(q=children_of(uid_collection))

    async def create_collection(
        self, name: str, *, settings: Mapping[str, Any] | Omit = OMIT
    ) -> Asset:
        """Create an empty collection.

        Those with whom it is shared see and change what lies in it. Permission: any account.
        """
        assets = Assets(self._sender)
        return await assets.create(asset_type="collection", name=name, settings=settings)

    async def create_item(
        self,
        name: str,
        content: Mapping[str, Any],
        *,
        asset_type: ItemType = "block",
        collection: str | Omit = OMIT,
    ) -> Asset:
        """Create a question, a block of questions or a template, in a collection or beside them.

        Permission: any account; `change_asset` on the collection. Errors: BadRequest.
        """
        return await Assets(self._sender).create(
            asset_type=asset_type, name=name, content=content, parent=collection
        )

    async def put(self, uid_asset: str, *, collection: str) -> Asset:
        """Put an item into a collection, out of the one it is in.

        Whoever may see or change the collection may from then on see or change the item.

        Permission: `change_asset` on both. Errors: QueryError where `collection` is none.
        """
        assets = Assets(self._sender)
        found = await assets.get(collection, exclude=["content", "permissions"])
        if found.asset_type != "collection":
            raise QueryError(f"{collection} is a {found.asset_type}, not a collection")
        return await assets.update(uid_asset, parent=collection)

    async def take_out(self, uid_asset: str) -> Asset:
        """Take an item out of its collection; what was shared through that is shared no longer.

        Permission: `change_asset`.
        """
        return await Assets(self._sender).update(uid_asset, parent=None)
