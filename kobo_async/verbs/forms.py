"""Forms from the first draft to the archive.

The server has one call for each step, and most of them do something else than asked when the
project is in another state. Here the state is looked at first.
"""

# ruff: noqa: ASYNC109 - patience with a job goes by the clock of the client, and cancels nothing

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import anyio
import attrs

from kobo_async.call import OMIT, Omit
from kobo_async.clock import Clock
from kobo_async.errors import JobFailed, KoboError, MethodNotAllowed, QueryError, ServerError
from kobo_async.models.asset import COSTLY, Asset, CloneType
from kobo_async.models.imports import ImportTask
from kobo_async.pages import Sender
from kobo_async.resources.assets import Assets
from kobo_async.resources.deployments import Deployments
from kobo_async.resources.imports import Imports
from kobo_async.verbs.saving import check_place, write
from kobo_async.verbs.waiting import until

XlsForm: TypeAlias = str | Path | bytes
"""An XLS or XLSX file: its path, or what it holds."""

IMPORT_TIMEOUT: Final = 600.0
FILENAME: Final = "form.xlsx"
CLONES: Final[Mapping[str, frozenset[str]]] = {
    "survey": frozenset({"block", "question", "survey", "template"}),
    "template": frozenset({"survey", "template"}),
    "block": frozenset({"block", "question", "survey", "template"}),
    "question": frozenset({"question", "survey", "template"}),
}
"""What an asset of each type can be cloned into (`api-facts §4.4`)."""


