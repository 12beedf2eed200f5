"""What changing permissions would do, worked out before anything is sent.

Permissions come in packs. Giving one gives those it implies; taking one takes those that imply
it; and `partial_submissions` cannot stand beside the permissions on all submissions: whichever is
given last silently removes the other (`api-facts §4.12`). A plan says all of that beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, get_args

import attrs
import orjson

from kobo_async.errors import QueryError
from kobo_async.models.permission import ANYONE, Assignment, Codename, Filters, Grant

Held: TypeAlias = Mapping[Codename, Filters | None]
"""Permissions of one user; `partial_submissions` has filters."""
Wanted: TypeAlias = Mapping[str, Sequence[Codename] | Held]
"""Permissions by user name: codenames, or an object where `partial_submissions` needs filters."""

PARTIAL: Final = "partial_submissions"
_VIEW_ROWS: Final[tuple[Codename, ...]] = ("view_asset", "view_submissions")
_ON_ROWS: Final[tuple[Codename, ...]] = (
    "view_submissions",
    "change_submissions",
    "delete_submissions",
    "validate_submissions",
)
CONTRADICTORY: Final = frozenset({*_ON_ROWS, "manage_asset"})
"""What `partial_submissions` takes away."""
IMPLIED: Final[Mapping[Codename, tuple[Codename, ...]]] = {
    "view_asset": (),
    "add_submissions": (),
    "change_asset": ("view_asset",),
    "discover_asset": ("view_asset",),
    "view_submissions": ("view_asset",),
    "partial_submissions": ("view_asset",),
    "change_submissions": (*_VIEW_ROWS, "add_submissions"),
    "delete_submissions": _VIEW_ROWS,
    "validate_submissions": _VIEW_ROWS,
    "manage_asset": ("view_asset", "change_asset", "discover_asset", "add_submissions", *_ON_ROWS),
}
OF_ANYONE: Final[frozenset[Codename]] = frozenset(
    {"view_asset", "discover_asset", "add_submissions", "view_submissions"}
)
_OF_ITEMS: Final[frozenset[Codename]] = frozenset({"view_asset", "change_asset", "manage_asset"})


@attrs.frozen
class State:
    """Who holds what on an asset, besides the owner, who holds everything.

    Attributes:
        asset: uid of the asset.
        asset_type: its type, on which depends what can be held.
        owner: user name of the owner.
        held: permissions by user name; `AnonymousUser` is everyone.
        complete: whether the caller manages the asset; others do not see everybody's permissions.
    """

    asset: str
    asset_type: str
    owner: str
    held: Mapping[str, Held]
    complete: bool
    uids: Mapping[tuple[str, str], str] = attrs.field(factory=dict, repr=False, eq=False)

    def of(self, user: str) -> Held:
        """Return what a user holds."""
        return self.held.get(user, {})

    def same_as(self, other: State) -> bool:
        """Tell whether everybody holds the same, whatever the order."""
        return _fingerprint(self) == _fingerprint(other)


@attrs.frozen
class Implied:
    """A permission that comes along with another one."""

    user: str
    permission: Codename
    by: Codename


@attrs.frozen
class Removal:
    """A permission that is taken from a user."""

    user: str
    permission: Codename


@attrs.frozen
class Plan:
    """A change of permissions: what is given and taken, and what that brings with it.

    Attributes:
        before: the permissions that it was made for.
        after: what the users it names will hold.
        grants: what is given, one call each.
        implied: what comes along.
        removals: what is taken, one call each, in an order in which nothing else goes along.
        loses_everything: users who hold something now and nothing afterwards.
    """

    before: State = attrs.field(repr=False)
    after: Mapping[str, Held] = attrs.field(repr=False)
    grants: tuple[Grant, ...] = ()
    implied: tuple[Implied, ...] = ()
    removals: tuple[Removal, ...] = ()
    loses_everything: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        """Number of calls that it takes."""
        return len(self.grants) + len(self.removals)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        return {
            "asset": self.before.asset,
            "grants": [attrs.asdict(grant) for grant in self.grants],
            "implied": [attrs.asdict(one) for one in self.implied],
            "removals": [attrs.asdict(one) for one in self.removals],
            "loses_everything": list(self.loses_everything),
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.before.asset}: {self.changes or 'no'} changes"
        for grant in self.grants:
            rows = f" on rows {dict(grant.filters)}" if grant.filters else ""
            yield f"  + {grant.user}: {grant.permission}{rows}"
        for one in self.implied:
            yield f"  + {one.user}: {one.permission}, which {one.by} brings"
        for removal in self.removals:
            yield f"  - {removal.user}: {removal.permission}"
        for user in self.loses_everything:
            yield f"  ! {user} loses everything"


def make_state(
    asset: str, asset_type: str, owner: str, rows: Sequence[Assignment], *, complete: bool
) -> State:
    """Sort the assignments of an asset by user."""
    others = [row for row in rows if row.username != owner]
    held: dict[str, dict[Any, Filters | None]] = {}
    for row in others:
        held.setdefault(row.username, {})[row.codename] = _filters(row)
    uids = {(row.username, row.codename): row.uid for row in others}
    return State(asset, asset_type, owner, held, complete, uids)


def make_plan(state: State, wanted: Wanted, *, remove_others: bool = False) -> Plan:
    """Work out how each user in `wanted` comes to hold just that.

    Raises:
        QueryError: for permissions that do not exist, cannot be held, or exclude each other.
    """
    named = {user: _named(one) for user, one in wanted.items()}
    if remove_others:
        named = {**{user: {} for user in state.held}, **named}
    after = {user: closed(state, user, named[user]) for user in sorted(named)}
    grants = [grant for user in after for grant in _grants(state, user, named[user], after[user])]
    return Plan(
        state,
        after,
        tuple(grants),
        tuple(one for user in after for one in _implied(state, user, after[user], grants)),
        tuple(one for user in after for one in _removals(state, user, after[user])),
        tuple(user for user, held in after.items() if state.of(user) and not held),
    )


def closed(state: State, user: str, named: Held) -> Held:
    """Return permissions together with those they imply, having checked that they can be held."""
    if user == state.owner:
        raise QueryError(f"{user} is the owner, who holds everything and cannot lose any")
    rights, held = rights_of(state.asset_type, user), state.of(user)
    for codename in named.keys() - held.keys():
        if codename not in rights:
            raise QueryError(f"{user} cannot hold {codename!r}, only {', '.join(sorted(rights))}")
    if PARTIAL in named and (both := sorted(CONTRADICTORY & named.keys())):
        raise QueryError(f"{user}: {PARTIAL} excludes {', '.join(both)}; choose one of them")
    implied = {
        one
        for codename, filters in named.items()
        for one in _brought(codename, filters)
        if one in held or not _has(held, codename, filters)
    }
    return {**dict.fromkeys(sorted(implied & rights)), **named}


def rights_of(asset_type: str, user: str) -> frozenset[Codename]:
    """Return what a user can hold on an asset of a type."""
    rights: frozenset[Codename] = frozenset(get_args(Codename))
    if asset_type == "survey":
        rights -= {"discover_asset"}
    elif asset_type == "collection":
        rights = frozenset({*_OF_ITEMS, "discover_asset"})
    else:
        rights = _OF_ITEMS
    return rights & OF_ANYONE if user == ANYONE else rights


def _named(wanted: Sequence[Codename] | Held) -> Held:
    if isinstance(wanted, str):
        raise QueryError(f"permissions are a list of codenames, not {wanted!r}")
    return dict(wanted) if isinstance(wanted, Mapping) else dict.fromkeys(wanted)


def _brought(codename: Codename, filters: Filters | None) -> Sequence[Codename]:
    """Return what a permission implies; changing some rows brings the right to add any."""
    adds: tuple[Codename, ...] = ("add_submissions",)
    return (*IMPLIED.get(codename, ()), *(adds if "change_submissions" in (filters or {}) else ()))


def _grants(state: State, user: str, named: Held, after: Held) -> Iterator[Grant]:
    """Yield the named permissions that are missing and that no other missing one brings."""
    missing = [one for one in named if not _has(state.of(user), one, after[one])]
    brought = {more for one in missing for more in _brought(one, after[one])}
    for codename in missing:
        if codename not in brought:
            yield Grant(user, codename, after[codename])


def _implied(state: State, user: str, after: Held, grants: Sequence[Grant]) -> Iterator[Implied]:
    own = [grant for grant in grants if grant.user == user]
    given = {grant.permission for grant in own}
    for codename in sorted(after.keys() - state.of(user).keys() - given):
        by = next(one for one in own if codename in _brought(one.permission, one.filters))
        yield Implied(user, codename, by.permission)


def _removals(state: State, user: str, after: Held) -> Iterator[Removal]:
    """Yield what goes, those first that imply the others."""
    gone = state.of(user).keys() - after.keys()
    for codename in sorted(gone, key=lambda one: (-len(IMPLIED.get(one, ())), one)):
        yield Removal(user, codename)


def _has(held: Held, codename: Codename, filters: Filters | None) -> bool:
    return codename in held and _canonical(held[codename]) == _canonical(filters)


def _filters(row: Assignment) -> Filters | None:
    if not row.partial_permissions:
        return None
    return {one.codename: one.filters for one in row.partial_permissions}  # type: ignore[misc]


def _canonical(filters: Filters | None) -> frozenset[tuple[str, bytes]]:
    """Return filters so that they compare equal where they mean the same.

    The server adds to those who may do something with rows that they may view them.
    """
    pairs = [(name, query) for name, queries in (filters or {}).items() for query in queries]
    seen = [("view_submissions", query) for _, query in pairs]
    return frozenset(
        (name, orjson.dumps(query, option=orjson.OPT_SORT_KEYS)) for name, query in (*pairs, *seen)
    )


def _fingerprint(state: State) -> frozenset[tuple[str, str, frozenset[tuple[str, bytes]]]]:
    return frozenset(
        (user, codename, _canonical(filters))
        for user, held in state.held.items()
        for codename, filters in held.items()
    )
