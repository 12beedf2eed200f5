"""References between objects: the server names objects by URL."""

from __future__ import annotations

from urllib.parse import quote

from kobo_async.errors import QueryError


def asset_link(asset: str) -> str:
    """Return what the server takes for a reference to an asset.

    `asset` is a uid, or a URL as replies hold it, which is sent as it stands.
    """
    if not asset:
        raise QueryError("an asset is named by its uid or its URL, not by an empty text")
    return asset if "/" in asset else f"/api/v2/assets/{quote(asset, safe='')}/"


def uid_of(url: str) -> str:
    """Return the uid at the end of a URL, for objects that tell no `uid` of their own."""
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]