@attrs.frozen
class FormVerbs:
    """Forms of one server: made, imported, deployed, replaced, archived."""

    _sender: Sender
    _clock: Clock

    async def import_xlsform(
        self,
        source: XlsForm,
        *,
        name: str | None = None,
        deploy: bool = False,
        destination: str | None = None,
        timeout: float = IMPORT_TIMEOUT,
    ) -> Asset:
        """Import an XLSForm as a new project and wait until it is there.

        The server names a project by `form_title` in the file and never by the file's name:
        `name` renames it afterwards. `destination`, a uid or URL, makes the import replace the
        whole form of that asset instead. With `deploy` the form is deployed, too, as by `deploy`.

        Permission: any account; `change_asset` on a destination. Errors: JobFailed with what the
        server says is wrong with the file; JobTimeout; BadRequest with what is wrong with the
        form, noting the draft that remains. `observed §10`.
        """
        content, filename = await _read(source)
        imports = Imports(self._sender)
        if destination is None:
            task = await imports.create(content=content, filename=filename)
        else:
            task = await imports.replace(
                destination=destination, content=content, filename=filename
            )
        uid = _made(await self.wait_imported(task.uid, timeout=timeout))
        return await self._completed(uid, name=name, deploy=deploy)

    async def wait_imported(
        self, uid_import: str, *, timeout: float = IMPORT_TIMEOUT
    ) -> ImportTask:
        """Wait until an import is finished, be it success or failure.

        Permission: the caller's own imports. Errors: JobTimeout, NotFound.
        """
        return await until(
            lambda task: task.finished,
            lambda: Imports(self._sender).get(uid_import),
            clock=self._clock,
            timeout=timeout,
            job=uid_import,
            what="import",
        )

    async def create(
        self,
        name: str,
        content: Mapping[str, Any],
        *,
        settings: Mapping[str, Any] | Omit = OMIT,
        deploy: bool = False,
    ) -> Asset:
        """Create a project from the content of a form.

        A `form_title` in the settings of the content would win over `name` and is not sent.

        Permission: any account. Errors: BadRequest with what is wrong with the form, when it is
        deployed; a note names the draft that remains.
        """
        asset = await Assets(self._sender).create(
            asset_type="survey", name=name, content=_untitled(content), settings=settings
        )
        return await self._completed(asset.uid, name=None, deploy=True) if deploy else asset

    async def deploy(self, uid_asset: str) -> Asset:
        """Make sure that the newest version of a project takes submissions.

        Deploys for the first time, deploys again where there are changes, opens an archived
        project, and sends nothing where all of that is so: it can be repeated. New media files
        alone need `redeploy`.

        Permission: `change_asset`. Errors: BadRequest with what is wrong with the form;
        QueryError for anything but a project, which the server would answer with 500.
        `observed §3`.
        """
        asset = await self._project(uid_asset)
        if asset.has_deployment:
            return asset if _is_current(asset) else await self._redeployed(asset)
        try:
            return (await Deployments(self._sender).deploy(uid_asset)).asset
        except MethodNotAllowed:
            return await self.redeploy(uid_asset)

    async def redeploy(self, uid_asset: str) -> Asset:
        """Deploy the present version of a project once more, which publishes new media files.

        An archived project takes submissions again.

        Permission: `change_asset`. Errors: QueryError where it was never deployed; BadRequest
        with what is wrong with the form; ServerError where somebody changed it in between.
        """
        asset = await self._project(uid_asset)
        if not asset.has_deployment:
            raise QueryError(f"{uid_asset} was never deployed: use deploy()")
        return await self._redeployed(asset)

    async def archive(self, uid_asset: str) -> Asset:
        """Stop a project from taking submissions; its data stays readable.

        Permission: `change_asset`. Errors: MethodNotAllowed where it was never deployed.
        """
        return (await Deployments(self._sender).archive(uid_asset)).asset

    async def unarchive(self, uid_asset: str) -> Asset:
        """Let an archived project take submissions again, with the version it had.

        Permission: `change_asset`. Errors: MethodNotAllowed where it was never deployed.
        """
        return (await Deployments(self._sender).unarchive(uid_asset)).asset

    async def wait_deployed(self, uid_asset: str, *, timeout: float = 300.0) -> Asset:
        """Wait until the newest version of a project takes submissions, whoever deploys it.

        Media files may follow a moment later. Permission: `view_asset`. Errors: JobTimeout.
        """
        return await until(
            _is_current,
            lambda: Assets(self._sender).get(uid_asset),
            clock=self._clock,
            timeout=timeout,
            job=uid_asset,
            what="deployment of",
        )

    async def clone(
        self,
        uid_asset: str,
        *,
        name: str | Omit = OMIT,
        asset_type: CloneType | Omit = OMIT,
        version: str | Omit = OMIT,
        deploy: bool = False,
    ) -> Asset:
        """Make a new asset with the form, tags and settings of another one, or of its `version`.

        Media files, permissions and submissions do not come along.

        Permission: `view_asset` on the source. Errors: NotFound; QueryError for types that do not
        become each other, which the server would answer with 500. `api-facts §4.4`.
        """
        assets = Assets(self._sender)
        source = await assets.get(uid_asset, exclude=COSTLY)
        wanted = source.asset_type if isinstance(asset_type, Omit) else asset_type
        if wanted not in CLONES.get(source.asset_type, ()) or (deploy and wanted != "survey"):
            purpose = "deployed " if deploy else ""
            raise QueryError(f"a {source.asset_type} cannot be cloned into a {purpose}{wanted}")
        copy = await assets.clone(
            clone_from=uid_asset, name=name, asset_type=asset_type, clone_from_version_id=version
        )
        return await self._completed(copy.uid, name=None, deploy=True) if deploy else copy

    async def download_xlsx(self, uid_asset: str, path: str | Path) -> Path:
        """Save the form as an XLSX file, which appears whole or not at all.

        It is the present form, deployed or not. Permission: `view_asset`. Errors: NotFound;
        ConfigError for a place where no file can be.
        """
        check_place(path)
        return await write(await Assets(self._sender).download_xls(uid_asset), path)

    async def download_xml(self, uid_asset: str, path: str | Path) -> Path:
        """Save the form as XForm, which appears whole or not at all.

        It is the present form; the deployed one has another id and version. Permission:
        `view_asset`. Errors: NotFound; ServerError for a form that makes no sense.
        """
        check_place(path)
        return await write(await Assets(self._sender).download_xml(uid_asset), path)

    async def replace_content(
        self,
        uid_asset: str,
        source: Mapping[str, Any] | XlsForm,
        *,
        redeploy: bool = False,
        timeout: float = IMPORT_TIMEOUT,
    ) -> Asset:
        """Replace the whole form of an asset, by content or by an XLSForm.

        What is left out is gone from the form, but for older versions. Those who collect data
        notice nothing until it is deployed: `redeploy` does that as `deploy` does, so that it
        opens an archived project.

        Permission: `change_asset`. Errors: see `import_xlsform`; PermissionDenied.
        """
        if not isinstance(source, Mapping):
            return await self.import_xlsform(
                source, destination=uid_asset, deploy=redeploy, timeout=timeout
            )
        asset = await Assets(self._sender).replace_content(uid_asset, content=source)
        return await self._completed(uid_asset, name=None, deploy=True) if redeploy else asset

    async def _completed(self, uid: str, *, name: str | None, deploy: bool) -> Asset:
        """Rename and deploy what was made; a failure must not make it forgotten."""
        try:
            if name is not None:
                await Assets(self._sender).update(uid, name=name)
            return await (self.deploy(uid) if deploy else Assets(self._sender).get(uid))
        except KoboError as error:
            error.add_note(f"The form itself is saved: {uid}.")
            raise

    async def _project(self, uid_asset: str) -> Asset:
        asset = await Assets(self._sender).get(uid_asset)
        if asset.asset_type != "survey":
            raise QueryError(f"{uid_asset} is a {asset.asset_type}: only projects are deployed")
        return asset

    async def _redeployed(self, asset: Asset) -> Asset:
        try:
            deployment = await Deployments(self._sender).redeploy(
                asset.uid, version_id=asset.version_id
            )
        except ServerError as error:
            error.add_note("Somebody may have changed the form at the same time: look and repeat.")
            raise
        return deployment.asset


def _is_current(asset: Asset) -> bool:
    return asset.deployment__active and asset.version_id == asset.deployed_version_id


async def _read(source: XlsForm) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, FILENAME
    return await anyio.Path(source).read_bytes(), Path(source).name


def _made(task: ImportTask) -> str:
    """Return the uid of the asset that an import made or changed."""
    if task.asset_uids and task.status == "complete":
        return task.asset_uids[0]
    said = task.messages.error or f"it ended as {task.status!r} and made nothing"
    raise JobFailed(f"import {task.uid}: {said}", task.messages.error_type or "")


def _untitled(content: Mapping[str, Any]) -> dict[str, Any]:
    settings = content.get("settings")
    if not isinstance(settings, Mapping) or "form_title" not in settings:
        return dict(content)
    kept = {name: value for name, value in settings.items() if name != "form_title"}
    return {**content, "settings": kept}
