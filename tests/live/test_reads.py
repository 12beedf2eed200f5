"""Everything that can be read of an account and a project is understood."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from kobo_async import KoboClient, NotFound, PermissionDenied, ServerError
from kobo_async.pages import Pages
from tests.live.workshop import Target

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]

OF_ACCOUNT: Mapping[str, Callable[[KoboClient], Pages[Any] | Awaitable[Any]]] = {
    "short list": lambda client: client.assets.minimal_list(page_size=10),
    "states": lambda client: client.assets.status_counts(),
    "checksum": lambda client: client.assets.hash(),
    "own requests": lambda client: client.logs.access_me(page_size=10),
    "catalog of permissions": lambda client: client.permissions.catalog(),
    "organizations": lambda client: client.organizations.list(),
    "offers": lambda client: client.ownership.invites(),
    "project views": lambda client: client.project_views.list(),
    "languages": lambda client: client.languages.list(page_size=10),
    "transcription": lambda client: client.languages.transcription_services(),
    "translation": lambda client: client.languages.translation_services(),
    "subscriptions": lambda client: client.library.subscriptions(),
    "tags": lambda client: client.tags.list(),
    "terms": lambda client: client.terms.list(),
    "use of everything": lambda client: client.usage.service(),
    "use by project": lambda client: client.usage.assets(page_size=2),
}
OF_PROJECT: Mapping[str, Callable[[KoboClient, str], Pages[Any] | Awaitable[Any]]] = {
    "content": lambda client, uid: client.assets.content(uid),
    "counts": lambda client, uid: client.assets.submission_counts(uid, days=7),
    "spreadsheet": lambda client, uid: client.assets.download_xls(uid),
    "form": lambda client, uid: client.assets.download_xml(uid),
    "deployment": lambda client, uid: client.deployments.get(uid),
    "versions": lambda client, uid: client.versions.list(uid, page_size=2),
    "files": lambda client, uid: client.files.list(uid),
    "exports": lambda client, uid: client.exports.list(uid),
    "export settings": lambda client, uid: client.export_settings.list(uid),
    "assignments": lambda client, uid: client.permissions.list_assignments(uid),
    "services": lambda client, uid: client.hooks.list(uid),
    "paired data": lambda client, uid: client.paired_data.list(uid),
    "history": lambda client, uid: client.history.list(uid, page_size=2),
    "actions": lambda client, uid: client.history.actions(uid),
    "features": lambda client, uid: client.advanced_features.list(uid),
    "bulk actions": lambda client, uid: client.bulk_actions.list(uid),
    "form list": lambda client, uid: client.openrosa.form_list(form_id=uid),
}


async def understood(asked: Pages[Any] | Awaitable[Any], target: Target) -> None:
    """Read what was asked for; what not every server has, or lets everybody see, may be absent.

    A server may also fail by itself, at a form that makes no sense say: nothing was asked wrongly.
    """
    try:
        await (asked.first() if isinstance(asked, Pages) else asked)
    except (NotFound, PermissionDenied, ServerError) as error:
        if target.fake:
            raise
        pytest.skip(f"not on this server, or not for this account: {error}")


@pytest.mark.parametrize("what", OF_ACCOUNT)
async def test_what_belongs_to_an_account_is_understood(
    client: KoboClient, target: Target, what: str
):
    await understood(OF_ACCOUNT[what](client), target)


@pytest.mark.parametrize("what", OF_PROJECT)
async def test_what_belongs_to_a_project_is_understood(
    client: KoboClient, target: Target, project: str, what: str
):
    await understood(OF_PROJECT[what](client, project), target)


async def test_an_organization_is_understood(client: KoboClient, target: Target):
    await understood(client.organizations.list(), target)
    own = await client.organizations.list().first()
    if own is None:
        pytest.skip("the account is in no organization")
    await understood(client.organizations.get(own.id), target)
    await understood(client.organizations.members(own.id), target)
    await understood(client.organizations.service_usage(own.id), target)


async def test_the_deployed_form_names_the_project(client: KoboClient, project: str):
    listed = await client.openrosa.form_list(form_id=project)
    if not listed:
        pytest.skip("the account may not submit to the project")
    (form,) = listed
    assert form.formID == project
    assert form.number is not None
    assert project.encode() in await client.openrosa.form_xml(form.number)
    assert all(medium.filename for medium in await client.openrosa.manifest(form.number))


async def test_a_version_tells_its_content(client: KoboClient, project: str):
    newest = await client.versions.list(project).first()
    assert newest is not None
    assert (await client.versions.get(project, newest.uid)).content
