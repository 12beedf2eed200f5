"""One form of the fake server and the life of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from kobo_async.testing.assetlife import AssetLife
from kobo_async.testing.generate import Generator
from kobo_async.testing.history import Holdings, permission_changes
from kobo_async.testing.organizations import manages
from kobo_async.testing.paths import BASE
from kobo_async.testing.permissions import LIBRARY_TYPES, PARTIAL, VIEW, VIEW_ROWS, Filters, Grants
from kobo_async.testing.store import Row, RowStore
from kobo_async.testing.subscriptions import access_types

if TYPE_CHECKING:
    from kobo_async.testing.exports import Export
    from kobo_async.testing.server import FakeKobo

_BASE: Final = BASE.encode()


class RowView(Mapping[int, Row]):
    """The rows of a form by `_id`, in `_id` order, with the links the server gives them."""

    def __init__(self, store: RowStore, relink: Callable[[bytes], bytes]) -> None:
        self._store = store
        self._relink = relink

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[int]:
        return iter(self._store)

    def __contains__(self, number: object) -> bool:
        return number in self._store

    def __getitem__(self, number: int) -> Row:
        if number not in self._store:
            raise KeyError(number)
        row: Row = orjson.loads(self._relink(self._store.encoded(number)))
        return row


class FakeForm(AssetLife):
    """A form on a `FakeKobo`; made by `add_form` and `load_form`."""

    def __init__(
        self,
        server: FakeKobo,
        asset: dict[str, Any],
        versions: list[dict[str, Any]],
        store: RowStore,
        generator: Generator,
        grants: Grants,
        loaded_origin: bytes | None = None,
    ) -> None:
        super().__init__(server, asset, versions, store, generator)
        self._stray = (asset["deployment__submission_count"] or 0) - len(store)
        self._loaded_origin = loaded_origin
        self.grants = grants
        grants.is_admin = lambda username: manages(server, username, grants.owner)
        self.exports: list[Export] = []
        self.paired: dict[str, dict[str, Any]] = {}

    @property
    def owner(self) -> str:
        """User name of the owner."""
        return self.grants.owner

    @property
    def form_version(self) -> str:
        """What the root element of a submission carries as `version`."""
        created = str(self._asset["date_created"])[:19].replace("T", " ")
        return f"{self._asset['version_count']} ({created})"

    @property
    def asset(self) -> dict[str, Any]:
        """The asset as `GET /api/v2/assets/{uid}/` answers its owner."""
        text = self.relink(orjson.dumps(self.seen_by(self.owner)))
        answer: dict[str, Any] = orjson.loads(text)
        return answer

    @property
    def rows(self) -> RowView:
        """The rows, read-only."""
        return RowView(self.store, self.relink)

    def relink(self, text: bytes, origin: str | None = None) -> bytes:
        """Put the server's origin into links.

        Rows that were loaded keep the origin they came with unless `public_url` is set: on a
        real server it is a setting too and not the host of the request (api-facts §3.4).
        """
        new = (origin or self._server.origin).encode()
        for old in self._origins():
            if old in text:
                text = text.replace(old, new)
        return text

    def _origins(self) -> tuple[bytes, ...]:
        if self._loaded_origin and self._server.public_url:
            return _BASE, self._loaded_origin
        return (_BASE,)

    def seen_by(self, username: str | None, *, superuser: bool = False) -> dict[str, Any]:
        """Return the asset for one user, links not yet filled in."""
        held = self.grants.of(username, superuser=superuser)
        rights = {*held, "delete_asset"} if username == self.owner or superuser else held
        types = self._asset["access_types"]
        if self.asset_type == "collection":
            types = access_types(self._server, self, username)
        return {
            **self._asset,
            "access_types": types,
            "deployment__submission_count": self._count_for(held),
            "status": self.grants.sharing,
            "permissions": self.grants.rendered(self.uid, username, held),
            "effective_permissions": [{"codename": name} for name in sorted(rights)],
        }

    def _count_for(self, held: set[str]) -> int | None:
        """Return the submission count; null without full `view_submissions` (models.md)."""
        count: int = len(self.store) + self._stray
        if VIEW_ROWS in held or not self.deployed:
            return count
        return 0 if PARTIAL in held and not count else None

    def share(
        self,
        username: str,
        permission: str = VIEW_ROWS,
        *,
        filters: Filters | None = None,
    ) -> None:
        """Give a user (or `AnonymousUser`) a permission and all it implies.

        With `filters`, Mongo queries of which one must match, the permission is
        `partial_submissions`.
        """
        before = self.holdings()
        self.grants.give(username, permission if filters is None else PARTIAL, filters)
        self.log_permissions(before, self.owner)

    def unshare(self, username: str) -> None:
        """Take all permissions from a user."""
        before = self.holdings()
        self.grants.take(username)
        self.log_permissions(before, self.owner)

    def hand_over(self, username: str, by: str | None) -> None:
        """Give the project to another owner; nobody else's permissions change."""
        self.grants.hand_over(username)
        self._asset |= {
            "owner": f"{BASE}/api/v2/users/{username}/",
            "owner__username": username,
            "owner_label": username,
        }
        self.log("transfer", by, username=username)

    def holdings(self) -> Holdings:
        """Return who holds what now."""
        return Holdings(self.grants.everyone(), self.grants.everyones_rows())

    def log_permissions(self, before: Holdings, by: str | None) -> None:
        """Write into the history whose permissions are other than before."""
        for action, metadata in permission_changes(before, self.holdings()):
            self.log(action, by, subtype="permission", **metadata)

    def can_view(self, username: str | None, *, superuser: bool = False) -> bool:
        """Tell whether a user sees the asset at all."""
        return VIEW in self.grants.of(username, superuser=superuser)

    def row_filters(
        self, username: str | None, *, superuser: bool = False, permission: str = VIEW_ROWS
    ) -> Filters | None:
        """Return the filters on the rows a user may treat so; [] = all rows, None = none.

        Library items have no row permissions: whoever sees them is told that they have no data.
        """
        held = self.grants.of(username, superuser=superuser)
        if permission in held or (VIEW in held and self._asset["asset_type"] in LIBRARY_TYPES):
            return []
        return self.grants.filters_of(username, permission) if PARTIAL in held else None
