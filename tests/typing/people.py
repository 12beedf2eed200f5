"""User code around people: permissions, organizations, accounts. mypy reads it; nobody runs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, assert_type

from kobo_async import (
    Asset,
    Assignment,
    Codename,
    Grant,
    HistoryEntry,
    Hook,
    HookLog,
    KoboClient,
    OwnershipInvite,
    Pages,
    Plan,
    Redelivery,
)
from kobo_async.models.account import EmailAddress, Me, SocialAccount
from kobo_async.models.asset import MinimalAsset, StatusCounts
from kobo_async.models.billing import AddOn, Link, PlanChange, Product, Subscription
from kobo_async.models.hook import HookRetry, LogRetry
from kobo_async.models.log import AccessEntry, AuditEntry, ExportStarted, LogExport
from kobo_async.models.organization import Member, Organization, OrganizationInvite
from kobo_async.models.ownership import TransferStatus
from kobo_async.models.permission import PermissionType
from kobo_async.models.project_view import ProjectView, ProjectViewAsset, ProjectViewExport
from kobo_async.models.scim import ScimGroup, ScimUser
from kobo_async.models.terms import Terms
from kobo_async.models.usage import AssetUsage, ServiceUsage
from kobo_async.models.user import User, UserEntry, UserReport
from kobo_async.verbs.permission_plan import Held, State
from kobo_async.verbs.permissions import Public
from kobo_async.where import submitted_by

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


async def sharing(client: KoboClient, uid: str) -> None:
    rights: Sequence[Codename] = ["view_submissions", "add_submissions"]
    given = await client.permissions.grant(uid, "bob", *rights)
    assert_type(given, Sequence[Assignment])
    some = await client.permissions.grant_rows(
        uid, "bob", {"view_submissions": [submitted_by("carol"), {"a": "1"}]}
    )
    assert_type(some, Sequence[Assignment])
    assert_type(await client.permissions.revoke(uid, "bob", "view_submissions"), None)
    assert_type(await client.permissions.remove_user(uid, username="bob"), None)
    public = await client.permissions.make_public(uid, form=True, data=None, submissions=True)
    assert_type(public, Public)
    await client.permissions.grant(uid, "bob", "read")  # type: ignore[arg-type]


async def planned(client: KoboClient, uid: str) -> None:
    plan = await client.permissions.plan(uid, {"bob": ["view_submissions"], "eve": []})
    assert_type(plan, Plan)
    assert_type(plan.grants, tuple[Grant, ...])
    assert_type(plan.changes, int)
    assert_type(await client.permissions.apply(plan), State)
    assert_type(await client.permissions.state(uid), State)
    rows: Held = {"partial_submissions": {"view_submissions": [{"a": "1"}]}}
    assert_type(await client.permissions.plan(uid, {"bob": rows}, remove_others=True), Plan)
    await client.permissions.plan(uid, {"bob": ["read"]})  # type: ignore[list-item]


async def assignments(client: KoboClient, uid: str) -> None:
    one = await client.permissions.assign(uid, user="bob", permission="view_asset")
    assert_type(one, Assignment)
    assert_type(client.permissions.list_assignments(uid), Pages[Assignment])
    assert_type(await client.permissions.get_assignment(uid, one.uid), Assignment)
    grants = [Grant("bob", "view_asset"), Grant("eve", "change_asset")]
    replaced = await client.permissions.replace_all(uid, grants=grants, expected=1)
    assert_type(replaced, Sequence[Assignment])
    copied = await client.permissions.copy_from(uid, source="aOther", expected=0)
    assert_type(copied, Sequence[Assignment])
    assert_type(client.permissions.catalog(), Pages[PermissionType])
    assert_type(await client.permissions.get_permission("view_asset"), PermissionType)
    await client.permissions.replace_all(uid, grants=grants)  # type: ignore[call-arg]


async def hooks(client: KoboClient, uid: str) -> None:
    hook = await client.hooks.create(
        uid, name="n", endpoint="https://x.test/", username="u", password="p", subset_fields=["a"]
    )
    assert_type(hook, Hook)
    assert_type(await client.hooks.update(uid, hook.uid, active=False), Hook)
    assert_type(await client.hooks.get(uid, hook.uid), Hook)
    assert_type(client.hooks.list(uid), Pages[Hook])
    assert_type(client.hooks.logs(uid, hook.uid, status="failed", since=SINCE), Pages[HookLog])
    assert_type(client.hooks.failed_logs(uid, hook.uid), Pages[HookLog])
    assert_type(await client.hooks.get_log(uid, hook.uid, "hlUid"), HookLog)
    assert_type(await client.hooks.retry_log(uid, hook.uid, "hlUid"), LogRetry)
    assert_type(await client.hooks.retry_all(uid, hook.uid), HookRetry)
    assert_type(await client.hooks.retry_one(uid, hook.uid, "hlUid", timeout=60), HookLog)
    again = await client.hooks.retry_and_wait(uid, hook.uid)
    assert_type(again, Redelivery)
    assert_type(again.failed, tuple[str, ...])
    assert_type(await client.hooks.delete(uid, hook.uid), None)
    client.hooks.logs(uid, hook.uid, status="lost")  # type: ignore[arg-type]


async def ownership(client: KoboClient, uid: str) -> None:
    invite = await client.ownership.transfer(recipient="bob", assets=[uid])
    assert_type(invite, OwnershipInvite)
    moved = await client.ownership.transfer_and_wait(recipient="bob", assets=[uid], timeout=60)
    assert_type(moved, OwnershipInvite)
    assert_type(await client.ownership.accept_and_wait(invite.uid), OwnershipInvite)
    assert_type(await client.ownership.wait(invite.uid), OwnershipInvite)
    assert_type(await client.ownership.respond(invite.uid, status="declined"), OwnershipInvite)
    assert_type(client.ownership.invites(mode="recipient"), Pages[OwnershipInvite])
    assert_type(await client.ownership.get_invite(invite.uid), OwnershipInvite)
    assert_type(await client.ownership.transfer_status(invite.uid, "potUid"), TransferStatus)
    assert_type(await client.ownership.delete_invite(invite.uid), None)
    await client.ownership.respond(invite.uid, status="maybe")  # type: ignore[arg-type]


async def organizations(client: KoboClient, org: str) -> None:
    assert_type(client.organizations.list(), Pages[Organization])
    assert_type(await client.organizations.get(org), Organization)
    assert_type(await client.organizations.update(org, name="Wells"), Organization)
    assert_type(client.organizations.members(org, ordering="role"), Pages[Member])
    assert_type(await client.organizations.get_member(org, "bob"), Member)
    assert_type(await client.organizations.update_member(org, "bob", role="admin"), Member)
    assert_type(await client.organizations.remove_member(org, "bob"), None)
    assert_type(client.organizations.assets(org, exclude=["content"]), Pages[Asset])
    assert_type(client.organizations.asset_minimal_list(org), Pages[MinimalAsset])
    assert_type(await client.organizations.asset_counts(org), StatusCounts)
    assert_type(client.organizations.asset_usage(org, ordering="name"), Pages[AssetUsage])
    assert_type(await client.organizations.service_usage(org), ServiceUsage)
    await client.organizations.update_member(org, "bob", role="owner")  # type: ignore[arg-type]


async def invites(client: KoboClient, org: str) -> None:
    sent = await client.organizations.invite(org, invitees=["bob", "eve@x.test"], role="admin")
    assert_type(sent, Sequence[OrganizationInvite])
    assert_type(client.organizations.invites(org), Pages[OrganizationInvite])
    assert_type(await client.organizations.get_invite(org, "guid"), OrganizationInvite)
    changed = await client.organizations.update_invite(org, "guid", role="member")
    assert_type(changed, OrganizationInvite)
    assert_type(await client.organizations.resend_invite(org, "guid"), OrganizationInvite)
    assert_type(await client.organizations.accept_invite(org, "guid"), OrganizationInvite)
    assert_type(await client.organizations.decline_invite(org, "guid"), OrganizationInvite)
    assert_type(await client.organizations.cancel_invite(org, "guid"), OrganizationInvite)
    assert_type(await client.organizations.delete_invite(org, "guid"), None)


async def project_views(client: KoboClient, view: str) -> None:
    assert_type(client.project_views.list(), Pages[ProjectView])
    assert_type(await client.project_views.get(view), ProjectView)
    assert_type(client.project_views.assets(view, ordering="-name"), Pages[ProjectViewAsset])
    assert_type(client.project_views.asset_minimal_list(view), Pages[MinimalAsset])
    assert_type(await client.project_views.asset_counts(view), StatusCounts)
    assert_type(client.project_views.users(view), Pages[UserEntry])
    assert_type(await client.project_views.export(view, "users"), ExportStarted)
    assert_type(await client.project_views.export_status(view, "assets"), ProjectViewExport)
    await client.project_views.export(view, "rows")  # type: ignore[arg-type]


async def history(client: KoboClient, uid: str) -> None:
    changes = client.history.changes(uid, since=SINCE)
    assert_type(changes, Pages[HistoryEntry])
    async for entry in changes:
        assert_type(entry.root_uuid, str | None)
    assert_type(client.history.list(uid, actions=["redeploy"], q="bob"), Pages[HistoryEntry])
    assert_type(await client.history.actions(uid), Sequence[str])
    assert_type(await client.history.export(uid), ExportStarted)
    client.history.changes(uid, since="yesterday")  # type: ignore[arg-type]


async def logs(client: KoboClient) -> None:
    assert_type(client.logs.access_me(), Pages[AccessEntry])
    assert_type(await client.logs.access_me_export(), ExportStarted)
    assert_type(client.logs.access_me_exports(), Pages[LogExport])
    assert_type(client.logs.access_all(q="bob"), Pages[AccessEntry])
    assert_type(await client.logs.access_all_export(), ExportStarted)
    assert_type(client.logs.access_all_exports(), Pages[LogExport])
    assert_type(client.logs.audit(), Pages[AuditEntry])
    assert_type(client.logs.project_history_all(), Pages[HistoryEntry])
    assert_type(await client.logs.project_history_all_export(), ExportStarted)
    assert_type(await client.logs.project_history_all_export_by_get(), ExportStarted)


async def account(client: KoboClient) -> None:
    assert_type(await client.me.update(first_name="Amina", extra_details={"sector": "x"}), Me)
    assert_type(await client.me.change_password(current_password="a", new_password="b"), Me)
    assert_type(await client.me.add_email(email="a@x.test"), EmailAddress)
    assert_type(client.me.emails(), Pages[EmailAddress])
    assert_type(client.me.social_accounts(), Pages[SocialAccount])
    assert_type(await client.me.get_social_account("google", "1"), SocialAccount)
    assert_type(await client.me.delete_social_account("google", "1"), None)
    assert_type(await client.me.delete(account_uid="uUid"), None)
    assert_type(await client.token.create(), str)


async def users(client: KoboClient) -> None:
    assert_type(await client.users.get("bob"), User)
    assert_type(client.users.list(q="bob"), Pages[UserEntry])
    assert_type(client.users.reports(ordering="username"), Pages[UserReport])
    assert_type(client.terms.list(), Pages[Terms])
    assert_type(await client.terms.get("terms"), Terms)


async def usage_and_billing(client: KoboClient, org: str) -> None:
    assert_type(client.usage.assets(), Pages[AssetUsage])
    assert_type(await client.usage.service(), ServiceUsage)
    assert_type(client.billing.products(), Pages[Product])
    assert_type(client.billing.subscriptions(), Pages[Subscription])
    assert_type(await client.billing.get_subscription("sub"), Subscription)
    assert_type(client.billing.addons(), Pages[AddOn])
    assert_type(await client.billing.get_addon("add"), AddOn)
    changed = await client.billing.change_plan(price_id="price", subscription_id="sub", quantity=2)
    assert_type(changed, PlanChange)
    assert_type(await client.billing.checkout_link(price_id="price"), Link)
    assert_type(await client.billing.portal(organization_id=org), Link)


async def identity_provider() -> None:
    async with KoboClient("eu", anonymous=True, scim_key="a-key") as client:
        assert_type(client.scim.users("idp", filter='userName eq "bob"'), Pages[ScimUser])
        assert_type(await client.scim.get_user("idp", "1"), ScimUser)
        assert_type(await client.scim.create_user("idp", user={"userName": "bob"}), ScimUser)
        assert_type(await client.scim.replace_user("idp", "1", user={}), ScimUser)
        assert_type(await client.scim.update_user("idp", "1", operations=[{}]), ScimUser)
        assert_type(await client.scim.delete_user("idp", "1"), None)
        assert_type(client.scim.groups("idp"), Pages[ScimGroup])
        assert_type(await client.scim.get_group("idp", "1"), ScimGroup)
        assert_type(await client.scim.create_group("idp", group={}), ScimGroup)
        assert_type(await client.scim.replace_group("idp", "1", group={}), ScimGroup)
        assert_type(await client.scim.update_group("idp", "1", operations=[{}]), ScimGroup)
        assert_type(await client.scim.delete_group("idp", "1"), None)
        assert_type(await client.scim.schemas("idp"), dict[str, Any])
        assert_type(await client.scim.resource_types("idp"), dict[str, Any])
        assert_type(await client.scim.service_provider_config("idp"), dict[str, Any])
