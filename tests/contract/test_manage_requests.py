"""Sharing, exports, hooks, logs, organizations, accounts: what is sent is what was recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kobo_async.models.export import ExportOptions
from kobo_async.models.permission import Grant
from kobo_async.resources.export_settings import ExportSettings
from kobo_async.resources.exports import Exports
from kobo_async.resources.history import History
from kobo_async.resources.hooks import Hooks
from kobo_async.resources.logs import Logs
from kobo_async.resources.me import Account
from kobo_async.resources.organizations import Organizations
from kobo_async.resources.ownership import Ownership
from kobo_async.resources.permissions import Permissions
from kobo_async.resources.users import Users
from tests.contract.conftest import Answering, recording, sent_as

pytestmark = pytest.mark.anyio

HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
SANDBOX = "aVB5xpwQqzShybUMDoAu2N"
EMPTY = "aw6d79mZJp5MQ7xXTAxwqz"
ORGANIZATION = "orgQu6QSFVNLgFmEF4YoQcwg"
LABELS: dict[str, Any] = {"lang": "English (en)", "hierarchy_in_labels": True}
NAMES: dict[str, Any] = {"lang": "_xml", "hierarchy_in_labels": True}
ORIGIN = "http://127.0.0.1:8900"

Send = Callable[[Answering], Awaitable[Any]]


def export(options: ExportOptions) -> Send:
    return lambda sender: Exports(sender).create(HOUSEHOLD, options=options)


def assign(user: str, permission: Any, **more: Any) -> Send:
    return lambda sender: Permissions(sender).assign(
        SANDBOX, user=user, permission=permission, **more
    )


def hook(**fields: Any) -> Send:
    return lambda sender: Hooks(sender).create(SANDBOX, **fields)


LOCAL = "http://127.0.0.1:8902"
FILTER = {"_submitted_by": {"$in": ["alice"]}, "q1": {"$in": ["answer 9", "answer 10"]}}
FAILING = "ha7r8W59jQnfCmh6viSu4H"
OK = "hNtWhJYjxc5iawgV2t3p9a"
INVITE = "poiGnfPcjgip3Ms33rDESUbt"

SENT: dict[str, Send] = {
    "export_post_xls": export(ExportOptions("xls", **LABELS)),
    "export_post_csv": export(ExportOptions("csv", **LABELS)),
    "export_post_kml": export(ExportOptions("kml", **NAMES)),
    "export_post_spss_labels": export(ExportOptions("spss_labels", **LABELS)),
    "export_post_query": export(ExportOptions("csv", query={"general/region": "north"}, **NAMES)),
    "export_post_query_ids": export(
        ExportOptions(
            "csv",
            fields=["hh_size", "general/region", "_id"],
            submission_ids=[1, 2],
            xls_types_as_text=False,
            include_media_url=True,
            **NAMES,
        )
    ),
    "export_csv_done": lambda sender: Exports(sender).get(HOUSEHOLD, "e5dKcaHAFvaqV5emXEqCiU"),
    "es_create_bool": lambda sender: ExportSettings(sender).create(
        HOUSEHOLD, name="boolean", options=ExportOptions("csv", lang="_xml", flatten=True)
    ),
    "es_patch": lambda sender: ExportSettings(sender).update(
        HOUSEHOLD, "esJACWj45pKs2bew3XUFbx6", name="Renamed"
    ),
    "perm_assign_relative_url": assign("bob", "add_submissions"),
    "perm_bulk_delete_username": lambda sender: Permissions(sender).remove_user(
        SANDBOX, username="bob"
    ),
    "hook_create_basic": hook(name="basic", endpoint=f"{LOCAL}/basic", username="u", password="p"),
    "hook_create_template": hook(
        name="tpl", endpoint=f"{LOCAL}/tpl", payload_template='{"wrapped": %SUBMISSION%}'
    ),
    "hook_patch": lambda sender: Hooks(sender).update(SANDBOX, OK, active=False, name="renamed"),
    "hook_retry_all": lambda sender: Hooks(sender).retry_all(SANDBOX, FAILING),
    "history_export": lambda sender: History(sender).export(HOUSEHOLD),
    "history_actions": lambda sender: History(sender).actions(HOUSEHOLD),
    "access_logs_me_export": lambda sender: Logs(sender).access_me_export(),
    "org_patch": lambda sender: Organizations(sender).update(
        ORGANIZATION, name="alice's organization"
    ),
    "org_member_alice": lambda sender: Organizations(sender).get_member(ORGANIZATION, "alice"),
    "ownership_invite_cancel": lambda sender: Ownership(sender).respond(INVITE, status="cancelled"),
    "users_bob": lambda sender: Users(sender).get("bob"),
    "me_patch": lambda sender: Account(sender).update(extra_details={"city": "Lyon"}),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_method_sends_what_was_recorded(name: str):
    one = recording(name)
    sender = Answering(one)
    await SENT[name](sender)
    sent_as(sender.call, one)


LINKED: dict[str, Send] = {
    "perm_assign": assign("bob", "view_submissions"),
    "perm_partial": assign("bob", "partial_submissions", filters={"view_submissions": [FILTER]}),
    "ownership_invite": lambda sender: Ownership(sender).transfer(recipient="bob", assets=[EMPTY]),
}


@pytest.mark.parametrize("name", LINKED)
async def test_names_become_links_without_a_host(name: str):
    one = recording(name)
    sender = Answering(one)
    await LINKED[name](sender)
    assert sender.call.json == _without_host(one.request["json"])


def _without_host(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_host(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_host(inner) for inner in value]
    return value.removeprefix(ORIGIN) if isinstance(value, str) else value


async def test_replacing_all_permissions_sends_the_recorded_list():
    one = recording("perm_bulk")
    sender = Answering(recording("perm_list"), one)
    grants = [Grant("bob", "change_submissions"), Grant("AnonymousUser", "view_asset")]
    rows = await Permissions(sender).replace_all(SANDBOX, grants=grants, expected=0)
    assert sender.calls[-1].json == _without_host(one.request["json"])
    assert {row.username for row in rows} == {"alice", "bob", "AnonymousUser"}


async def test_copying_permissions_sends_the_recorded_source():
    one = recording("perm_clone")
    sender = Answering([{"url": "/p/", "user": "/alice/", "permission": "/x/"}], one)
    await Permissions(sender).copy_from(EMPTY, source=SANDBOX, expected=0)
    sent_as(sender.calls[-1], one)


@pytest.mark.parametrize(("word", "number"), [("failed", 0), ("success", 2)])
async def test_states_of_deliveries_are_asked_for_by_number(word: Any, number: int):
    sender = Answering(recording("hook_logs_status"))
    await Hooks(sender).logs(SANDBOX, FAILING, status=word).all()
    assert sender.call.query == {"status": number, "limit": 1000}


async def test_actions_of_the_history_are_asked_for_as_recorded():
    one = recording("history_q")
    sender = Answering(one)
    await History(sender).list(HOUSEHOLD, actions=["deploy"], page_size=2).all()
    sent_as(sender.call.with_query(limit="2"), one)


async def test_a_synchronous_export_is_read_from_where_it_is_kept():
    one = recording("sync_data_format")
    sender = Answering(b"a;b\r\n")
    made = await Exports(sender).download_sync(HOUSEHOLD, "esJACWj45pKs2bew3XUFbx6", format="csv")
    assert made == b"a;b\r\n"
    sent_as(sender.call, one)
