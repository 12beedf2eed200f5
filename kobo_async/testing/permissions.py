"""Who may see what: assignments and what they imply (observed §8, api-facts §4.12)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from kobo_async.testing.identity import make_uid
from kobo_async.testing.paths import BASE

ANONYMOUS: Final = "AnonymousUser"
PARTIAL: Final = "partial_submissions"
VIEW: Final = "view_asset"
VIEW_ROWS: Final = "view_submissions"

LIBRARY_TYPES: Final = frozenset({"question", "block", "template", "collection"})
_ASSET_RIGHTS: Final = ("view_asset", "change_asset", "manage_asset")
_SURVEY_RIGHTS: Final = (
    *_ASSET_RIGHTS,
    "add_submissions",
    "view_submissions",
    "partial_submissions",
    "change_submissions",
    "delete_submissions",
    "validate_submissions",
)
_LABELS: Final[dict[str, str]] = {
    "view_asset": "View {form}",
    "change_asset": "Edit {form}",
    "manage_asset": "Manage {project}",
    "discover_asset": "Discover {form}",
    "add_submissions": "Add submissions",
    "view_submissions": "View submissions",
    "partial_submissions": "Act on submissions only from specific users",
    "change_submissions": "Edit submissions",
    "delete_submissions": "Delete submissions",
    "validate_submissions": "Validate submissions",
}
_PARTIAL_LABELS: Final = {
    "default": _LABELS[PARTIAL],
    "view_submissions": "View submissions only from specific users",
    "change_submissions": "Edit submissions only from specific users",
    "delete_submissions": "Delete submissions only from specific users",
    "validate_submissions": "Validate submissions only from specific users",
}
CATALOG: Final = {
    "add_submissions": "Can submit data to asset",
    "change_asset": "Can change asset",
    "change_submissions": "Can modify submitted data for asset",
    "delete_submissions": "Can delete submitted data for asset",
    "discover_asset": "Can discover asset in public lists",
    "manage_asset": "Can manage all aspects of asset",
    "partial_submissions": (
        "Can make partial actions on submitted data for asset for specific users"
    ),
    "validate_submissions": "Can validate submitted data asset",
    "view_asset": "Can view asset",
    "view_submissions": "Can view submitted data for asset",
}
IMPLIED: Final[dict[str, tuple[str, ...]]] = {
    "view_asset": (),
    "add_submissions": (),
    "change_asset": (VIEW,),
    "discover_asset": (VIEW,),
    "view_submissions": (VIEW,),
    "partial_submissions": (VIEW,),
    "change_submissions": (VIEW, VIEW_ROWS, "add_submissions"),
    "delete_submissions": (VIEW, VIEW_ROWS),
    "validate_submissions": (VIEW, VIEW_ROWS),
    "manage_asset": tuple(_SURVEY_RIGHTS),
}
ROW_RIGHTS: Final = frozenset(
    {"view_submissions", "change_submissions", "delete_submissions", "validate_submissions"}
)


def rights_of(asset_type: str) -> tuple[str, ...]:
    """Return what can be assigned on a type of asset."""
    if asset_type == "collection":
        return (*_ASSET_RIGHTS, "discover_asset")
    return _ASSET_RIGHTS if asset_type in LIBRARY_TYPES else _SURVEY_RIGHTS


def label_of(permission: str, asset_type: str) -> str:
    """Return the label, which names the type of asset."""
    is_library = asset_type in LIBRARY_TYPES
    form = asset_type if is_library else "form"
    project = asset_type if is_library else "project"
    return _LABELS[permission].format(form=form, project=project)


Filters = list[dict[str, Any]]
Partial = dict[str, Filters]
"""Row permissions and the queries that say on which rows; one of them must match."""


class Grants:
    """The permission assignments of one asset.

    Attributes:
        is_admin: tells whether an account administers the owner's organization, which gives it
            all rights without an assignment (api-facts §6).
    """

    def __init__(self, owner: str, chance: random.Random, asset_type: str = "survey") -> None:
        self.owner = owner
        self.is_admin: Callable[[str | None], bool] = lambda _: False
        self._chance = chance
        self._asset_type = asset_type
        self._rights = rights_of(asset_type)
        self._owned = set(self._rights) - {PARTIAL}
        self._given: dict[str, set[str]] = {owner: set(self._owned)}
        self._partial: dict[str, Partial] = {}
        self._uids: dict[tuple[str, str], str] = {}

    def give(
        self, username: str, permission: str, filters: Filters | Mapping[str, Filters] | None = None
    ) -> None:
        """Assign a permission and what it implies.

        `partial_submissions` and full row permissions replace each other.

        Raises:
            ValueError: for a permission that this type of asset does not have, and for
                `partial_submissions` without filters.
        """
        if permission not in self._rights:
            raise ValueError(f"{permission!r} cannot be assigned, only {', '.join(self._rights)}")
        if permission == PARTIAL and not filters:
            raise ValueError("partial_submissions needs filters")
        if permission == PARTIAL:
            self._limit(username, _completed(filters or []))
        else:
            names = ({permission, *IMPLIED[permission]} & set(self._rights)) - {PARTIAL}
            held = self._given.setdefault(username, set())
            held |= names
            if names & ROW_RIGHTS:
                held.discard(PARTIAL)
                self._partial.pop(username, None)
        self._prune()

    def _limit(self, username: str, rows: Partial) -> None:
        """Let a user treat some rows only."""
        held = self._given.setdefault(username, set())
        held -= {*ROW_RIGHTS, "manage_asset"}
        held |= {PARTIAL, VIEW}
        if "change_submissions" in rows:
            held.add("add_submissions")
        self._partial[username] = rows

    def withdraw(self, username: str, permission: str) -> None:
        """Take one permission, and those that imply it."""
        held = self._given.get(username, set())
        gone = {name for name in held if name == permission or permission in IMPLIED[name]}
        held -= gone
        if PARTIAL in gone:
            self._partial.pop(username, None)
        if not held:
            self._given.pop(username, None)
        self._prune()

    def take(self, username: str) -> None:
        """Remove every assignment of a user but the owner."""
        if username != self.owner:
            self._given.pop(username, None)
            self._partial.pop(username, None)
            self._prune()

    def clear(self) -> None:
        """Remove every assignment but the owner's."""
        for username in list(self._given):
            self.take(username)

    def hand_over(self, username: str) -> None:
        """Make another user the owner; the old one keeps nothing but what managers hold."""
        self._given[username] = set(self._owned)
        self._partial.pop(username, None)
        self.owner = username

    def copy_from(self, other: Grants) -> None:
        """Replace the assignments by those of another asset; the owners keep theirs."""
        self.clear()
        for username, names in other.everyone().items():
            if username not in {self.owner, other.owner}:
                self._given[username] = names & set(self._rights)
                if PARTIAL in names:
                    self._partial[username] = other.everyones_rows()[username]

    def everyone(self) -> dict[str, set[str]]:
        """Return who was assigned what."""
        return {username: set(names) for username, names in self._given.items()}

    def everyones_rows(self) -> dict[str, Partial]:
        """Return who was assigned what on which rows."""
        return {username: dict(rows) for username, rows in self._partial.items()}

    def _prune(self) -> None:
        """Forget the uids of assignments that are gone: they never come back."""
        for username, permission in list(self._uids):
            if permission not in self._given.get(username, ()):
                del self._uids[username, permission]

    def of(self, username: str | None, *, superuser: bool = False) -> set[str]:
        """Return what a user holds; what anonymous users hold, everybody holds."""
        if superuser or self.is_admin(username):
            return set(self._owned)
        public = self._given.get(ANONYMOUS, set())
        return public | self._given.get(username or ANONYMOUS, set())

    def holds_directly(self, username: str | None, permission: str) -> bool:
        """Tell whether the list of assets shows the asset to a user for this permission."""
        return permission in self._given.get(username or ANONYMOUS, set())

    @property
    def sharing(self) -> str:
        """Who can see the asset, in a word (models.md §2.1)."""
        public = self._given.get(ANONYMOUS, set())
        if VIEW in public:
            return "public-discoverable" if "discover_asset" in public else "public"
        others = (names for username, names in self._given.items() if username != self.owner)
        return "shared" if any(VIEW in names for names in others) else "private"

    def filters_of(self, username: str | None, permission: str = VIEW_ROWS) -> Filters | None:
        """Return the rows a user with partial permissions may treat so, else None."""
        return self._partial.get(username or ANONYMOUS, {}).get(permission)

    def find(self, uid: str) -> tuple[str, str] | None:
        """Return user and permission of an assignment."""
        return next((key for key, known in self._uids.items() if known == uid), None)

    def remember(self, username: str, permission: str, uid: str) -> None:
        """Keep the uid of an assignment that was loaded."""
        self._uids[username, permission] = uid

    def rendered(self, uid: str, viewer: str | None, held: set[str]) -> list[dict[str, Any]]:
        """Return the assignments a user may see: managers all, others those of the owner,
        of everybody, and their own.
        """  # noqa: D205 - one sentence
        sees_all = "manage_asset" in held
        return [
            self.entry(uid, username, permission)
            for username, names in sorted(self._given.items())
            if sees_all or username in {self.owner, ANONYMOUS, viewer}
            for permission in sorted(names)
        ]

    def entry(self, uid: str, username: str, permission: str) -> dict[str, Any]:
        """Return one assignment as the API shows it."""
        key = username, permission
        if key not in self._uids:
            self._uids[key] = make_uid(self._chance, "p")
        entry: dict[str, Any] = {
            "url": f"{BASE}/api/v2/assets/{uid}/permission-assignments/{self._uids[key]}/",
            "user": f"{BASE}/api/v2/users/{username}/",
            "permission": permission_url(permission),
        }
        if permission != PARTIAL:
            return {**entry, "label": label_of(permission, self._asset_type)}
        entry["partial_permissions"] = [
            {"url": permission_url(name), "filters": filters}
            for name, filters in self._partial[username].items()
        ]
        return {**entry, "label": _PARTIAL_LABELS}


def assignable(asset_type: str) -> list[dict[str, Any]]:
    """Return what can be assigned, as the asset shows it."""
    return [
        {
            "url": permission_url(name),
            "label": _PARTIAL_LABELS if name == PARTIAL else label_of(name, asset_type),
        }
        for name in rights_of(asset_type)
    ]


def _completed(filters: Filters | Mapping[str, Filters]) -> Partial:
    """Add the right to view to rows that may be changed, deleted or validated."""
    partial = {VIEW_ROWS: list(filters)} if isinstance(filters, list) else dict(filters)
    seen = list(partial.get(VIEW_ROWS, []))
    for name, queries in partial.items():
        seen += [one for one in queries if name != VIEW_ROWS and one not in seen]
    return {**partial, VIEW_ROWS: seen}


def permission_url(permission: str) -> str:
    """Return the address of a permission in the catalog."""
    return f"{BASE}/api/v2/permissions/{permission}/"
