"""Sharing, exports, hooks, logs, organizations, accounts: what the server sent is understood."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

from kobo_async.call import Op, Paging
from kobo_async.errors import ApiError, BadRequest, Conflict, NotFound, ServerBusy, ServerError
from kobo_async.models.convert import structure, unstructure
from kobo_async.models.export import ExportOptions
from kobo_async.models.hook import HookRetry
from kobo_async.resources import (
    billing,
    export_settings,
    exports,
    history,
    hooks,
    languages,
    logs,
    me,
    organizations,
    ownership,
    permissions,
    project_views,
    scim,
    terms,
    usage,
    users,
)
from tests.contract.conftest import (
    SHARED,
    Answering,
    Recording,
    _template,
    is_error,
    is_readable,
    items_of,
    judged,
    recording,
    recordings_of,
    same,
)

MODULES: Mapping[str, ModuleType] = {
    "exports": exports,
    "export_settings": export_settings,
    "permissions": permissions,
    "hooks": hooks,
    "history": history,
    "logs": logs,
    "organizations": organizations,
    "project_views": project_views,
    "ownership": ownership,
    "usage": usage,
    "users": users,
    "me": me,
    "languages": languages,
    "tos": terms,
    "scim": scim,
    "stripe": billing,
}


def ops_of(module: ModuleType) -> list[Op[Any]]:
    return [value for value in vars(module).values() if isinstance(value, Op)]


OPS = {(op.method, op.path): op for module in MODULES.values() for op in ops_of(module)}
PAIRS = [(OPS[one.method, _template(one)], one) for one in recordings_of(*OPS.values())]
SUCCESSES = [
    pytest.param(op, one, id=one.name) for op, one in PAIRS if one.is_json and not is_error(op, one)
]
ERRORS = [pytest.param(op, one, id=one.name) for op, one in PAIRS if is_error(op, one)]


@pytest.mark.parametrize(("op", "one"), SUCCESSES)
def test_a_success_becomes_a_model_and_the_same_json_again(op: Op[Any], one: Recording):
    for item in items_of(op, one):
        assert same(unstructure(structure(item, op.result)), item)


@pytest.mark.parametrize(("op", "one"), SUCCESSES)
def test_nothing_of_a_success_is_unknown_to_its_model(op: Op[Any], one: Recording):
    for item in items_of(op, one):
        assert not getattr(structure(item, op.result), "extra", {})


@pytest.mark.parametrize(("op", "one"), ERRORS)
def test_an_error_says_in_one_line_what_is_wrong(op: Op[Any], one: Recording):
    error = judged(op, one)
    assert isinstance(error, ApiError)
    assert is_readable(str(error))
    assert error.message != "no explanation"


@pytest.mark.parametrize(
    ("op", "name", "kind", "said"),
    [
        (exports.CREATE, "export_post_xlsx", BadRequest, "Must be either 'csv'"),
        (exports.CREATE, "perm_anon_export2", ServerBusy, "retry in 2099 seconds"),
        (exports.GET, "export_get_deleted", NotFound, "SubmissionExportTask"),
        (export_settings.CREATE, "es_create_dup_name", ServerError, ""),
        (permissions.REVOKE, "perm_delete_owner", Conflict, "Owner's permissions"),
        (permissions.ASSIGN, "perm_assign_owner", BadRequest, "Owner's permissions"),
        (hooks.RETRY_LOG, "hook_log_retry", BadRequest, "already been processed"),
        (users.REPORTS, "user_reports_admin", ServerBusy, "materialized view"),
    ],
)
def test_an_error_has_the_class_of_what_went_wrong(
    op: Op[Any], name: str, kind: type[ApiError], said: str
):
    error = judged(op, recording(name))
    assert isinstance(error, kind)
    assert said in str(error)


@pytest.mark.anyio
async def test_an_error_page_for_a_name_that_exists_says_what_it_means():
    sender = Answering(recording("es_create_dup_name"))
    with pytest.raises(ServerError) as raised:
        await export_settings.ExportSettings(sender).create(
            "a1", name="My settings", options=ExportOptions("csv")
        )
    assert "a name that the project has already" in raised.value.__notes__[0]


@pytest.mark.anyio
async def test_a_retry_of_nothing_is_a_success():
    sender = Answering(recording("hook_retry_none"))
    assert await hooks.Hooks(sender).retry_all("a1", "h1") == HookRetry()


@pytest.mark.anyio
async def test_a_retry_tells_which_deliveries_to_watch():
    sender = Answering(recording("hook_retry_all"))
    retry = await hooks.Hooks(sender).retry_all("a1", "h1")
    assert retry.pending_uids == ["hlw8uhckyMJtMYrojuCxyG2"]


def test_passwords_headers_and_addresses_stay_out_of_reprs():
    hook = judged(hooks.CREATE, recording("hook_create_basic"))
    secret = {**hook, "settings": {"username": "u", "password": "s3cret", "custom_headers": {}}}
    assert "s3cret" not in repr(structure(secret, hooks.GET.result))
    member = judged(organizations.GET_MEMBER, recording("org_member_alice"))
    shown = repr(structure(member, organizations.GET_MEMBER.result))
    assert "alice@example.com" not in shown
    assert "Alice" not in shown


def test_an_assignment_knows_its_plain_names():
    row = structure(judged(permissions.ASSIGN, recording("perm_assign")), permissions.ASSIGN.result)
    assert (row.uid, row.username, row.codename) == (
        "pCz2rmbzQ5ApKvbjhbZLGk",
        "bob",
        "view_submissions",
    )


def test_a_partial_permission_knows_what_it_covers():
    rows = [
        structure(item, permissions.LIST_ASSIGNMENTS.result)
        for item in items_of(permissions.LIST_ASSIGNMENTS, recording("perm_partial_list"))
    ]
    (partial,) = [row for row in rows if row.partial_permissions]
    assert partial.codename == "partial_submissions"
    assert "view_submissions" in {one.codename for one in partial.partial_permissions}


def test_an_entry_of_the_history_names_the_submission():
    items = items_of(history.LIST, recording("sub_history"))
    entry = structure(items[0], history.LIST.result)
    assert entry.root_uuid == "5c7a4c37-1f00-4ec6-890e-cffde6d894ef"


@pytest.mark.parametrize("group", MODULES)
def test_the_table_of_operations_is_kept_line_by_line(group: str):
    rows = _rows(group)
    found = {(op.method, op.path): op for op in ops_of(MODULES[group])}
    assert found.keys() == rows.keys()
    for key, row in rows.items():
        op = found[key]
        assert op.repeatable is (row["idempotent_safe_to_retry"][0] == "y"), key
        if "no count" in row["pagination"]:
            assert op.paging is Paging.UNCOUNTED, key
        elif row["pagination"] != "none":
            assert op.paging is Paging.COUNTED, key
        elif "bare array" not in row["response"]:
            assert op.paging is Paging.NONE, key


def _rows(group: str) -> Mapping[tuple[str, str], Mapping[str, str]]:
    table = SHARED / "operations.csv"
    if not table.exists():
        pytest.skip("no table of operations; KOBO_SHARED names its folder")
    with table.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["group"] == group]
    return {(row["method"], row["path"]): row for row in rows}
