"""One form of the fake server and the life of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from kobo_async.testing.asset import stamp
from kobo_async.testing.generate import BASE, Generator, geolocation
from kobo_async.testing.permissions import LIBRARY_TYPES, PARTIAL, VIEW, VIEW_ROWS, Filters, Grants
from kobo_async.testing.store import Row, RowStore

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

_BASE: Final = BASE.encode()
STATUSES: Final = {
    "validation_status_approved": "Approved",
    "validation_status_not_approved": "Not Approved",
    "validation_status_on_hold": "On Hold",
}


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


class FakeForm:
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
        self._server = server
        self._asset = asset
        self._generator = generator
        self._stray = (asset["deployment__submission_count"] or 0) - len(store)
        self._loaded_origin = loaded_origin
        self.versions = versions
        self.store = store
        self.grants = grants

    @property
    def uid(self) -> str:
        """Uid of the asset."""
        return str(self._asset["uid"])

    @property
    def name(self) -> str:
        """Name of the project."""
        return str(self._asset["name"])

    @property
    def owner(self) -> str:
        """User name of the owner."""
        return self.grants.owner

    @property
    def content(self) -> dict[str, Any]:
        """Content of the form."""
        return dict(self._asset["content"])

    @property
    def deployed(self) -> bool:
        """Whether there is data to ask for; archived forms still have theirs."""
        return bool(self._asset["has_deployment"])

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
        return {
            **self._asset,
            "deployment__submission_count": self._count_for(held),
            "permissions": self.grants.rendered(self.uid, username, held),
            "effective_permissions": [{"codename": name} for name in sorted(rights)],
        }

    def _count_for(self, held: set[str]) -> int | None:
        """Return the submission count; null without full `view_submissions` (models.md)."""
        count: int = len(self.store) + self._stray
        if VIEW_ROWS in held or not self.deployed:
            return count
        return 0 if PARTIAL in held and not count else None

    def insert(self, n: int = 1, *, below: bool = False) -> list[int]:
        """Add rows submitted now and return their ids.

        Args:
            n: number of rows.
            below: use ids under the highest one, as when a slow upload becomes visible late.

        Raises:
            ValueError: if no id is free there; make the form with `id_gaps`.
        """
        with self._server.lock:
            return [self._insert_one(below=below) for _ in range(n)]

    def _insert_one(self, *, below: bool) -> int:
        number = self._server.free_id_below(self) if below else self._server.next_id()
        now = self._server.now()
        self.store.put(orjson.loads(self._generator.made(number, now)))
        self._asset["deployment__last_submission_time"] = stamp(now)
        return number

    def edit(self, number: int, /, **answers: object) -> str:
        """Change answers of a row and return its new `_uuid`; None removes an answer.

        Question paths with slashes are passed as `**{"group/question": "x"}`. Unknown questions
        are stored without complaint, as on a real server (observed §5).
        """
        with self._server.lock:
            row = self.store[number]
            for path, value in answers.items():
                if value is None:
                    row.pop(path, None)
                else:
                    row[path] = value if isinstance(value, str | list) else str(value)
            uuid = self._server.new_uuid()
            row["meta/deprecatedID"] = row["meta/instanceID"]
            row["meta/instanceID"] = f"uuid:{uuid}"
            row["_uuid"] = uuid
            row["_geolocation"] = geolocation(self._asset["content"], row)
            self.store.put(row)
            return uuid

    def delete(self, number: int) -> None:
        """Delete a row for good; its id is never used again."""
        with self._server.lock:
            self.store.remove(number)
            self._server.retire_id(number)

    def set_status(self, number: int, status: str | None, *, by: str | None = None) -> None:
        """Set or clear the validation status of a row; nothing else about the row changes."""
        value: dict[str, Any] = {}
        if status is not None:
            label = STATUSES[status]
            when = int(self._server.now().timestamp())
            value = {"timestamp": when, "uid": status, "by_whom": by or self.owner, "label": label}
        with self._server.lock:
            self.store.put({**self.store[number], "_validation_status": value})

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
        self.grants.give(username, permission if filters is None else PARTIAL, filters)

    def unshare(self, username: str) -> None:
        """Take all permissions from a user."""
        self.grants.take(username)

    def archive(self) -> None:
        """Archive the form; its data stays readable (observed §4)."""
        self._activate(active=False)

    def unarchive(self) -> None:
        """Undo `archive`."""
        self._activate(active=True)

    def _activate(self, *, active: bool) -> None:
        if self.deployed and self._asset["deployment__active"] is not active:
            self._asset["deployment__active"] = active
            self._asset["deployment_status"] = "deployed" if active else "archived"
            self._asset["date_modified"] = stamp(self._server.now())

    def can_view(self, username: str | None, *, superuser: bool = False) -> bool:
        """Tell whether a user sees the asset at all."""
        return VIEW in self.grants.of(username, superuser=superuser)

    def row_filters(self, username: str | None, *, superuser: bool = False) -> Filters | None:
        """Return the filters on the rows a user may see; [] = all rows, None = no access.

        Library items have no row permissions: whoever sees them is told that they have no data.
        """
        held = self.grants.of(username, superuser=superuser)
        if VIEW_ROWS in held or (VIEW in held and self._asset["asset_type"] in LIBRARY_TYPES):
            return []
        return self.grants.filters_of(username) if PARTIAL in held else None
