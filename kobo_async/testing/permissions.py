"""Who may see what: assignments and what they imply (observed §8, api-facts §4.12)."""

from __future__ import annotations

import random
from typing import Any, Final

from kobo_async.testing.generate import BASE
from kobo_async.testing.identity import make_uid

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
_ROW_RIGHTS: Final = frozenset(
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


class Grants:
    """The permission assignments of one asset."""

    def __init__(self, owner: str, chance: random.Random, asset_type: str = "survey") -> None:
        self.owner = owner
        self._chance = chance
        self._asset_type = asset_type
        self._rights = rights_of(asset_type)
        self._owned = set(self._rights) - {PARTIAL}
        self._given: dict[str, set[str]] = {owner: set(self._owned)}
        self._filters: dict[str, Filters] = {}
        self._uids: dict[tuple[str, str], str] = {}

    def give(self, username: str, permission: str, filters: Filters | None = None) -> None:
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
        names = {permission, *IMPLIED[permission]} & set(self._rights)
        if permission != PARTIAL:
            names.discard(PARTIAL)
        held = self._given.setdefault(username, set())
        if permission == PARTIAL:
            held -= {*_ROW_RIGHTS, "manage_asset"}
            self._filters[username] = list(filters or [])
        elif names & _ROW_RIGHTS:
            held.discard(PARTIAL)
            self._filters.pop(username, None)
        held |= names

    def take(self, username: str) -> None:
        """Remove every assignment of a user but the owner."""
        if username != self.owner:
            self._given.pop(username, None)
            self._filters.pop(username, None)

    def of(self, username: str | None, *, superuser: bool = False) -> set[str]:
        """Return what a user holds; what anonymous users hold, everybody holds."""
        if superuser:
            return set(self._owned)
        public = self._given.get(ANONYMOUS, set())
        return public | self._given.get(username or ANONYMOUS, set())

    def holds_directly(self, username: str | None, permission: str) -> bool:
        """Tell whether the list of assets shows the asset to a user for this permission."""
        return permission in self._given.get(username or ANONYMOUS, set())

    def filters_of(self, username: str | None) -> Filters | None:
        """Return the row filters of a user with partial permissions, else None."""
        return self._filters.get(username or ANONYMOUS)

    def remember(self, username: str, permission: str, uid: str) -> None:
        """Keep the uid of an assignment that was loaded."""
        self._uids[username, permission] = uid

    def rendered(self, uid: str, viewer: str | None, held: set[str]) -> list[dict[str, Any]]:
        """Return the assignments a user may see: managers all, others those of the owner,
        of everybody, and their own.
        """  # noqa: D205 - one sentence
        sees_all = "manage_asset" in held
        return [
            self._entry(uid, username, permission)
            for username, names in self._given.items()
            if sees_all or username in {self.owner, ANONYMOUS, viewer}
            for permission in sorted(names)
        ]

    def _entry(self, uid: str, username: str, permission: str) -> dict[str, Any]:
        key = username, permission
        if key not in self._uids:
            self._uids[key] = make_uid(self._chance, "p")
        entry: dict[str, Any] = {
            "url": f"{BASE}/api/v2/assets/{uid}/permission-assignments/{self._uids[key]}/",
            "user": f"{BASE}/api/v2/users/{username}/",
            "permission": _url(permission),
        }
        if permission != PARTIAL:
            return {**entry, "label": label_of(permission, self._asset_type)}
        entry["partial_permissions"] = [
            {"url": _url(VIEW_ROWS), "filters": self._filters[username]}
        ]
        return {**entry, "label": _PARTIAL_LABELS}


def assignable(asset_type: str) -> list[dict[str, Any]]:
    """Return what can be assigned, as the asset shows it."""
    return [
        {
            "url": _url(name),
            "label": _PARTIAL_LABELS if name == PARTIAL else label_of(name, asset_type),
        }
        for name in rights_of(asset_type)
    ]


def _url(permission: str) -> str:
    return f"{BASE}/api/v2/permissions/{permission}/"
