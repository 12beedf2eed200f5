"""Members of an organization, their roles, and what their projects use."""

from __future__ import annotations

import pytest

from kobo_async import KoboClient
from kobo_async.models.organization import Organization
from kobo_async.testing import FakeForm

pytestmark = pytest.mark.anyio


@pytest.fixture
async def organization(client: KoboClient) -> Organization:
    (found,) = await client.organizations.list().all()
    return found


async def roles(client: KoboClient, organization: Organization) -> dict[str | None, str | None]:
    members = client.organizations.members(organization.id)
    return {one.user__username: one.role async for one in members if one.user__username}


async def test_somebody_is_invited_joins_is_promoted_and_leaves(
    client: KoboClient, bob: KoboClient, organization: Organization
):
    (invite,) = await client.organizations.invite(organization.id, invitees=["bob"])
    assert invite.status == "pending"
    await bob.organizations.accept_invite(organization.id, invite.guid)
    assert await roles(client, organization) == {"alice": "owner", "bob": "member"}
    await client.organizations.update_member(organization.id, "bob", role="admin")
    assert (await roles(client, organization))["bob"] == "admin"
    await client.organizations.remove_member(organization.id, "bob")
    assert await roles(client, organization) == {"alice": "owner"}


async def test_what_each_project_uses_is_told(
    client: KoboClient, organization: Organization, form: FakeForm
):
    (of_all,) = await client.organizations.asset_usage(organization.id).all()
    (own,) = await client.usage.assets().all()
    assert of_all.asset__name == own.asset__name == form.name
    assert own.submission_count_all_time == len(form.rows)
    total = await client.organizations.service_usage(organization.id)
    assert total.total_submission_count.all_time == len(form.rows)
