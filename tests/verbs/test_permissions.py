"""Sharing without losing anybody, on a server that knows what implies and excludes what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from kobo_async import KoboClient
from kobo_async.errors import BadRequest, NotFound, PlanOutdated, QueryError
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.permissions import PermissionVerbs, Public
from kobo_async.where import field, submitted_by

pytestmark = pytest.mark.anyio

ANYONE = "AnonymousUser"
ROWS = {"view_submissions": [{"_submitted_by": "carol"}]}


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    for name in ("bob", "carol", "dan"):
        fake.add_user(name)
    return fake.add_form("Household survey", rows=3)


@pytest.fixture
def permissions(client: KoboClient) -> PermissionVerbs:
    return PermissionVerbs(client._sender)


@pytest.fixture
async def as_bob(
    fake: FakeKobo, form: FakeForm, clock: FakeClock
) -> AsyncIterator[PermissionVerbs]:
    token = fake.users["bob"].token
    assert form.owner != "bob"
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as client:
        yield PermissionVerbs(client._sender)


@pytest.fixture
def held(form: FakeForm) -> Callable[[str], set[str]]:
    return lambda user: form.grants.everyone().get(user, set())


Held = Callable[[str], set[str]]


def writes(fake: FakeKobo) -> list[str]:
    return [one.method for one in fake.requests if one.method != "GET"]


async def test_granting_gives_what_is_implied_and_leaves_others_alone(
    permissions: PermissionVerbs, form: FakeForm, held: Held
):
    form.share("carol", "view_asset")
    given = await permissions.grant(form.uid, "bob", "change_submissions", "view_submissions")
    assert [one.codename for one in given] == ["change_submissions"]
    assert held("bob") == {
        "view_asset",
        "view_submissions",
        "add_submissions",
        "change_submissions",
    }
    assert held("carol") == {"view_asset"}


async def test_what_is_held_already_is_not_granted_again(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    form.share("bob", "view_submissions")
    assert await permissions.grant(form.uid, "bob", "view_submissions") == []
    assert writes(fake) == []


async def test_granting_never_widens_rights_on_some_rows(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    form.grants.give("bob", "partial_submissions", ROWS)
    with pytest.raises(QueryError, match="excludes view_submissions"):
        await permissions.grant(form.uid, "bob", "view_submissions")
    assert writes(fake) == []


async def test_nothing_to_grant_is_a_mistake(permissions: PermissionVerbs, form: FakeForm):
    with pytest.raises(QueryError, match="name the permissions"):
        await permissions.grant(form.uid, "bob")


async def test_an_unknown_user_is_refused_by_the_server(
    permissions: PermissionVerbs, form: FakeForm
):
    with pytest.raises(BadRequest) as caught:
        await permissions.grant(form.uid, "nobody", "view_asset")
    assert "plan again" in caught.value.__notes__[0]


async def test_rights_on_rows_are_given_by_conditions(permissions: PermissionVerbs, form: FakeForm):
    conditions = [submitted_by("carol"), {"general/region": "north"}]
    await permissions.grant_rows(form.uid, "bob", {"view_submissions": conditions})
    state = await permissions.state(form.uid)
    assert state.of("bob")["partial_submissions"] == {
        "view_submissions": [
            {"_submitted_by": {"$in": ["carol"]}},
            {"general/region": "north"},
        ]
    }
    again = await permissions.grant_rows(form.uid, "bob", {"view_submissions": conditions})
    assert again == []


async def test_rights_on_rows_are_not_replaced_in_passing(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    form.grants.give("bob", "partial_submissions", ROWS)
    form.grants.give("carol", "validate_submissions")
    with pytest.raises(QueryError, match="plan\\(\\) can replace"):
        await permissions.grant_rows(form.uid, "bob", {"view_submissions": [field("a") == "1"]})
    with pytest.raises(QueryError, match="excludes"):
        await permissions.grant_rows(form.uid, "carol", {"view_submissions": [field("a") == "1"]})
    assert writes(fake) == []


async def test_a_condition_that_lets_everything_through_is_refused(
    permissions: PermissionVerbs, form: FakeForm
):
    with pytest.raises(QueryError):
        await permissions.grant_rows(form.uid, "bob", {"view_submissions": [None]})


async def test_revoking_takes_what_is_named(
    permissions: PermissionVerbs, form: FakeForm, held: Held
):
    form.share("bob", "change_submissions")
    await permissions.revoke(form.uid, "bob", "change_submissions", "add_submissions")
    assert held("bob") == {"view_asset", "view_submissions"}


async def test_revoking_never_takes_what_is_not_named(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    form.share("bob", "change_submissions")
    with pytest.raises(QueryError, match=r"needs view_submissions: .*change_submissions"):
        await permissions.revoke(form.uid, "bob", "view_submissions")
    assert writes(fake) == []


async def test_revoking_what_is_not_held_does_nothing(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    await permissions.revoke(form.uid, "bob", "view_submissions")
    assert writes(fake) == []


async def test_an_assignment_is_revoked_by_its_uid(
    permissions: PermissionVerbs, form: FakeForm, held: Held
):
    form.share("bob", "view_submissions")
    state = await permissions.state(form.uid)
    await permissions.revoke(form.uid, state.uids["bob", "view_submissions"])
    assert held("bob") == {"view_asset"}
    with pytest.raises(NotFound):
        await permissions.revoke(form.uid, "bob")


async def test_a_plan_sends_only_questions_and_applying_it_does_what_it_says(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo, held: Held
):
    form.share("bob", "manage_asset")
    form.share("carol", "view_submissions")
    form.share("dan", "view_asset")
    wanted = {"bob": ["view_submissions"], "carol": []}
    plan = await permissions.plan(form.uid, wanted)
    assert writes(fake) == []
    assert plan.loses_everything == ("carol",)
    state = await permissions.apply(plan)
    assert set(state.of("bob")) == held("bob") == {"view_asset", "view_submissions"}
    assert held("carol") == set()
    assert held("dan") == {"view_asset"}
    assert (await permissions.plan(form.uid, wanted)).changes == 0
    assert not [one for one in fake.requests if one.path.endswith("/bulk/")]


async def test_a_plan_can_move_a_user_from_all_rows_to_some_and_back(
    permissions: PermissionVerbs, form: FakeForm, held: Held
):
    form.share("bob", "validate_submissions")
    await permissions.apply(
        await permissions.plan(form.uid, {"bob": {"partial_submissions": ROWS}})
    )
    assert held("bob") == {"view_asset", "partial_submissions"}
    await permissions.apply(await permissions.plan(form.uid, {"bob": ["view_submissions"]}))
    assert held("bob") == {"view_asset", "view_submissions"}


async def test_a_plan_can_remove_everybody_it_does_not_name(
    permissions: PermissionVerbs, form: FakeForm
):
    form.share("bob", "view_asset")
    form.share(ANYONE, "view_asset")
    plan = await permissions.plan(form.uid, {"carol": ["view_asset"]}, remove_others=True)
    assert plan.loses_everything == (ANYONE, "bob")
    assert set((await permissions.apply(plan)).held) == {"carol"}


async def test_an_outdated_plan_is_not_applied(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    plan = await permissions.plan(form.uid, {"bob": ["view_asset"]})
    form.share("carol", "view_asset")
    with pytest.raises(PlanOutdated, match="make a new one"):
        await permissions.apply(plan)
    assert writes(fake) == []


async def test_it_is_said_when_the_permissions_are_not_as_planned_in_the_end(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo
):
    plan = await permissions.plan(form.uid, {"bob": ["view_asset"]})

    def meddle(request: object) -> None:
        if getattr(request, "method", "") == "POST":
            fake.on_request = None
            form.share("bob", "change_asset")

    fake.on_request = meddle
    with pytest.raises(
        PlanOutdated, match="bob holds change_asset, view_asset, and not view_asset"
    ):
        await permissions.apply(plan)


async def test_a_plan_for_a_user_who_does_not_exist_is_refused(
    permissions: PermissionVerbs, form: FakeForm
):
    with pytest.raises(QueryError, match="no user 'nobody'"):
        await permissions.plan(form.uid, {"nobody": ["view_asset"]})


async def test_a_plan_takes_somebody_who_sees_everything(as_bob: PermissionVerbs, form: FakeForm):
    form.share("bob", "view_submissions")
    with pytest.raises(QueryError, match="takes manage_asset"):
        await as_bob.plan(form.uid, {"carol": ["view_asset"]})


async def test_a_manager_can_hand_over_and_leave_in_one_plan(
    as_bob: PermissionVerbs, form: FakeForm, held: Held
):
    form.share("bob", "manage_asset")
    plan = await as_bob.plan(form.uid, {"bob": ["view_asset"], "carol": ["manage_asset"]})
    assert not (await as_bob.apply(plan)).complete
    assert "manage_asset" in held("carol")
    assert held("bob") == {"view_asset"}


async def test_a_manager_can_leave_altogether(as_bob: PermissionVerbs, form: FakeForm, held: Held):
    form.share("bob", "manage_asset")
    state = await as_bob.apply(await as_bob.plan(form.uid, {"bob": []}))
    assert (state.complete, held("bob")) == (False, set())


async def test_what_is_gone_already_need_not_be_taken(
    permissions: PermissionVerbs, form: FakeForm, fake: FakeKobo, held: Held
):
    form.share("bob", "change_asset")
    plan = await permissions.plan(form.uid, {"bob": []})

    def meddle(request: object) -> None:
        if getattr(request, "method", "") == "DELETE":
            fake.on_request = None
            form.grants.take("bob")

    fake.on_request = meddle
    await permissions.apply(plan)
    assert held("bob") == set()


async def test_a_form_is_made_public_and_closed_again_by_name(
    permissions: PermissionVerbs, form: FakeForm, held: Held
):
    assert await permissions.make_public(form.uid, form=True) == Public(True, False, False)
    assert await permissions.make_public(form.uid, data=True, submissions=True) == Public(
        True, True, True
    )
    assert await permissions.make_public(form.uid, data=False) == Public(True, False, True)
    closed = await permissions.make_public(form.uid, form=False, submissions=False)
    assert closed == Public(False, False, False)
    assert held(ANYONE) == set()


async def test_data_are_not_public_without_the_form(permissions: PermissionVerbs, form: FakeForm):
    with pytest.raises(QueryError, match="cannot be public without the form"):
        await permissions.make_public(form.uid, form=False, data=True)
