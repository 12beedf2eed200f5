"""The states a recorded server was in when it was asked to write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo
from kobo_async.testing.media import Medium

from .test_recordings import DATA, HOUSEHOLD, SANDBOX

PNG = b"\x89PNG"
APPROVED = "validation_status_approved"
State = Callable[[FakeKobo], None]


def form_of(fake: FakeKobo, path: str) -> FakeForm | None:
    match = re.match(r"/api/v2/assets/([^/]+)/", path)
    return fake.forms.get(match[1]) if match else None


def ensure_rows(form: FakeForm, wanted: Iterable[Any]) -> None:
    """Make rows that were deleted since, with these ids or uuids."""
    for one in wanted:
        text = str(one)
        if text.isdecimal() and int(text) not in form.rows:
            copy_row(form, int(text), None)
        elif "-" in text and form.store.find_uuid(text) is None:
            copy_row(form, max(form.rows) + 1, text)


def copy_row(form: FakeForm, number: int, uuid: str | None) -> None:
    uuid = uuid or f"00000000-0000-4000-8000-{number:012d}"
    row = orjson.loads(form.store.encoded(next(iter(form.rows))))
    row |= {"_id": number, "_uuid": uuid, "meta/instanceID": f"uuid:{uuid}"}
    form.store.put({**row, "meta/rootUuid": f"uuid:{uuid}"})


def share(username: str, permission: str, uid: str | None = None) -> State:
    def state(fake: FakeKobo) -> None:
        fake.forms[SANDBOX].share(username, permission)
        if uid:
            fake.forms[SANDBOX].grants.remember(username, permission, uid)

    return state


def status(number: int, uid: str | None) -> State:
    def state(fake: FakeKobo) -> None:
        ensure_rows(fake.forms[SANDBOX], [number])
        fake.forms[SANDBOX].set_status(number, uid)

    return state


def without_enketo(fake: FakeKobo) -> None:
    fake.enketo = False
    ensure_rows(fake.forms[SANDBOX], [28046])


def archived(fake: FakeKobo) -> None:
    fake.forms[SANDBOX].archive()


def attachment(*, deleted: bool) -> State:
    def state(fake: FakeKobo) -> None:
        household = fake.forms[HOUSEHOLD]
        row = household.rows[1]
        row["_attachments"][0]["is_deleted"] = deleted
        household.store.put(row)

    return state


def deployed(fake: FakeKobo) -> None:
    household = fake.forms[HOUSEHOLD]
    versions = dict.fromkeys(("latest_version_uid", "latest_deployed_version_uid"), "v")
    household.log("deploy", "alice", **versions)


def disconnected(fake: FakeKobo) -> None:
    source = {"fields": ["q1"], "source_uid": SANDBOX, "source_name": "Small sandbox form"}
    fake.forms[HOUSEHOLD].log("disconnect-project", "alice", **{"paired-data": source})


def disconnected_of_all(fake: FakeKobo) -> None:
    for folder in ("household", "sandbox"):
        fake.load_form(DATA / folder)
    disconnected(fake)


def in_lyon(fake: FakeKobo) -> None:
    fake.users["alice"].details["city"] = "Lyon"
    fake.users = {name: fake.users[name] for name in ("admin", "alice", "bob")}


def with_media(fake: FakeKobo) -> None:
    fake.forms[HOUSEHOLD].media = [
        Medium(2, "logo.png", "image/png", PNG),
        Medium(3, "logo2.png", "image/png", PNG),
        Medium(4, "remote.png", "image/png", redirect_url="http://127.0.0.1:8902/remote.png"),
        Medium(5, "remote2.png", "image/png", redirect_url="https://example.com/remote2.png"),
        Medium(6, "codes.csv", "text/csv", b"name,label\na,A\n"),
    ]


BOB_VIEWS = share("bob", "view_submissions", "pCz2rmbzQ5ApKvbjhbZLGk")
BOB_ADDS = share("bob", "add_submissions")
ALL_ADD = share(ANONYMOUS, "add_submissions", "p6wvismU74AuszWkuW6dEL")
STATES: dict[str, State] = {
    "project_history_logs_admin": disconnected_of_all,
    "att_bulk_delete": attachment(deleted=True),
    "att_delete_one": attachment(deleted=False),
    "history": disconnected,
    "history_q": deployed,
    "or_formList_archived": archived,
    "or_manifest_after_redeploy": with_media,
    **{f"or_media_{place}": with_media for place in range(5)},
    "or_formList_bob_allowed": BOB_ADDS,
    "or_formList_user_anon_allowed": ALL_ADD,
    "or_submit_anon_allowed_root": ALL_ADD,
    "or_submit_anon_allowed_userpath": ALL_ADD,
    "or_submit_archived_form": archived,
    "or_submit_bob_allowed": BOB_ADDS,
    "perm_anon_add_delete": ALL_ADD,
    "perm_bob_assign_forbidden": BOB_VIEWS,
    "perm_bob_bulk_forbidden": BOB_VIEWS,
    "perm_bob_delete_sub_forbidden": BOB_VIEWS,
    "perm_bob_removes_self": share("bob", "view_asset", "pw35Qx2t5yX8Den9aQWrLo"),
    "perm_bob_sees_perms": BOB_VIEWS,
    "perm_bob_val_forbidden": BOB_VIEWS,
    "perm_delete_owner": lambda fake: fake.forms[SANDBOX].grants.remember(
        "alice", "add_submissions", "pHTXcRE4PuvNyzckdGc4aF"
    ),
    "perm_delete_view_asset_implied": share("bob", "view_asset", "pUzYNqx2nrCrMuCsY8WYob"),
    "perm_get": BOB_VIEWS,
    "perm_list_after_assign": BOB_VIEWS,
    "perm_patch": BOB_VIEWS,
    "users_list_admin": in_lyon,
    "val_get": status(28041, APPROVED),
    "val_get_after_delete": status(28041, None),
    "val_get_none": status(28041, None),
    "vals_get_after_bad_uid": status(28047, None),
    "vals_get_after_delete_uid": status(28050, APPROVED),
    "vals_get_after_delete_uid_empty": status(28041, None),
    "vals_get_after_uid_empty": status(28048, None),
    "vals_get_after_uid_null": status(28049, None),
    **{
        f"enketo_{name}_no_enketo": without_enketo
        for name in ("edit", "legacy_edit", "redirect_edit", "view")
    },
}
