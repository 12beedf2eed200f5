"""Deployments: what makes a form collect data (`/api/v2/assets/{uid}/deployment/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op
from kobo_async.errors import QueryError
from kobo_async.models.deployment import Deployment
from kobo_async.pages import Sender

GET = Op("GET", "/api/v2/assets/{uid_asset}/deployment/", Deployment)
DEPLOY = Op("POST", GET.path, Deployment, repeatable=False)
REDEPLOY = Op("PATCH", GET.path, Deployment, repeatable=True)


@attrs.frozen
class Deployments:
    """Deployments of the projects of one server: one per project, for its whole life."""

    _sender: Sender

    async def get(self, uid_asset: str) -> Deployment:
        """Fetch the deployment of a project.

        Permission: `view_asset`. Errors: NotFound where the project was never deployed.
        """
        return await self._sender.send(GET.at(uid_asset))

    async def deploy(self, uid_asset: str) -> Deployment:
        """Deploy a project for the first time, ready for submissions.

        Media files reach data collectors a moment later. Only projects (`asset_type` survey) can
        be deployed: a collection or library item is answered with 500.

        Permission: `change_asset`. Errors: BadRequest with what is wrong with the form;
        MethodNotAllowed where it is deployed already: `redeploy`. `observed §3`.
        """
        return await self._sender.send(DEPLOY.at(uid_asset, json={"active": True}))

    async def redeploy(self, uid_asset: str, *, version_id: str | None) -> Deployment:
        """Deploy the newest version of a deployed project; an archived one becomes active.

        `version_id` is that of the asset as just fetched. Without it the server would deploy
        nothing and say that all went well; any other version is answered with 500, so that a form
        somebody changed in between does not go out unseen. Deploying the same version again
        publishes new media files.

        Permission: `change_asset`. Errors: QueryError without `version_id`; BadRequest with what
        is wrong with the form; MethodNotAllowed where it was never deployed. `observed §3`.
        """
        if not version_id:
            raise QueryError("redeploy takes the version_id of the asset: fetch it just before")
        body = {"active": True, "version_id": version_id}
        return await self._sender.send(REDEPLOY.at(uid_asset, json=body))

    async def archive(self, uid_asset: str) -> Deployment:
        """Stop a project from taking submissions. Its data stays readable.

        Permission: `change_asset`. Errors: MethodNotAllowed where it was never deployed.
        """
        return await self._sender.send(REDEPLOY.at(uid_asset, json={"active": False}))

    async def unarchive(self, uid_asset: str) -> Deployment:
        """Let an archived project take submissions again, with the version it had.

        Permission: `change_asset`. Errors: MethodNotAllowed where it was never deployed.
        """
        return await self._sender.send(REDEPLOY.at(uid_asset, json={"active": True}))
