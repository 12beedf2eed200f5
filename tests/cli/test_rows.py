"""Editing, validating and deleting submissions."""

from __future__ import annotations

import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke, lines, rows

SOUTH = '{"household/region": "south"}'


def first(form: FakeForm) -> int:
    return min(form.rows)


def test_an_answer_is_changed(invoke: Invoke, small: FakeForm):
    number = first(small)
    result = invoke("edit", small.uid, str(number), "hh_size=9", "comment=")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"edited {number}\n"
    assert small.rows[number]["hh_size"] == "9"
    assert "comment" not in small.rows[number]


def test_an_edit_can_be_told_as_json(invoke: Invoke, small: FakeForm):
    number = first(small)
    uuid = small.rows[number]["meta/rootUuid"]
    (told,) = lines(invoke("edit", small.uid, uuid, "hh_size=9", "--json").stdout)
    assert (told["id"], told["edited"]) == (uuid, ["hh_size"])
    assert told["instance_id"] == small.rows[number]["meta/instanceID"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["hh_size"], "no PATH=VALUE"),
        (["hh_size=1", "hh_size=2"], "twice"),
        (["hhsize=1"], "did you mean hh_size?"),
        (["members[1]/member_nam=x"], "members/member_name"),
        (["_id=1", "--unchecked"], "kept by the server"),
    ],
)
def test_an_edit_that_cannot_be_meant_is_refused(
    invoke: Invoke, fake: FakeKobo, small: FakeForm, change: list[str], said: str
):
    result = invoke("edit", small.uid, str(first(small)), *change)
    assert result.exit_code == 2
    assert said in result.stderr
    assert {seen.method for seen in fake.requests} <= {"GET"}


def test_an_edit_on_paper_shows_the_whole_document(invoke: Invoke, small: FakeForm):
    arguments = ("edit", small.uid, str(first(small)), "hh_size=9", "--dry-run")
    (call,) = lines(invoke(*arguments, "--json").stdout)
    assert "<hh_size>9</hh_size>" in call["files"][0]["text"]
    assert "submission.xml (" in rows(invoke(*arguments).stdout)[0][3]


def test_statuses_are_set_and_what_is_missing_is_named(invoke: Invoke, small: FakeForm):
    one, two, *_ = small.rows
    result = invoke("validate", small.uid, "on-hold", str(one), str(two), "999999")
    assert result.exit_code == 1
    assert [row[:2] for row in rows(result.stdout)] == [
        [str(one), "yes"],
        [str(two), "yes"],
        ["999999", "no"],
    ]
    assert result.stderr == "2 of 3 validated as on-hold\n"
    assert small.rows[one]["_validation_status"]["uid"] == "validation_status_on_hold"


def test_statuses_are_taken_away_by_a_query(invoke: Invoke, small: FakeForm):
    number = first(small)
    small.set_status(number, "validation_status_approved")
    query = '{"_validation_status.uid": "validation_status_approved"}'
    result = invoke("validate", small.uid, "none", "--where", query, "--json")
    assert lines(result.stdout) == [{"id": number, "done": True, "message": ""}]
    assert not small.rows[number]["_validation_status"]
    assert invoke("validate", small.uid, "none", "--where", query).exit_code == 0


@pytest.mark.parametrize(
    "which", [[], ["1", "--where", SOUTH], ["--where", "{}"], ["--where", "x"], ["--where", "[]"]]
)
@pytest.mark.parametrize("command", [("delete", "--expect", "1"), ("validate", "approved")])
def test_submissions_are_named_in_just_one_way(
    invoke: Invoke, small: FakeForm, command: tuple[str, ...], which: list[str]
):
    name, *options = command
    result = invoke(name, small.uid, *options, *which)
    assert result.exit_code == 2
    assert len(small.rows) == 5


def test_nothing_is_deleted_where_nobody_can_be_asked(invoke: Invoke, small: FakeForm):
    result = invoke("delete", small.uid, "--all", says="y\n")
    assert result.exit_code == 2
    assert "--expect" in result.stderr
    assert len(small.rows) == 5


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(("says", "code", "left"), [("y\n", 0, 3), ("n\n", 1, 5), ("", 1, 5)])
def test_it_asks_before_it_deletes(
    invoke: Invoke, small: FakeForm, says: str, code: int, left: int
):
    one, two, *_ = small.rows
    result = invoke("delete", small.uid, str(one), str(two), str(two), says=says)
    assert result.exit_code == code
    assert f"Delete 2 submissions of 'Wells' ({small.uid}) for good?" in result.stderr
    assert len(small.rows) == left


@pytest.mark.usefixtures("person")
def test_where_there_is_nothing_it_does_not_ask(invoke: Invoke, small: FakeForm):
    result = invoke("delete", small.uid, "--where", '{"hh_size": "none"}')
    assert (result.exit_code, result.stderr) == (0, "deleted 0 submissions\n")


@pytest.mark.parametrize("which", [["--all"], ["--where", '{"_id": {"$gt": 0}}']])
def test_as_many_as_expected_are_deleted(invoke: Invoke, small: FakeForm, which: list[str]):
    refused = invoke("delete", small.uid, *which, "--expect", "4")
    assert refused.exit_code == 2
    assert "nothing deleted" in refused.stderr
    assert len(small.rows) == 5
    (told,) = lines(invoke("delete", small.uid, *which, "--expect", "5", "--json").stdout)
    assert told == {"deleted": 5}
    assert not small.rows


def test_ids_that_are_gone_are_not_counted(invoke: Invoke, small: FakeForm):
    one, *_ = small.rows
    assert invoke("delete", small.uid, str(one), "999999", "--expect", "2").exit_code == 2
    assert invoke("delete", small.uid, str(one), "999999", "--expect", "1").exit_code == 0
    assert len(small.rows) == 4


@pytest.mark.parametrize("expect", [[], ["--expect", "5"]])
def test_a_dry_run_deletes_nothing_and_does_not_ask(
    invoke: Invoke, small: FakeForm, expect: list[str]
):
    result = invoke("delete", small.uid, "--all", *expect, "--dry-run")
    ((method, path, query, body),) = rows(result.stdout)
    assert (method, query) == ("DELETE", "")
    assert path == f"/api/v2/assets/{small.uid}/data/bulk/"
    assert body == f'{{"payload":{{"query":{{"_id":{{"$lte":{max(small.rows)}}}}}}}}}'
    assert len(small.rows) == 5
