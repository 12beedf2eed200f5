"""One form out of all versions."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.forms.content import read_form
from kobo_async.forms.schema import Choice, Form, Kind
from kobo_async.forms.versions import merged
from tests.forms.contents import listed, row, survey
from tests.forms.hostile import HOSTILE

SELECT = {"type": "select_one yn", "name": "a"}


def names(form: Form) -> list[str]:
    return [question.name for question in form.questions]


def test_older_questions_come_after_the_newest_in_the_order_of_the_servers_exports():
    """The same form as in the server's own test of the order (kobotoolbox/formpack)."""
    repeat = ("begin_repeat p", "text Fullname", "integer Age", "end_repeat")
    people = ("text Firstname", "text Lastname", "text Gender", "integer Age")
    newest = survey("begin_repeat p", *people, "end_repeat", "text City")
    form = merged([newest, survey(*repeat, "text City"), survey(*repeat)])
    tables = [[q.name for q in form.questions if q.repeat == repeat] for repeat in ("", "p")]
    assert tables == [["City"], ["Firstname", "Lastname", "Gender", "Age", "Fullname"]]


def test_questions_beyond_the_end_of_the_newest_form_come_before_those_in_its_midst():
    newest = survey("text one", "text third")
    older = survey("text other", "text third", "text fourth")
    assert names(merged([newest, older])) == ["one", "third", "fourth", "other"]


@pytest.mark.parametrize(
    ("new", "old", "kind"),
    [
        ("integer", "decimal", Kind.DECIMAL),
        ("decimal", "integer", Kind.DECIMAL),
        ("integer", "text", Kind.TEXT),
        ("date", "datetime", Kind.TEXT),
        ("geopoint", "geotrace", Kind.TEXT),
        ("select_one yn", "select_multiple yn", Kind.SELECT_MULTIPLE),
        ("rank yn", "select_one yn", Kind.SELECT_MULTIPLE),
        ("text", "select_multiple yn", Kind.TEXT),
        ("text", "calculate", Kind.TEXT),
        ("integer", "note", Kind.INTEGER),
        ("note", "integer", Kind.INTEGER),
    ],
)
def test_a_type_that_changed_takes_the_answers_of_both(new: str, old: str, kind: Kind):
    contents = [survey({"type": type_, "name": "a"}) for type_ in (new, old)]
    (question,) = merged(contents).questions
    assert question.kind is kind
    assert read_form(survey(row(f"{question.type} a"))).questions[0].kind is kind


@pytest.mark.parametrize("old", ["text a", "integer a", "select_one_from_file a"])
def test_choices_that_were_once_open_stay_open(old: str):
    (question,) = merged([survey(SELECT, choices=listed("yn", ["yes"])), survey(old)]).questions
    assert (question.kind, question.other) == (Kind.SELECT_ONE, True)


@pytest.mark.parametrize("listing", ["select_multiple l", "rank l"])
@pytest.mark.parametrize("filed", ["select_one_from_file", "select_multiple_from_file"])
def test_several_choices_of_a_list_and_once_of_a_file_are_open(listing: str, filed: str):
    newest = survey({"type": listing, "name": "q"}, choices=listed("l", ["a"]))
    older = survey(f"{filed} q")
    for versions in ([newest, older], [older, newest]):
        (question,) = merged(versions).questions
        assert (question.kind, question.other) == (Kind.SELECT_MULTIPLE, True)


def test_choices_of_all_versions_are_known_and_the_newest_labels_win():
    new = survey(SELECT, choices=listed("yn", ("yes", "maybe"), label=["new"]))
    old = survey(SELECT, choices=listed("yn", ("no", "yes"), label=["old"]))
    (question,) = merged([new, old]).questions
    assert question.choices == (
        Choice("no", ("old",)),
        Choice("yes", ("new",)),
        Choice("maybe", ("new",)),
    )


def test_labels_follow_their_languages():
    new = survey(row("text a", label=["a en", "a fr"]), translations=["en", "fr"])
    old = survey(
        row("text a", label=["alt fr", "alt de"]),
        row("begin_group g", label=["g fr"]),
        row("text b", label=["b fr", "b de"]),
        translations=["fr", "de"],
    )
    form = merged([new, old])
    assert form.languages == ("en", "fr", "de")
    assert [q.labels for q in form.questions] == [
        ("a en", "a fr", "alt de"),
        (None, "b fr", "b de"),
    ]
    assert form.groups["g"].labels == (None, "g fr", None)


def test_a_question_that_moved_is_another_one():
    form = merged([survey("begin_group g", "text a", "end_group"), survey("text a")])
    assert [question.path for question in form.questions] == ["g/a", "a"]


@pytest.mark.parametrize("kinds", [("group", "repeat"), ("repeat", "group")])
def test_a_group_that_was_or_became_a_repeat_is_both(kinds: tuple[str, str]):
    form = merged([survey(f"begin_{kind} g", "text a", f"end_{kind}") for kind in kinds])
    assert form.repeats == ("g",)
    assert {(q.repeat, q.path) for q in form.questions} == {("", "g/a"), ("g", "g/a")}


def test_a_question_that_became_a_repeat_is_still_known():
    form = merged([survey("begin_repeat a", "text b", "end_repeat"), survey("text a")])
    assert (form.repeats, names(form)) == (("a",), ["b", "a"])


def test_repeats_come_after_those_around_them():
    inner = ("begin_repeat s", "text b", "end_repeat")
    newest = survey("begin_group r", *inner, "end_group")
    form = merged([newest, survey("begin_repeat r", *inner, "end_repeat")])
    assert form.repeats == ("r", "r/s")


def test_no_versions_are_an_empty_form():
    assert merged([], "Empty") == Form("Empty")


@given(st.lists(HOSTILE, max_size=3))
def test_no_content_is_refused(contents: list[Any]):
    form = merged(contents)
    assert {question.repeat for question in form.questions} <= {"", *form.repeats}


def test_long_lists_that_many_questions_share_are_merged_in_no_time():
    asked = [{"type": "select_one yn", "name": f"q{number}"} for number in range(5000)]
    new, old = (listed("yn", map(str, range(size))) for size in (500, 600))
    before = time.process_time()
    form = merged([survey(*asked, choices=new), survey(*asked, choices=old)])
    assert {len(question.choices) for question in form.questions} == {600}
    assert time.process_time() - before < 5
