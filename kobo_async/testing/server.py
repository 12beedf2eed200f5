"""The fake server: its users, tokens, forms and settings."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kobo_async.testing.app import Receive, Scope, Send, answer
from kobo_async.testing.asset import AssetFacts, make_asset, make_version, stamp
from kobo_async.testing.clock import RealClock, Sleeper, wall_time
from kobo_async.testing.content import make_content, make_kuid
from kobo_async.testing.faults import Faults
from kobo_async.testing.form import FakeForm
from kobo_async.testing.generate import Generator
from kobo_async.testing.identity import UuidSequence, make_uid
from kobo_async.testing.load import read_form
from kobo_async.testing.managing import Managing
from kobo_async.testing.messages import RequestInfo, Seen
from kobo_async.testing.permissions import LIBRARY_TYPES, Grants
from kobo_async.testing.rowlife import RowLife
from kobo_async.testing.store import RowStore
from kobo_async.testing.users import User

_EDITS = 1 << 100


class FakeKobo(Managing):
    """A KoboToolbox server in memory: an ASGI application that answers as KPI does.

    It is as unkind as the real one: wrong parameters are ignored, clipped or crash, and links
    name whatever host the server believes in. How long imports and exports take, where hooks
    deliver to and the like is set by the attributes of `Managing`.

    Args:
        seed: makes tokens, uids, rows and random faults; the same seed gives the same server.
        clock: waits for latencies; anything with `async def sleep(seconds)`.
        now: the time of the server, for what happens while it runs.

    Attributes:
        username, password: the first account, an ordinary user; its token is `token`.
        max_page, default_page: page sizes, settings of a real server as well.
        public_url: origin of links in replies; None = the host of the request.
        bearer_tokens: valid OAuth2 access tokens and whose they are.
        latency: seconds before each answer, or a function of the request.
        skip_cost: seconds per row that `start` skips.
        enketo: whether Enketo can be reached, for links to edit and to view.
        over_limit: owners whose forms take no submissions, 402.
        capacity: answer 429 to requests beyond this many at the same time.
        capacity_retry_after: Retry-After of that 429; None = without.
        on_request: called before each request is answered.
        between_count_and_find: called after the data list has counted and before it reads.
        requests: what was answered.
    """

    def __init__(
        self,
        seed: int = 7,
        *,
        clock: Sleeper | None = None,
        now: Callable[[], datetime] = wall_time,
    ) -> None:
        super().__init__()
        self.clock: Sleeper = clock or RealClock()
        self.now = now
        self.lock = threading.RLock()
        self.max_page = 1000
        self.default_page = 100
        self.public_url: str | None = None
        self.bearer_tokens: dict[str, str] = {}
        self.latency: float | Callable[[RequestInfo], float] = 0.0
        self.skip_cost = 0.0
        self.enketo = True
        self.over_limit: set[str] = set()
        self.capacity: int | None = None
        self.capacity_retry_after: float | None = 1.0
        self.on_request: Callable[[RequestInfo], None] | None = None
        self.between_count_and_find: Callable[[], None] | None = None
        self.requests: list[Seen] = []
        self.users: dict[str, User] = {}
        self.last_base = "http://testserver"
        self.active = 0
        self._seed = seed
        self._chance = random.Random(f"{seed}/server")  # noqa: S311 - test data
        self.faults = Faults(random.Random(f"{seed}/faults"))  # noqa: S311 - test data
        self._uuids = UuidSequence(random.Random(f"{seed}/uuids"))  # noqa: S311 - test data
        self._edits = 0
        self._last_form = 0
        self._last_id = 0
        self._retired: set[int] = set()
        self.username = "alice"
        self.password = "alice-password"  # noqa: S105 - a fake account
        self.add_user(self.username, password=self.password)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection."""
        await answer(self, scope, receive, send)

    @property
    def token(self) -> str:
        """API token of the first account; '' after it was deleted."""
        return self.users[self.username].token or ""

    @property
    def origin(self) -> str:
        """Origin of links: `public_url`, or where the latest request was sent to."""
        return self.public_url or self.last_base

    def add_user(
        self, username: str, *, password: str | None = None, superuser: bool = False
    ) -> str:
        """Add an account and return its API token."""
        token = self.new_token()
        self.users[username] = User(
            username=username,
            password=password or f"{username}-password",
            token=token,
            superuser=superuser,
            uid=self.new_uid("u"),
            organization=self.new_uid("org"),
            joined=datetime(2023, 5, 17, 9, 30, tzinfo=UTC),
            details={
                "name": username.title(),
                "sector": "Humanitarian",
                "country": "FRA",
                "organization": "",
                "require_auth": True,
            },
        )
        return token

    def new_token(self) -> str:
        """Return a new API token."""
        return f"{self._chance.getrandbits(160):040x}"

    def new_hex(self) -> str:
        """Return what names a deployed form in submissions."""
        return f"{self._chance.getrandbits(128):032x}"

    def new_uid(self, prefix: str) -> str:
        """Return the uid of something new."""
        return make_uid(self._chance, prefix)

    def new_kuid(self) -> str:
        """Return the id of a row of a form."""
        return make_kuid(self._chance)

    def add_form(
        self,
        name: str,
        *,
        rows: int = 0,
        row_bytes: int | None = None,
        deployed: bool = True,
        owner: str | None = None,
        first_id: int | None = None,
        id_gaps: int = 0,
        content: dict[str, Any] | None = None,
        asset_type: str = "survey",
        uid: str | None = None,
    ) -> FakeForm:
        """Add a form with rows made from the seed.

        Args:
            name: name of the project.
            rows: number of submissions.
            row_bytes: size of a row as JSON, about; None = whatever the answers come to.
            deployed: False leaves a draft, which has no data.
            owner: user name; the first account by default.
            first_id: `_id` of the first row; by default the server goes on counting.
            id_gaps: up to this many ids between two rows belong to other forms.
            content: content of the form; by default a household survey with a group, a repeat,
                a photo and a point.
            asset_type: `survey`, or a library type, which is never deployed.
            uid: uid of the asset; made from the seed by default.
        """
        deployed = deployed and asset_type not in LIBRARY_TYPES
        if rows and not deployed:
            raise ValueError("only a deployed survey has rows")
        facts = AssetFacts(
            uid=uid or self.new_uid("a"),
            name=name,
            owner=owner or self.username,
            asset_type=asset_type,
            content=make_content(self._chance) if content is None else content,
            version_uid=self.new_uid("v"),
            form_uuid=self.new_hex(),
            created=self.now(),
            deployed=deployed,
        )
        version = make_version(facts)
        asset = make_asset(facts, version)
        generator = self.generator_for(asset, row_bytes)
        ids = self._take_ids(rows, first_id, id_gaps)
        generator.first_id = ids[0] if ids else 1
        asset["deployment__submission_count"] = rows
        if ids:
            last = generator.submitted_at(ids[-1])
            asset["deployment__last_submission_time"] = stamp(last)
        grants = Grants(facts.owner, self._chance, asset_type)
        versions = [] if asset_type == "collection" else [version]
        form = FakeForm(self, asset, versions, RowStore(ids, generator), generator, grants)
        self.forms[form.uid] = form
        return form

    def load_form(self, folder: Path) -> FakeForm:
        """Add a form of a real server: asset, versions, rows and files as the folder holds them.

        Contents of files are read from `files/` and `attachments/` below the folder, named by
        uid. Without them attachments are made from their uids, and files of the form are empty
        but keep the digest of the real ones.
        """
        loaded = read_form(folder)
        asset = loaded.asset
        owner = asset["owner__username"]
        if owner not in self.users:
            self.add_user(owner)
        grants = Grants(owner, self._chance, asset["asset_type"])
        for username, permission, uid, filters in loaded.assignments:
            grants.give(username, permission, filters)
            grants.remember(username, permission, uid)
        generator = self.generator_for(asset, None)
        store = RowStore((), generator)
        store.keep(loaded.rows)
        self._last_id = max(self._last_id, store.last)
        form = FakeForm(
            self, asset, loaded.versions, store, generator, grants, loaded.origin.encode()
        )
        form.history.keep(loaded.history)
        form.keep_files(loaded.files)
        form.files |= loaded.attachments
        self.forms[form.uid] = form
        return form

    def generator_for(self, asset: dict[str, Any], row_bytes: int | None = None) -> Generator:
        """Return what makes the rows of an asset."""
        facts = {
            "uid": asset["uid"],
            "owner": asset["owner__username"],
            "form_uuid": asset["deployment__uuid"] or "",
            "version": asset["version_id"],
        }
        seed = f"{self._seed}/{asset['uid']}"
        return Generator(asset["content"], facts, self._uuids, seed, row_bytes)

    def _take_ids(self, rows: int, first_id: int | None, id_gaps: int) -> range | list[int]:
        first = self._last_id + 1 if first_id is None else first_id
        if first < 1:
            raise ValueError("_id starts at 1")
        if not rows:
            self._last_id = max(self._last_id, first - 1)
            return []
        ids: range | list[int] = range(first, first + rows)
        if id_gaps:
            numbers = [first]
            for _ in range(rows - 1):
                numbers.append(numbers[-1] + 1 + self._chance.randrange(id_gaps + 1))
            ids = numbers
        self._last_id = max(self._last_id, ids[-1])
        return ids

    def next_id(self) -> int:
        """Return the next `_id`; all forms of a server share one sequence."""
        self._last_id += 1
        return self._last_id

    def next_form_number(self) -> int:
        """Return the number of a new form."""
        self._last_form += 1
        return self._last_form

    def retire_id(self, number: int) -> None:
        """Keep a deleted id from being used again."""
        self._retired.add(number)

    def free_id_below(self, form: RowLife) -> int:
        """Return the highest id under the form's highest that no row ever had."""
        store = form.store
        if store.last - store.first + 1 > len(store):
            for number in range(store.last - 1, store.first, -1):
                if number not in self._retired and not self._in_use(number):
                    return number
        raise ValueError(
            f"no _id is free inside {form.name!r}; add the form with id_gaps=1 or more"
        )

    def _in_use(self, number: int) -> bool:
        return any(number in form.store for form in self.forms.values())

    def new_uuid(self) -> str:
        """Return a uuid that no row was made with."""
        self._edits += 1
        return self._uuids.text(_EDITS + self._edits)
