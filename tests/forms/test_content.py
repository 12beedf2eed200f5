"""Forms out of the contents of assets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from pyxform.xls2xform import convert

from kobo_async.forms.content import read_form
from kobo_async.forms.schema import Choice, Form, Kind, Question
from tests.forms.contents import listed, row, survey
from tests.forms.hostile import HOSTILE

YN = listed("yn", ("yes", "no"))


def paths(form: Form) -> list[str]:
    return [question.path for question in form.questions]


def only(content: dict[str, Any]) -> Question:
    (question,) = read_form(content).questions
    return question


def test_questions_stand_below_their_groups_in_the_order_of_the_form():
    content = survey(
        *("text a", "begin_group g", "text b", "begin_group h", "text c", "end_group"),
        *("text d", "end_group", "text e"),
    )
    assert paths(read_form(content)) == ["a", "g/b", "g/h/c", "g/d", "e"]


def test_a_question_knows_the_innermost_repeat_around_it():
    content = survey(
        *("begin_repeat r", "begin_group g", "begin_repeat s", "text a", "end_repeat"),
        *("text b", "end_group", "end_repeat", "text c"),
    )
    form = read_form(content)
    assert [(q.path, q.repeat) for q in form.questions] == [
        ("r/g/s/a", "r/g/s"),
        ("r/g/b", "r"),
        ("c", ""),
    ]
    assert form.repeats == ("r", "r/g/s")


def test_the_path_that_the_server_noted_down_counts():
    content = survey("begin_group g", row("text b", **{"$xpath": "g/x"}), "end_group")
    assert paths(read_form(content)) == ["g/x"]


def test_the_name_that_the_server_gave_counts():
    content = survey({"type": "text", "$autoname": "made", "name": ""}, row("note"))
    assert paths(read_form(content)) == ["made"]


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("integer", Kind.INTEGER),
        ("decimal", Kind.DECIMAL),
        ("acknowledge", Kind.BOOLEAN),
        ("trigger", Kind.BOOLEAN),
        ("dateTime", Kind.DATETIME),
        ("gps", Kind.GEOPOINT),
        ("start-geopoint", Kind.GEOPOINT),
        ("photo", Kind.MEDIA),
        ("background-audio", Kind.MEDIA),
        ("start", Kind.DATETIME),
        ("end", Kind.DATETIME),
        ("today", Kind.DATE),
        ("barcode", Kind.TEXT),
        ("rank", Kind.RANK),
        ("select_multiple_from_file x.csv", Kind.SELECT_MULTIPLE),
        ("brand_new_type", Kind.TEXT),
        (None, Kind.TEXT),
    ],
)
def test_every_type_has_its_kind_of_answers(type_: str, kind: Kind):
    assert only(survey({"type": type_, "name": "a"})).kind is kind


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        ("start=0;end=10;step=0.5", Kind.DECIMAL),
        ("start = 0 end = 10 step = 2", Kind.INTEGER),
        ("start=0, end=1.0, step=1", Kind.INTEGER),
        ({"start": 0, "end": 2.5}, Kind.DECIMAL),
        ({"end": 10}, Kind.INTEGER),
        (None, Kind.INTEGER),
        ("step=often", Kind.DECIMAL),
    ],
)
def test_a_range_is_whole_if_its_start_end_and_step_are(parameters: Any, kind: Kind):
    assert only(survey(row("range r", parameters=parameters))).kind is kind


@pytest.mark.parametrize(
    "columns",
    [
        {"type": "select_one", "select_from_list_name": "yn", "_or_other": True},
        {"type": "select_one yn or_other"},
        {"type": "select one from yn or specify other"},
        {"type": "select1  yn  or other"},
        {"type": "select_one_or_other yn"},
        {"type": "select_one_or_other", "select_from_list_name": "yn"},
        {"type": {"select_one_or_other": "yn"}},
    ],
)
def test_or_other_is_understood_in_every_spelling(columns: dict[str, Any]):
    question, other = read_form(survey({"name": "a", **columns}, choices=YN)).questions
    assert (question.type, question.other, other.path) == ("select_one", True, "a_other")
    assert [choice.name for choice in question.choices] == ["yes", "no", "other"]


def test_a_list_that_is_open_to_one_question_is_open_to_all():
    content = survey(
        {"type": "select_one yn", "name": "a"},
        {"type": "select_one yn or_other", "name": "b"},
        choices=YN,
    )
    assert read_form(content).questions[0].choices[-1] == Choice("other", ("Other",))


def test_choices_of_a_file_are_not_known():
    question = only(survey({"type": "select_one_from_file x.csv", "name": "a"}))
    assert (question.type, question.choices) == ("select_one_from_file", ())


def test_external_data_are_no_questions():
    assert not read_form(survey("xml-external x", "csv-external y")).questions


def test_an_audit_arrives_among_the_metadata():
    assert paths(read_form(survey("audit audit"))) == ["meta/audit"]


def test_two_questions_under_one_key_are_one_that_takes_the_answers_of_both():
    question = only(survey("integer a", "decimal a"))
    assert question.kind is Kind.DECIMAL


def test_a_score_is_a_group_of_choices():
    content = survey(
        row("begin_score s", **{"kobo--score-choices": "yn", "label": ["Score"], "$xpath": "s"}),
        row("score__row r", **{"$xpath": "s/r"}),
        "end_score",
        "text after",
        choices=YN,
    )
    header, scored, after = read_form(content).questions
    assert (header.path, header.labels, after.path) == ("s/s_header", ("Score",), "after")
    assert (scored.path, scored.type) == ("s/r", "select_one")
    assert [choice.name for choice in scored.choices] == ["yes", "no"]


def test_the_levels_of_a_ranking_arrive_inside_its_group():
    """`$xpath` leaves the ranking out; the deployed form does not."""
    content = survey(
        "begin_group g",
        row("begin_rank k", **{"kobo--rank-items": "yn", "$xpath": "g/k"}),
        row("rank__level first", **{"$xpath": "g/first"}),
        "end_rank",
        "end_group",
        choices=YN,
    )
    note, level = read_form(content).questions
    assert (note.path, level.path, level.type) == ("g/k/k_label", "g/k/first", "select_one")


def test_a_matrix_has_a_group_for_each_row_and_a_question_for_each_column():
    content = survey(
        row("begin_kobomatrix m", **{"kobo--matrix_list": "yn", "label": ["Items"]}),
        row("integer n", label=["How many"], **{"$xpath": "n"}),
        {"type": "select_one yn", "name": "q"},
        "end_kobomatrix",
        choices=YN,
    )
    form = read_form(content)
    assert paths(form) == [
        *("m_header/m_header_note", "m_header/m_header_n", "m_header/m_header_q"),
        *("m_yes/m_yes_note", "m_yes/m_yes_n", "m_yes/m_yes_q"),
        *("m_no/m_no_note", "m_no/m_no_n", "m_no/m_no_q"),
    ]
    number, choice = form.questions[4:6]
    assert (number.kind, number.labels) == (Kind.INTEGER, ("yes-How many",))
    assert [one.name for one in choice.choices] == ["yes", "no"]


@pytest.mark.parametrize("content", [None, [], {}, {"survey": None}, {"survey": [None, 1, []]}])
def test_what_is_no_content_is_an_empty_form(content: Any):
    assert read_form(content, "Empty") == Form("Empty")


@pytest.mark.parametrize(
    "content",
    [
        survey("end_group", "end_repeat", "text a"),
        survey({"type": "begin_group"}, "text a", "end_group", "end_group"),
        survey("text a", "begin_repeat r"),
        survey("text a", row("begin_kobomatrix m", **{"kobo--matrix_list": "none"})),
    ],
)
def test_groups_need_not_be_balanced(content: dict[str, Any]):
    assert "a" in paths(read_form(content))


@given(HOSTILE)
def test_no_content_is_refused(content: Any):
    form = read_form(content)
    assert all(question.repeat in ("", *form.repeats) for question in form.questions)


def test_ten_thousand_questions_and_a_thousand_groups_deep_are_read_in_no_time():
    depth = [f"begin_group g{number}" for number in range(1000)]
    wide = [f"integer q{number}" for number in range(10_000)]
    before = time.process_time()
    form = read_form(survey(*wide, *depth, "text a", *["end_group"] * 1000))
    assert len(form.questions) == len(wide) + 1
    assert form.questions[-1].path.count("/") == len(depth)
    assert time.process_time() - before < 5


@pytest.mark.parametrize("settings", [{"form_title": "Wells"}, [{"form_title": "Wells"}]])
def test_the_name_of_the_project_is_the_name_of_the_form_else_its_title(settings: Any):
    assert read_form({"settings": settings}).name == "Wells"
    assert read_form({"settings": settings}, "Project").name == "Project"


FOR_SERVER = survey(
    {"type": "select_one yn or_other", "name": "a", "label": "A"},
    {"type": "select_multiple yn", "name": "b", "label": "B"},
    {"type": "audit", "name": "audit"},
    {"type": "start-geopoint", "name": "s"},
    {"type": "background-audio", "name": "ba"},
    {"type": "xml-external", "name": "x"},
    {"type": "begin group", "name": "g", "label": "G"},
    {"type": "rank yn", "name": "k", "label": "K"},
    {"type": "begin lgroup", "name": "r", "label": "R", "repeat_count": "2 + 1"},
    {"type": "trigger", "name": "t", "label": "T"},
    {"type": "end lgroup", "name": ""},
    {"type": "end group", "name": ""},
    {"type": "note", "name": "n", "label": "N"},
    {"type": "calculate", "name": "c", "calculation": "1"},
    {"type": "begin_repeat", "name": "w", "label": "W", "repeat_count": "${c}"},
    {"type": "range", "name": "v", "label": "V"},
    {"type": "end_repeat", "name": ""},
    choices=listed("yn", ("yes", "no"), label="L"),
)


def test_answers_arrive_where_the_servers_own_compiler_puts_them():
    compiled = ET.fromstring(convert(FOR_SERVER).xform)  # noqa: S314 - made right here
    (root,) = [one for one in compiled.iter() if one.get("id") == "data"]
    assert set(leaves(root)) - {"meta/instanceID"} == set(paths(read_form(FOR_SERVER)))


def leaves(node: ET.Element, above: str = "") -> Iterator[str]:
    for child in node:
        path = f"{above}{child.tag.rpartition('}')[2]}"
        yield from leaves(child, f"{path}/") if len(child) else (path,)
