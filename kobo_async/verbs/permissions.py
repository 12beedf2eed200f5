"""Sharing without losing anybody.

The server's own way to set permissions replaces everybody's. Here everything is done by single
calls that add or take one permission, and what they bring along is said beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from kobo_async.errors import KoboError, NotFound, PlanOutdated, QueryError
from kobo_async.models.asset import COSTLY
from kobo_async.models.permission import ANYONE, Assignment, Codename, Filters, PartialCodename
from kobo_async.query import Unchecked, Where, checked
from kobo_async.resources.assets import Assets
from kobo_async.resources.permissions import Permissions
from kobo_async.resources.users import Users
from kobo_async.verbs.permission_plan import (
    PARTIAL,
    Held,
    Plan,
    State,
    Wanted,
    make_plan,
    make_state,
)


@attrs.frozen
class Public:
    """What everyone may do who has the link.

    Attributes:
        form: see the form.
        data: see all submissions.
        submissions: add submissions.
    """

    form: bool
    data: bool
    submissions: bool


@attrs.frozen
class PermissionVerbs(Permissions):
    """Permissions that exist, who holds them on an asset, and how to change that safely.

    The owner holds all of them and cannot lose any. `AnonymousUser` stands for everyone who has
    the link. `copy_from` and `replace_all` replace everybody's permissions and ask how many lose
    theirs; nothing else here touches users that it does not name.
    """

    async def state(self, uid_asset: str) -> State:
        """Fetch who holds what.

        Permission: `view_asset`; only managers see everybody's permissions.
        """
        asset = await Assets(self._sender).get(uid_asset, exclude=COSTLY)
        rows = await self.list_assignments(uid_asset).all()
        complete = asset.allows("manage_asset") is not False
        return make_state(
            asset.uid, asset.asset_type, asset.owner__username, rows, complete=complete
        )

    async def grant(self, uid_asset: str, user: str, *codenames: Codename) -> Sequence[Assignment]:
        """Give permissions to a user, with those they imply, and leave everything else alone.

        `add_submissions` alone lets a user submit, but not see the project in the API. For rights
        on some submissions only, see `grant_rows`.

        Permission: `manage_asset`. Errors: QueryError, before anything is sent, for what cannot
        be held, and where the server would take something away for it; BadRequest for an unknown
        user. `api-facts §4.12`.
        """
        if not codenames:
            raise QueryError("name the permissions to grant, such as 'view_submissions'")
        state = await self.state(uid_asset)
        return await self._add(state, user, dict.fromkeys(codenames))

    async def grant_rows(
        self, uid_asset: str, user: str, rights: Mapping[PartialCodename, Sequence[Where]]
    ) -> Sequence[Assignment]:
        """Give a user rights on those submissions that fit one of some queries.

            await client.permissions.grant_rows(
                uid, "bob", {"view_submissions": [submitted_by("carol")]}
            )

        To change submissions includes to view them, and to add any. The server does not check the
        queries: one that nothing fits gives nothing.

        Permission: `manage_asset`. Errors: QueryError, before anything is sent, for queries that
        match nothing whatever there is, and for a user who holds permissions on all submissions
        or other queries: `plan` shows and does such changes.
        """
        state = await self.state(uid_asset)
        filters: Filters = {one: [*map(_query, queries)] for one, queries in rights.items()}
        if PARTIAL in state.of(user):
            plan = make_plan(state, {user: {**state.of(user), PARTIAL: filters}})
            if plan.changes:
                raise QueryError(f"{user} holds rights on other rows: plan() can replace them")
        return await self._add(state, user, {PARTIAL: filters})

    async def revoke(self, uid_asset: str, user: str, *codenames: Codename) -> None:
        """Take permissions from a user, and no others; what is not held is left out.

        Whatever depends on them must be named as well: without `view_submissions` nobody can
        change submissions. All of a user's permissions are taken by `remove_user`. Without
        codenames, the second argument is the uid of an assignment, which goes together with
        those that imply it.

        Permission: `manage_asset`, or one's own. Errors: QueryError, before anything is sent,
        naming what else would go; NotFound for an unknown assignment.
        """
        if not codenames:
            await super().revoke(uid_asset, user)
            return
        state = await self.state(uid_asset)
        rest = {one: what for one, what in state.of(user).items() if one not in codenames}
        plan = make_plan(state, {user: rest})
        if back := sorted(plan.after[user].keys() & set(codenames)):
            raise QueryError(
                f"{user} also holds what needs {', '.join(back)}: {', '.join(sorted(rest))}; "
                "name those that shall go, too, or use remove_user()"
            )
        await self._carry_out(plan)

    async def plan(self, uid_asset: str, wanted: Wanted, *, remove_others: bool = False) -> Plan:
        """Work out what it takes that users hold just what is wanted; send nothing but questions.

            plan = await client.permissions.plan(uid, {"bob": ["view_submissions"], "eve": []})
            print(plan)
            await client.permissions.apply(plan)

        Users who are not named keep what they hold, unless `remove_others` says that they lose
        all of it; that includes `AnonymousUser`.

        Permission: `manage_asset`: others do not see what everybody holds. Errors: QueryError for
        what cannot be held, and for users who do not exist.
        """
        state = await self.state(uid_asset)
        if not state.complete:
            raise QueryError(f"a plan for {uid_asset} takes manage_asset, to see who holds what")
        plan = make_plan(state, wanted, remove_others=remove_others)
        for user in {grant.user for grant in plan.grants} - state.held.keys() - {ANYONE}:
            await self._expect_user(user)
        return plan

    async def apply(self, plan: Plan) -> State:
        """Do what a plan says, one call for each permission, and return who holds what then.

        What is taken goes first: if it breaks off, nobody holds more than before or than planned.

        Permission: `manage_asset`. Errors: PlanOutdated, before anything is sent, when somebody
        changed the permissions since, and at the end, when they are not as planned; a caller who
        gave up `manage_asset` cannot see that.
        """
        now = await self.state(plan.before.asset)
        if not now.same_as(plan.before):
            raise PlanOutdated(f"permissions of {now.asset} changed since the plan: make a new one")
        await self._carry_out(attrs.evolve(plan, before=now))
        return await self._verified(plan)

    async def _verified(self, plan: Plan) -> State:
        """Look at the outcome, as far as the caller may, who can have given up the right to."""
        try:
            then = await self.state(plan.before.asset)
        except NotFound:
            return attrs.evolve(plan.before, held={}, complete=False)
        if not then.complete or then.same_as(plan.before):  # the latter only in a dry run
            return then
        for user, held in plan.after.items():
            if then.of(user).keys() != held.keys():
                found = ", ".join(sorted(then.of(user))) or "nothing"
                wanted = ", ".join(sorted(held)) or "nothing"
                raise PlanOutdated(f"{user} holds {found}, and not {wanted}")
        return then

    async def make_public(
        self,
        uid_asset: str,
        *,
        form: bool | None = None,
        data: bool | None = None,
        submissions: bool | None = None,
    ) -> Public:
        """Open an asset to everyone who has the link, or close it again; None leaves it as it is.

        `form` lets everyone see the form, `data` all submissions, names and places included, and
        `submissions` add some. Data cannot be public without the form.

        Permission: `manage_asset`. Errors: QueryError for a combination that cannot be.
        """
        state = await self.state(uid_asset)
        wishes: dict[Codename, bool | None] = {
            "view_asset": form,
            "view_submissions": data,
            "add_submissions": submissions,
        }
        kept = {one: what for one, what in state.of(ANYONE).items() if wishes.get(one) is not False}
        target = {**kept, **{one: None for one, wish in wishes.items() if wish}}
        plan = make_plan(state, {ANYONE: target})
        if form is False and "view_asset" in plan.after[ANYONE]:
            raise QueryError(f"{', '.join(sorted(target))} cannot be public without the form")
        await self._carry_out(plan)
        held = plan.after[ANYONE]
        return Public(*(one in held for one in wishes))

    async def _add(self, state: State, user: str, more: Held) -> Sequence[Assignment]:
        plan = make_plan(state, {user: {**state.of(user), **more}})
        return await self._carry_out(plan)

    async def _carry_out(self, plan: Plan) -> Sequence[Assignment]:
        """Take, then give; one who loses `manage_asset` comes last, for it may be the caller."""
        given: list[Assignment] = []
        try:
            for user in sorted(plan.after, key=lambda user: _loses_control(plan, user)):
                await self._take(plan, user)
                given += await self._give(plan, user)
        except KoboError as error:
            error.add_note("Changes before this one were made: plan again to see what is left.")
            raise
        return given

    async def _give(self, plan: Plan, user: str) -> Sequence[Assignment]:
        return [
            await self.assign(
                plan.before.asset, user=user, permission=one.permission, filters=one.filters
            )
            for one in plan.grants
            if one.user == user
        ]

    async def _take(self, plan: Plan, user: str) -> None:
        for removal in (one for one in plan.removals if one.user == user):
            uid = plan.before.uids[user, removal.permission]
            try:
                await super().revoke(plan.before.asset, uid)
            except NotFound:
                continue

    async def _expect_user(self, user: str) -> None:
        try:
            await Users(self._sender).get(user)
        except NotFound as error:
            raise QueryError(f"there is no user {user!r}") from error


def _loses_control(plan: Plan, user: str) -> bool:
    return any((one.user, one.permission) == (user, "manage_asset") for one in plan.removals)


def _query(where: Where) -> Mapping[str, object]:
    """Return a query as filters hold it: an object, whatever it was made with."""
    query = where.query if isinstance(where, Unchecked) else checked(where)
    return dict(query or {})
