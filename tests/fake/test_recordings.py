"""The fake server against recordings of a real one: same requests, same answers."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeKobo

from .comparing import differences

SHARED = Path(os.environ.get("KOBO_SHARED", Path(__file__).parents[3] / "shared"))
RECORDINGS = SHARED / "kpi" / "recordings"
DATA = SHARED / "kpi" / "data"
ORIGIN = "http://127.0.0.1:8900"
HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
SIMPLE = "amTgP85iY4GwuV8ren9dgJ"
SANDBOX = "aVB5xpwQqzShybUMDoAu2N"
DRAFT = "aediLo4xqzM2XAQmjgzokn"
COLLECTION = "aVfnohcLqHMvgRN24bv9Hi"
QUESTION = "a9UWnSaLLHxb58fdAQ69p7"
PASSING = "aLDaCLWWzKfFqQqJmYbCWd"

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")

IN_SCOPE = re.compile(
    r"""/token/? | /me/? | /nope/.* | /assets/ | /api/v1/.*
    | /api/v2/ ( nope/ | environment/ | assets(\.json)?/?
        | assets/(?!metadata|hash|minimal-list|bulk|counts)[^/.]+(\.json|\.xlsx)?/?
        | assets/[^/]+/versions/([^/.]+/)?
        | assets/[^/]+/data(\.\w+)?/?
        | assets/[^/]+/data/(?!bulk)[^/]+/?
        | assets/[^/]+/data/[^/]+/attachments/.*
        | assets/[^/]+/attachments/ )""",
    re.VERBOSE,
)
OTHER_METHODS = [
    "assets_noslash_post",
    "auth_no_token_post_asset",
    "data_post_list",
    "err_405",
    "err_405_delete_list",
    "or_submit_noslash_slash",
    "sub_patch",
    "sub_post",
    "sub_put",
    "token_post_token",
]


def read(name: str) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return recording


def in_scope(name: str) -> bool:
    request = read(name)["request"]
    return request["method"] in {"GET", "HEAD"} and bool(IN_SCOPE.fullmatch(request["path"]))


def names() -> list[str]:
    if not RECORDINGS.is_dir():
        return []
    found = [path.stem for path in RECORDINGS.glob("*.json") if in_scope(path.stem)]
    return sorted([*found, *OTHER_METHODS])


@pytest.fixture(scope="module")
def fake() -> FakeKobo:
    fake = FakeKobo()
    fake.add_user("bob")
    fake.add_user("admin", superuser=True)
    for folder in ("household", "simple", "sandbox", "empty"):
        form = fake.load_form(DATA / folder)
        form.raw_asset["date_modified"] = form.raw_asset["date_deployed"] = form.versions[-1][
            "date_modified"
        ]
    for name, uid, asset_type, seconds in (
        ("Draft form", DRAFT, "survey", "03.706263"),
        ("A library question", QUESTION, "question", "04.347458"),
        ("A collection", COLLECTION, "collection", "04.403627"),
    ):
        content = {"survey": [{"type": "text", "name": "q1", "$kuid": "k", "label": ["Q1"]}]}
        form = fake.add_form(name, uid=uid, asset_type=asset_type, deployed=False, content=content)
        form.raw_asset["date_modified"] = f"2026-11-21T00:15:{seconds}Z"
    return fake


def mark_deleted(fake: FakeKobo, *, deleted: bool) -> None:
    """The only attachment the recordings ask for was deleted in the end."""
    household = fake.forms[HOUSEHOLD]
    row = household.rows[1]
    row["_attachments"][0]["is_deleted"] = deleted
    household.store.put(row)


def share_with_anonymous(fake: FakeKobo) -> None:
    fake.forms[SANDBOX].share(ANONYMOUS)


def share_with_bob(fake: FakeKobo) -> None:
    fake.forms[SANDBOX].share("bob")
    fake.forms[SANDBOX].share("bob", "add_submissions")


def share_some_with_bob(fake: FakeKobo) -> None:
    fake.forms[SANDBOX].share("bob", filters=[{"q1": {"$in": ["answer 9", "answer 10"]}}])


def let_bob_add(fake: FakeKobo) -> None:
    fake.forms[SANDBOX].share("bob", "add_submissions")


def archive(fake: FakeKobo) -> None:
    fake.forms[SANDBOX].archive()


def unedit_first_row(fake: FakeKobo) -> None:
    household = fake.forms[HOUSEHOLD]
    root = household.rows[1]["meta/rootUuid"].removeprefix("uuid:")
    household.store.put({**household.rows[1], "_uuid": root})


def unedit_second_row(fake: FakeKobo) -> None:
    household = fake.forms[HOUSEHOLD]
    household.store.put({**household.rows[2], "general/region": "east"})


def approve_a_thousand(fake: FakeKobo) -> None:
    for number in list(fake.forms[SIMPLE].rows)[:1000]:
        fake.forms[SIMPLE].set_status(number, "validation_status_approved")


def add_draft(fake: FakeKobo) -> None:
    fake.add_form("Temp A", uid=PASSING, deployed=False)


def add_versioned(fake: FakeKobo) -> None:
    passing = fake.add_form("Temp A", uid=PASSING)
    passing.versions[0]["uid"] = "vvprMuhEWzTFqrzV3hdTH5"


def put_into_collection(fake: FakeKobo) -> None:
    parent = f"{ORIGIN}/api/v2/assets/aWuzsVEeNWZo9cvifzc5Ru/"
    fake.forms[QUESTION].raw_asset["parent"] = parent


MOMENTS: dict[str, Callable[[FakeKobo], None]] = {
    "asset_q_parent": put_into_collection,
    "att_after_delete": lambda fake: mark_deleted(fake, deleted=True),
    "bob_data_with_add_only": let_bob_add,
    "data_of_archived": archive,
    "data_of_draft": add_draft,
    "data_q_nin": unedit_second_row,
    "data_q_uuid": unedit_first_row,
    "data_q_validation_1000": approve_a_thousand,
    "perm_anon_asset": share_with_anonymous,
    "perm_anon_data": share_with_anonymous,
    "perm_bob_data": share_with_bob,
    "perm_bob_sees_asset": share_with_bob,
    "perm_partial_bob_data": share_some_with_bob,
    "version_404": add_versioned,
    "version_retrieve": add_versioned,
    "versions_list": add_versioned,
}
"""What has to be so while a recording is replayed."""


@contextmanager
def moment(fake: FakeKobo, name: str) -> Iterator[None]:
    """Bring the server into the state a recording was made in, and back."""
    sandbox = fake.forms[SANDBOX]
    mark_deleted(fake, deleted=False)
    MOMENTS.get(name, lambda _: None)(fake)
    try:
        yield
    finally:
        sandbox.unshare("bob")
        sandbox.unshare(ANONYMOUS)
        sandbox.unarchive()
        fake.forms.pop(PASSING, None)
        fake.forms[QUESTION].raw_asset["parent"] = None


def authorization(fake: FakeKobo, name: str, request: dict[str, Any]) -> str | None:
    if request.get("auth") == "basic":
        username = "alice@example.com" if "email" in name else "alice"
        password = "wrong" if "bad" in name else fake.password
        return "Basic " + b64encode(f"{username}:{password}".encode()).decode()
    recorded = request["headers"].get("Authorization")
    token = fake.users[request["user"] or "alice"].token
    assert token
    return recorded.replace("TOKEN", token) if recorded else None


async def replay(fake: FakeKobo, name: str) -> httpx.Response:
    request = read(name)["request"]
    headers = {key: value for key, value in request["headers"].items() if key != "Authorization"}
    header = authorization(fake, name, request)
    if header:
        headers["Authorization"] = header
    transport = httpx.ASGITransport(fake)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        return await client.request(
            request["method"], request["path"], params=request.get("params"), headers=headers
        )


@pytest.mark.anyio
@pytest.mark.parametrize("name", names())
async def test_the_fake_answers_as_the_real_server_did(fake: FakeKobo, name: str) -> None:
    recorded = read(name)["response"]
    with moment(fake, name):
        found = differences(name, recorded, await replay(fake, name))
    assert not found, found
