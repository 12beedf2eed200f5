"""The media files of a form, kept equal to a folder."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import attrs

from kobo_async.errors import ConfigError, KoboError, QueryError
from kobo_async.models.asset import COSTLY, Asset
from kobo_async.models.file import AssetFile
from kobo_async.resources.assets import Assets
from kobo_async.resources.deployments import Deployments
from kobo_async.resources.files import Files

MEDIA: Final = frozenset({".csv", ".xml", ".zip", ".geojson"})
"""Endings of form media besides those of images, audio and video (`api-facts §4.9`)."""
KINDS: Final = ("image/", "audio/", "video/")


@attrs.frozen(kw_only=True)
class SyncReport:
    """What a folder and the media files of a form have in common, and what was done about it.

    Attributes:
        added: names of files that the form did not have.
        changed: names of files whose content differed.
        unchanged: names of files that were equal already.
        removed: names of files that were deleted, being asked to.
        left: names of files that only the form has, links to other servers included.
        redeployed: whether data collectors get the changes; if not, deploy the form.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    redeployed: bool = False

    @property
    def differs(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        counts = attrs.asdict(self, filter=lambda field, _: field.name != "redeployed")
        said = ", ".join(f"{len(names)} {what}" for what, names in counts.items())
        return f"{said}; {'redeployed' if self.redeployed else 'not redeployed'}"


@attrs.frozen
class FileVerbs(Files):
    """Files of the forms of one server: one by one, or a folder at once.

    A file is uploaded in one of three ways: `upload` takes bytes, `upload_base64` text, `link`
    an address that devices fetch it from.
    """

    async def compare(
        self, uid_asset: str, folder: str | Path, *, delete: bool = False
    ) -> SyncReport:
        """Tell what `sync` would do, and do nothing. Permission: `view_asset`."""
        local = await anyio.to_thread.run_sync(_hashes, Path(folder))
        return _compared(local, await self._remote(uid_asset), delete=delete)

    async def sync(
        self, uid_asset: str, folder: str | Path, *, redeploy: bool = True, delete: bool = False
    ) -> SyncReport:
        """Upload what is new or different in a folder, and deploy the form again once.

        Files are compared by the checksum of their content. Hidden files and folders inside are
        left out. The server replaces nothing: a changed file is deleted and uploaded, also where
        a link to another server has its name. What only the form has stays, unless `delete` says
        otherwise; links stay in any case. Only an active project is deployed again. It can be
        repeated: what was done before is found unchanged.

        Permission: `change_asset`. Errors: QueryError, before anything is sent, for files that no
        form can use, for `delete` with an empty folder, and where deploying would publish changes
        of the form as well; BadRequest for an ending that the server does not know.
        """
        planned = await self.compare(uid_asset, folder, delete=delete)
        if not planned.differs:
            return planned
        publishes = redeploy and _is_active(await self._asset(uid_asset))
        try:
            await self._carry_out(uid_asset, Path(folder), planned)
        except KoboError as error:
            error.add_note("Files before this one were synchronised: it can be repeated.")
            raise
        return await self._published(uid_asset, planned) if publishes else planned

    async def _carry_out(self, uid_asset: str, folder: Path, planned: SyncReport) -> None:
        remote = await self._remote(uid_asset)
        for name in remote.keys() & set(planned.removed):
            await self.delete(uid_asset, remote[name].uid)
        for name in (*planned.changed, *planned.added):
            content = await anyio.Path(folder / name).read_bytes()
            if name in remote:
                await self.delete(uid_asset, remote[name].uid)
            await self.upload(uid_asset, filename=name, content=content)

    async def _remote(self, uid_asset: str) -> dict[str, AssetFile]:
        files = self.list(uid_asset, file_type="form_media")
        return {file.metadata.filename: file async for file in files}

    async def _asset(self, uid_asset: str) -> Asset:
        return await Assets(self._sender).get(uid_asset, exclude=COSTLY)

    async def _published(self, uid_asset: str, report: SyncReport) -> SyncReport:
        asset = await self._asset(uid_asset)
        if not _is_active(asset):
            return report
        await Deployments(self._sender).redeploy(uid_asset, version_id=asset.version_id)
        return attrs.evolve(report, redeployed=True)


def _is_active(asset: Asset) -> bool:
    """Tell whether deploying again changes nothing but the files.

    Raises:
        QueryError: when it would publish changes of the form.
    """
    if not asset.deployment__active:
        return False
    if asset.version_id != asset.deployed_version_id:
        raise QueryError(
            f"{asset.uid} has changes that are not deployed, and would be: deploy them first, "
            "or use redeploy=False"
        )
    return True


def _hashes(folder: Path) -> dict[str, str]:
    """Return the checksums of the files in a folder, spelled as the server does."""
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}")
    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "."]
    if useless := [path.name for path in paths if not _is_media(path.name)]:
        raise QueryError(f"no media of a form: {', '.join(useless)}")
    return {path.name: _hash(path) for path in paths}


def _is_media(name: str) -> bool:
    """Tell whether a form can use a file; of unknown endings the server decides."""
    suffix = Path(name).suffix.lower()
    kind = mimetypes.guess_type(name)[0]
    return bool(suffix) and (suffix in MEDIA or kind is None or kind.startswith(KINDS))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return f"md5:{hashlib.file_digest(file, 'md5').hexdigest()}"


def _compared(
    local: Mapping[str, str], remote: Mapping[str, AssetFile], *, delete: bool
) -> SyncReport:
    if delete and not local:
        raise QueryError("the folder is empty: delete=True would delete all files of the form")
    both = [name for name in local if name in remote]
    only = [name for name in remote if name not in local]
    removed = [name for name in only if delete and not remote[name].is_remote]
    return SyncReport(
        added=tuple(name for name in local if name not in remote),
        changed=tuple(name for name in both if remote[name].metadata.hash != local[name]),
        unchanged=tuple(name for name in both if remote[name].metadata.hash == local[name]),
        removed=tuple(removed),
        left=tuple(name for name in only if name not in removed),
    )
