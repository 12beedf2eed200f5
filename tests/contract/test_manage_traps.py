"""Sharing, exports, hooks, logs, organizations, accounts: what would go wrong is not sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kobo_async.errors import QueryError
from kobo_async.models.export import ExportOptions
from kobo_async.models.permission import Grant
from kobo_async.resources.history import History
from kobo_async.resources.hooks import Hooks
from kobo_async.resources.languages import Languages
from kobo_async.resources.organizations import Organizations
from kobo_async.resources.ownership import Ownership
from kobo_async.resources.permissions import Permissions
from kobo_async.resources.project_views import ProjectViews
from kobo_async.resources.scim import Scim
from tests.contract.conftest import Answering, recording

SANDBOX = "aVB5xpwQqzShybUMDoAu2N"


def rows(*users: str) -> list[dict[str, str]]:
    return [
        {"url": f"/p{user}/", "user": f"/api/v2/users/{user}/", "permission": "/view_asset/"}
        for user in users
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"type": "xlsx"},
        {"type": "csv", "multiple_select": "x"},
        {"type": "csv", "fields_from_all_versions": "true"},
        {"type": "csv", "hierarchy_in_labels": "false"},
        {"type": "csv", "flatten": "true"},
        {"type": "csv", "hierarchy_in_labels": True, "group_sep": ""},
        {"type": "csv", "lang": ""},
        {"type": "csv", "fields": "hh_size"},
        {"type": "csv", "submission_ids": ["1"]},
        {"type": "csv", "submission_ids": [True]},
        {"type": "csv", "query": {"hh_size": {"$eq": "3"}}},
        {"type": "csv", "query": '{"a": 1}'},
        {"type": "kml", "flatten": True},
    ],
    ids=str,
)
def test_settings_that_an_export_cannot_have_are_refused(options: dict[str, Any]):
    with pytest.raises(QueryError):
        ExportOptions(**options)


def test_the_word_for_excel_is_told():
    with pytest.raises(QueryError, match="ask for xls"):
        ExportOptions("xlsx")  # type: ignore[arg-type]


def test_a_language_is_compared_with_those_of_the_form():
    languages = ["English (en)", "Français (fr)", None]
    ExportOptions("csv", lang="Français (fr)").check_lang(languages)
    ExportOptions("csv", lang="_xml").check_lang([])
    with pytest.raises(QueryError, match="Klingon"):
        ExportOptions("csv", lang="Klingon").check_lang(languages)


def test_the_six_mandatory_settings_are_always_sent():
    assert ExportOptions("csv").as_json().keys() == {
        "fields_from_all_versions",
        "group_sep",
        "hierarchy_in_labels",
        "lang",
        "multiple_select",
        "type",
    }


@pytest.mark.parametrize(
    ("user", "permission", "filters"),
    [
        ("", "view_asset", None),
        ("http://localhost/api/v2/users/bob/", "view_asset", None),
        ("bob", "partial_submissions", None),
        ("bob", "partial_submissions", {}),
        ("bob", "view_submissions", {"view_submissions": [{"a": "1"}]}),
        ("bob", "partial_submissions", {"view_submissions": []}),
        ("bob", "partial_submissions", {"view_submissions": [{}]}),
        ("bob", "partial_submissions", {"view_submissions": {"a": "1"}}),
        ("bob", "partial_submissions", {"view_submissions": [{"a": {"$eq": "1"}}]}),
    ],
)
def test_a_grant_that_means_something_else_is_refused(user: str, permission: Any, filters: Any):
    with pytest.raises(QueryError):
        Grant(user, permission, filters)


@pytest.mark.anyio
@pytest.mark.parametrize("expected", [0, 2])
async def test_permissions_are_not_replaced_when_others_lose_than_expected(expected: int):
    sender = Answering(rows("alice", "bob", "carol", "carol"))
    with pytest.raises(QueryError, match=r"but 1 would: alice, carol"):
        await Permissions(sender).replace_all(
            SANDBOX, grants=[Grant("bob", "view_asset")], expected=expected
        )
    assert [call.op.method for call in sender.calls] == ["GET"]


@pytest.mark.anyio
async def test_permissions_are_not_copied_over_more_users_than_expected():
    sender = Answering(rows("alice", "bob"))
    with pytest.raises(QueryError):
        await Permissions(sender).copy_from(SANDBOX, source="a1", expected=0)
    assert len(sender.calls) == 1


@pytest.mark.anyio
async def test_everybody_can_be_removed_by_saying_how_many_they_are():
    sender = Answering(rows("alice", "bob", "AnonymousUser"), recording("perm_bulk_empty"))
    await Permissions(sender).replace_all(SANDBOX, grants=[], expected=2)
    assert sender.calls[-1].json == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fields",
    [
        {"payload_template": '{"wrapped": 1}'},
        {"payload_template": "%SUBMISSION%", "export_type": "xml"},
        {"username": "u"},
        {"password": "p"},
        {"subset_fields": "q1"},
    ],
    ids=str,
)
async def test_a_hook_that_would_post_something_else_is_not_made(fields: dict[str, Any]):
    sender = Answering()
    with pytest.raises(QueryError):
        await Hooks(sender).create(SANDBOX, name="a", endpoint="https://x.org", **fields)
    with pytest.raises(QueryError):
        await Hooks(sender).update(SANDBOX, "h1", **fields)


@pytest.mark.anyio
async def test_times_need_a_zone():
    local = datetime(2026, 11, 21)  # noqa: DTZ001 - the mistake
    with pytest.raises(QueryError, match="zone"):
        Hooks(Answering()).logs(SANDBOX, "h1", since=local)
    with pytest.raises(QueryError, match="zone"):
        History(Answering()).changes(SANDBOX, since=local)


@pytest.mark.anyio
async def test_logs_since_and_until_a_time_are_asked_for_as_the_server_calls_them():
    sender = Answering(recording("hook_logs_status"))
    since, until = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
    await Hooks(sender).logs(SANDBOX, "h1", since=since, until=until).first()
    assert sender.call.query["start_date"] == "2026-11-21T00:00:00+00:00"
    assert sender.call.query["end_date"] == "2026-11-22T00:00:00+00:00"


@pytest.mark.anyio
async def test_changes_are_three_actions_since_a_time_in_quotes():
    sender = Answering(recording("sub_history"))
    since = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    await History(sender).changes(SANDBOX, since=since).first()
    assert sender.call.query["q"] == (
        "(action:add-submission OR action:modify-submission OR action:delete-submission)"
        ' AND date_created__gte:"2026-11-21T01:30:00Z"'
    )


@pytest.mark.parametrize("q", ["user_uid:u1", "submission:x", "(action:deploy OR foo:bar)"])
def test_unknown_fields_of_the_history_are_refused(q: str):
    with pytest.raises(QueryError, match="matches nothing"):
        History(Answering()).list(SANDBOX, q=q)


@pytest.mark.parametrize("actions", ["deploy", ["deploy OR 1"], ["Deploy"]])
def test_actions_are_a_list_of_names(actions: Any):
    with pytest.raises(QueryError):
        History(Answering()).list(SANDBOX, actions=actions)


def test_words_that_are_too_short_are_refused():
    with pytest.raises(QueryError):
        Languages(Answering()).list(q="f")
    with pytest.raises(QueryError):
        ProjectViews(Answering()).assets("pv1", q="a")
    with pytest.raises(QueryError):
        Organizations(Answering()).assets("org1", q="ab")


@pytest.mark.anyio
async def test_one_name_is_no_list_of_names():
    with pytest.raises(QueryError):
        await Organizations(Answering()).invite("org1", invitees="bob")
    with pytest.raises(QueryError):
        await Ownership(Answering()).transfer(recipient="bob", assets="a1")
    with pytest.raises(QueryError):
        await Ownership(Answering()).transfer(recipient="http://x/bob/", assets=["a1"])


@pytest.mark.anyio
async def test_lists_of_identity_providers_count_from_one():
    pages = [
        {"totalResults": 3, "startIndex": 1, "Resources": [{"id": "1"}, {"id": "2"}]},
        {"totalResults": 3, "startIndex": 3, "Resources": [{"id": "3"}]},
    ]
    sender = Answering(*pages)
    users = await Scim(sender).users("provider", page_size=2).all()
    assert [user.id for user in users] == ["1", "2", "3"]
    assert [call.query for call in sender.calls] == [
        {"count": 2, "startIndex": 1},
        {"count": 2, "startIndex": 3},
    ]
