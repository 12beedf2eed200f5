"""The contents of the versions of a form that data was collected with.

The content of an asset is that of its newest version, which may be a draft that nobody has
answered yet (`deployed_version_id` differs from `version_id`). What counts is what was deployed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from kobo_async.bulk.window import open_window
from kobo_async.models.asset import Asset
from kobo_async.models.version import Version
from kobo_async.pages import Sender
from kobo_async.resources.versions import Versions

Content: TypeAlias = Mapping[str, Any]
AT_ONCE: Final = 8


async def deployed_contents(
    sender: Sender, asset: Asset, *, all_versions: bool
) -> Sequence[Content]:
    """Return the contents of the deployed versions, the newest first.

    Versions with the same content are fetched once. A form that was never deployed has the
    content of its draft.
    """
    if all_versions:
        versions = await Versions(sender).list(asset.uid, deployed=True).all()
        uids = list(_distinct(versions, asset.version_id))
    else:
        uids = [asset.deployed_version_id] if asset.deployed_version_id else []
    known: dict[str | None, Content] = {asset.version_id: asset.content or {}}
    if missing := [uid for uid in uids if uid not in known]:
        known.update(await _fetch(Versions(sender), asset.uid, missing))
    return [known[uid] for uid in uids] or [asset.content or {}]


def _distinct(versions: Iterable[Version], at_hand: str | None) -> Iterator[str]:
    """Yield the uids of versions that differ, and of the same ones that which is at hand."""
    chosen: dict[str, str] = {}
    for version in versions:
        first = chosen.setdefault(version.content_hash, version.uid)
        chosen[version.content_hash] = version.uid if version.uid == at_hand else first
    yield from chosen.values()


async def _fetch(versions: Versions, uid_asset: str, uids: Iterable[str]) -> dict[str, Content]:
    async def content(uid: str) -> Content:
        return (await versions.get(uid_asset, uid)).content or {}

    found: dict[str, Content] = {}
    async with open_window(AT_ONCE) as window:
        ahead = window.ahead(content, iter(uids))
        while taken := ahead.take():
            uid, slot = taken
            found[uid] = await slot.result()
    return found
