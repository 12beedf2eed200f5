"""Who may do what, and how that changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke, lines, rows


@pytest.fixture(autouse=True)
def shared_form(fake: FakeKobo, small: FakeForm) -> FakeForm:
    for name in ("bob", "carol", "eve"):
        fake.add_user(name)
    small.share("eve")
    small.share("carol", filters=[{"_submitted_by": "carol"}])
    return small


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "team.toml"
    path.write_text('bob = ["validate_submissions"]\neve = []\n')
    return str(path)


def held(form: FakeForm, user: str) -> set[str]:
    return form.grants.everyone().get(user, set())


def test_everybody_is_shown(invoke: Invoke, small: FakeForm):
    assert rows(invoke("permissions", "show", small.uid).stdout) == [
        ["alice", "everything, as owner"],
        ["carol", "partial_submissions (view_submissions), view_asset"],
        ["eve", "view_asset, view_submissions"],
    ]


def test_json_holds_the_filters(invoke: Invoke, small: FakeForm):
    alice, carol, _ = lines(invoke("permissions", "show", small.uid, "--json").stdout)
    assert alice == {"user": "alice", "owner": True, "permissions": {}}
    filters = carol["permissions"]["partial_submissions"]
    assert filters == {"view_submissions": [{"_submitted_by": "carol"}]}


def test_who_does_not_manage_is_told_that_there_may_be_more(
    invoke: Invoke, fake: FakeKobo, small: FakeForm
):
    token = fake.users["eve"].token or ""
    result = invoke("permissions", "show", small.uid, KOBO_TOKEN=token)
    assert "does not manage" in result.stderr


def test_a_permission_is_given_and_taken(invoke: Invoke, small: FakeForm):
    given = invoke("permissions", "grant", small.uid, "bob", "view_submissions")
    assert (given.exit_code, given.stderr) == (0, "granted to bob: view_submissions\n")
    assert held(small, "bob") == {"view_asset", "view_submissions"}
    again = invoke("permissions", "grant", small.uid, "bob", "view_submissions")
    assert again.stderr == "bob holds them already\n"
    taken = invoke("permissions", "revoke", small.uid, "bob", "view_submissions", "--json")
    assert lines(taken.stdout) == [{"user": "bob", "revoked": "view_submissions"}]
    assert held(small, "bob") == {"view_asset"}
    assert held(small, "eve") == {"view_asset", "view_submissions"}


def test_everything_is_taken_when_asked_to(invoke: Invoke, small: FakeForm):
    assert invoke("permissions", "revoke", small.uid, "eve", "--all").exit_code == 0
    assert not held(small, "eve")


@pytest.mark.parametrize("what", [[], ["view_asset", "--all"], ["view_asset"], ["fly"]])
def test_a_revocation_says_just_what_goes(invoke: Invoke, small: FakeForm, what: list[str]):
    assert invoke("permissions", "revoke", small.uid, "eve", *what).exit_code == 2
    assert held(small, "eve") == {"view_asset", "view_submissions"}


def test_a_plan_changes_nothing(invoke: Invoke, small: FakeForm, file: str):
    result = invoke("permissions", "plan", small.uid, file)
    assert result.exit_code == 0
    changes = rows(result.stdout)
    assert changes[0] == ["give", "bob", "validate_submissions", ""]
    assert ["comes along", "bob", "view_asset", "with validate_submissions"] in changes
    assert ["take", "eve", "view_submissions", ""] in changes
    assert changes[-1] == ["loses everything", "eve", "", ""]
    assert held(small, "eve")
    (plan,) = lines(invoke("permissions", "plan", small.uid, file, "--json").stdout)
    assert plan["loses_everything"] == ["eve"]


def test_others_are_removed_only_when_asked_to(invoke: Invoke, small: FakeForm, file: str):
    (plan,) = lines(
        invoke("permissions", "plan", small.uid, file, "--remove-others", "--json").stdout
    )
    assert plan["loses_everything"] == ["carol", "eve"]


def test_filters_can_be_planned(invoke: Invoke, small: FakeForm, tmp_path: Path):
    path = tmp_path / "team.json"
    filters = {"view_submissions": [{"_submitted_by": "bob"}]}
    path.write_text(json.dumps({"bob": {"partial_submissions": filters, "add_submissions": True}}))
    result = invoke("permissions", "plan", small.uid, str(path))
    assert ["give", "bob", "partial_submissions", json.dumps(filters, separators=(",", ":"))] in (
        rows(result.stdout)
    )
    assert ["give", "bob", "add_submissions", ""] in rows(result.stdout)


def test_nobody_loses_everything_unasked(invoke: Invoke, small: FakeForm, file: str):
    result = invoke("permissions", "apply", small.uid, file)
    assert result.exit_code == 2
    assert "eve would lose everything" in result.stderr
    assert held(small, "eve")
    assert not held(small, "bob")


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(("says", "code"), [("y\n", 0), ("n\n", 1)])
def test_it_asks_where_somebody_loses_everything(
    invoke: Invoke, small: FakeForm, file: str, says: str, code: int
):
    result = invoke("permissions", "apply", small.uid, file, says=says)
    assert result.exit_code == code
    assert "eve will lose everything" in result.stderr
    assert bool(held(small, "eve")) is bool(code)


def test_a_plan_is_applied(invoke: Invoke, small: FakeForm, file: str):
    result = invoke("permissions", "apply", small.uid, file, "--yes")
    assert result.exit_code == 0, result.stderr
    users = dict(rows(result.stdout))
    assert users.keys() == {"alice", "bob", "carol"}
    assert held(small, "bob") == {"view_asset", "view_submissions", "validate_submissions"}


def test_a_dry_run_gives_and_takes_nothing(invoke: Invoke, small: FakeForm, file: str):
    result = invoke("permissions", "apply", small.uid, file, "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert {row[0] for row in rows(result.stdout)} == {"DELETE", "POST"}
    assert held(small, "eve")
    assert not held(small, "bob")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "x", "a.toml"),
        ("a.json", "{", "a.json"),
        ("a.json", "[]", "no users"),
        ("a.toml", 'bob = "view_asset"', "a list of permissions"),
        ("a.toml", 'bob = ["fly"]', "fly"),
        ("a.toml", 'nobody = ["view_asset"]', "nobody"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(
    invoke: Invoke, small: FakeForm, tmp_path: Path, name: str, text: str, said: str
):
    (tmp_path / name).write_text(text)
    result = invoke("permissions", "plan", small.uid, str(tmp_path / name))
    assert result.exit_code == 2
    assert said in result.stderr
