"""Filled-in forms from a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kobo_async.testing import FakeForm, FakeKobo, Fault

from .running import Invoke, lines, rows

ONE = {"household/head_name": "Amina", "hh_size": 4, "members": [{"members/member_name": "Zoë"}]}


@pytest.fixture
def one(tmp_path: Path) -> str:
    return written(tmp_path / "one.json", ONE)


def written(path: Path, *rows: Any) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


def newest(form: FakeForm) -> dict[str, Any]:
    return form.rows[max(form.rows)]


def test_answers_are_submitted(invoke: Invoke, small: FakeForm, one: str):
    result = invoke("submit", small.uid, one)
    assert result.exit_code == 0
    ((instance_id, done, message),) = rows(result.stdout)
    assert (done, message) == ("yes", "")
    row = newest(small)
    assert row["meta/instanceID"] == instance_id
    assert row["members"] == [{"members/member_name": "Zoë"}]
    assert result.stderr == "1 of 1 submitted\n"


def test_the_same_file_again_stores_nothing(invoke: Invoke, small: FakeForm, one: str):
    first, second = invoke("submit", small.uid, one), invoke("submit", small.uid, one)
    assert len(small.rows) == 6
    assert rows(first.stdout)[0][0] == rows(second.stdout)[0][0]
    assert rows(second.stdout)[0][2] == "was there already"
    assert invoke("submit", small.uid, one, "--anew").exit_code == 0
    assert len(small.rows) == 7


def test_equal_lines_of_one_file_are_submissions_of_their_own(
    invoke: Invoke, small: FakeForm, tmp_path: Path
):
    file = written(tmp_path / "many.jsonl", ONE, ONE, {"hh_size": 3})
    result = invoke("submit", small.uid, file, "--json")
    assert [outcome["done"] for outcome in lines(result.stdout)] == [True] * 3
    assert len(small.rows) == 8
    invoke("submit", small.uid, file)
    assert len(small.rows) == 8


def test_what_was_there_already_is_told_of_each_of_many(
    invoke: Invoke, small: FakeForm, tmp_path: Path
):
    invoke("submit", small.uid, written(tmp_path / "some.jsonl", {"hh_size": 2}))
    file = written(tmp_path / "more.jsonl", {"hh_size": 2}, {"hh_size": 3})
    first, second = lines(invoke("submit", small.uid, file, "--json").stdout)
    assert (first["done"], first["duplicate"], first["message"]) == (
        True,
        True,
        "was there already",
    )
    assert (second["done"], second["duplicate"], second["message"]) == (True, False, "")
    assert len(small.rows) == 7


def test_an_id_of_ones_own_is_kept(invoke: Invoke, small: FakeForm, tmp_path: Path):
    file = written(tmp_path / "many.json", [ONE | {"meta/instanceID": "uuid:mine"}])
    assert rows(invoke("submit", small.uid, file).stdout)[0][0] == "uuid:mine"
    assert newest(small)["meta/instanceID"] == "uuid:mine"


def test_photos_go_with_the_answers_that_name_them(invoke: Invoke, small: FakeForm, tmp_path: Path):
    photos = [tmp_path / "roof.jpg", tmp_path / "well.jpg"]
    for photo in photos:
        photo.write_bytes(photo.name.encode())
    attached = [word for photo in photos for word in ("--attach", str(photo))]
    file = written(tmp_path / "many.jsonl", *({"photo": photo.name} for photo in photos))
    result = invoke("submit", small.uid, file, *attached)
    assert result.exit_code == 0, result.stderr
    *_, one, two = small.rows.values()
    for row in (one, two):
        assert [file["media_file_basename"] for file in row["_attachments"]] == [row["photo"]]


def test_a_photo_that_no_answer_names_is_not_sent(
    invoke: Invoke, small: FakeForm, one: str, tmp_path: Path
):
    photo = tmp_path / "roof.jpg"
    photo.write_bytes(b"x")
    result = invoke("submit", small.uid, one, "--attach", str(photo))
    assert result.exit_code == 2
    assert "roof.jpg" in result.stderr
    assert len(small.rows) == 5


def test_two_photos_of_one_name_are_refused(
    invoke: Invoke, small: FakeForm, one: str, tmp_path: Path
):
    photo = tmp_path / "roof.jpg"
    photo.write_bytes(b"x")
    result = invoke("submit", small.uid, one, "--attach", str(photo), "--attach", str(photo))
    assert result.exit_code == 2
    assert "same name" in result.stderr


def test_xml_goes_as_it_is_with_all_files(
    invoke: Invoke, fake: FakeKobo, small: FakeForm, tmp_path: Path
):
    uuid = small.asset["deployment__uuid"]
    file = tmp_path / "one.xml"
    file.write_text(
        f"<data id='{small.uid}'><formhub><uuid>{uuid}</uuid></formhub><photo>a&amp;b.jpg</photo>"
        "<meta><instanceID>uuid:x1</instanceID></meta></data>"
    )
    photo = tmp_path / "a&b.jpg"
    photo.write_bytes(b"x")
    result = invoke("submit", small.uid, str(file), "--attach", str(photo))
    assert result.exit_code == 0, result.stderr
    assert newest(small)["meta/instanceID"] == "uuid:x1"
    assert fake.requests[-1].path == "/submission"


def test_a_question_that_the_form_does_not_have_is_refused(
    invoke: Invoke, small: FakeForm, tmp_path: Path
):
    file = written(tmp_path / "one.json", {"household/headname": "Amina"})
    result = invoke("submit", small.uid, file)
    assert result.exit_code == 2
    assert "did you mean household/head_name?" in result.stderr
    assert len(small.rows) == 5
    assert invoke("submit", small.uid, file, "--unchecked").exit_code == 0
    assert len(small.rows) == 6


def test_one_of_many_that_names_an_unknown_question_stops_all(
    invoke: Invoke, small: FakeForm, tmp_path: Path
):
    file = written(tmp_path / "many.jsonl", {"hh_size": 2}, {"hhsize": 3})
    result = invoke("submit", small.uid, file)
    assert result.exit_code == 2
    assert "did you mean hh_size?" in result.stderr
    assert len(small.rows) == 5
    assert invoke("submit", small.uid, file, "--unchecked").exit_code == 0
    assert len(small.rows) == 7


def test_a_form_that_does_not_tell_its_paths_is_not_checked(
    invoke: Invoke, fake: FakeKobo, tmp_path: Path
):
    form = fake.add_form("Old", content={"survey": [{"type": "text", "$kuid": "k"}]})
    assert invoke("submit", form.uid, written(tmp_path / "x.json", {"b": "1"})).exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "a,b", ".jsonl or .xml"),
        ("a.json", "{", "a.json: not JSON"),
        ("a.jsonl", "{}\n\n{", "line 3: not JSON"),
        ("a.json", "[1]", "submission 1 is no object"),
        ("a.jsonl", "\n", "no submissions"),
    ],
)
def test_a_file_that_cannot_be_read_is_wrong_usage(
    invoke: Invoke, small: FakeForm, tmp_path: Path, name: str, text: str, said: str
):
    (tmp_path / name).write_text(text)
    result = invoke("submit", small.uid, str(tmp_path / name))
    assert result.exit_code == 2
    assert said in result.stderr


def test_one_of_many_that_fails_does_not_hold_up_the_others(
    invoke: Invoke, fake: FakeKobo, small: FakeForm, tmp_path: Path
):
    file = written(tmp_path / "many.jsonl", {"hh_size": 2}, {"hh_size": 3})
    fake.faults.add(Fault.status(400, match="POST /submission", times=1))
    result = invoke("submit", small.uid, file)
    assert result.exit_code == 1
    assert sorted(row[1] for row in rows(result.stdout)) == ["no", "yes"]
    assert result.stderr == "1 of 2 submitted\n"


def test_the_error_of_a_single_one_is_told_as_ever(invoke: Invoke, one: str):
    assert invoke("submit", "aNowhere", one).exit_code == 4


def test_a_dry_run_shows_the_submissions(invoke: Invoke, small: FakeForm, tmp_path: Path):
    file = written(tmp_path / "many.jsonl", ONE, {"hh_size": 3})
    result = invoke("submit", small.uid, file, "--dry-run", "--json")
    assert result.stderr == "dry run: 2 requests would be sent, none was\n"
    calls = lines(result.stdout)
    assert [call["path"] for call in calls] == ["/submission"] * 2
    assert "<head_name>Amina</head_name>" in calls[0]["files"][0]["text"]
    assert len(small.rows) == 5
