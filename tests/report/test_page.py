"""The page of a summary, as text."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.forms.columns import TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.report import wording
from kobo_async.report.facts import Days, Facts, Places, Span, Texts
from kobo_async.report.markup import Html, inert, joined, tag
from kobo_async.report.page import page
from kobo_async.report.summary import Summary

MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = MADE.date()


def summarised(content: dict, *rows: dict) -> Facts:
    layout = lay_out(read_form(content, "Wells"), TableOptions(select_multiple="list"))
    tabulator, summary = Tabulator(layout), Summary(layout)
    summary.add(tabulator.add([{"_id": place, **row} for place, row in enumerate(rows, 1)]))
    return summary.facts(tabulator.bad.count)


@given(st.text())
def test_text_is_escaped_wherever_it_goes(text: str):
    made = tag("p", text, title=text)
    assert made.count("<") == 2
    assert made.count('"') == 2
    assert joined(text, Html("<br>")).endswith("<br>")


@given(
    st.recursive(
        st.text() | st.integers(0, 9),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_nothing_ends_the_json_of_a_page(value: object):
    text = inert(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_attributes_are_left_out_or_stand_alone():
    assert (
        tag("a", class_=None, hidden=True, open=False, tabindex=0) == '<a hidden tabindex="0"></a>'
    )


def test_the_policy_allows_the_programs_of_the_page_and_nothing_else():
    text = page(summarised({"survey": []}), MADE)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    programs = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [b64encode(sha256(one.encode()).digest()).decode() for one in programs]
    assert len(programs) == 2
    assert policy.startswith("default-src &#x27;none&#x27;; script-src &#x27;sha256-")
    assert re.findall(r"sha256-([^&']+)", policy) == hashes
    assert "unsafe-eval" not in policy


def test_a_page_names_no_address_outside_of_its_drawing_program():
    text = page(summarised({"survey": []}), MADE)
    ours = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"(?:https?:)?//[a-z]", ours)


def test_a_form_without_questions_or_rows_has_a_page():
    assert "No submissions yet" in page(summarised({"survey": []}), MADE)


def test_choices_from_outside_of_the_form_are_not_told():
    content = {
        "survey": [{"type": "select_one_from_file people.csv", "name": "who", "label": ["Who"]}]
    }
    facts = summarised(content, {"who": "Amina Diallo"})
    (question,) = facts.tables[0].questions
    assert question.distribution == Texts(1, exact=True)
    assert "Amina" not in page(facts, MADE)


def test_other_answers_are_counted_and_not_told():
    content = {
        "survey": [
            {"type": "select_one", "name": "q", "select_from_list_name": "l", "_or_other": True}
        ],
        "choices": [{"list_name": "l", "name": "a", "label": ["A"]}],
    }
    facts = summarised(content, {"q": "a"}, {"q": "my secret"})
    text = page(facts, MADE)
    assert "my secret" not in text
    assert "(other answers)" in text


def test_many_choices_begin_with_the_most_frequent():
    content = {
        "survey": [{"type": "select_one", "name": "q", "select_from_list_name": "l"}],
        "choices": [
            {"list_name": "l", "name": f"c{n}", "label": [f"Choice {n}"]} for n in range(30)
        ],
    }
    text = page(summarised(content, {"q": "c29"}), MADE)
    assert "18 more choices" in text
    assert text.index("Choice 29") < text.index("Choice 0<")


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, ""),
        (0, 9, "0 %"),
        (1, 1000, "< 1 %"),
        (999, 1000, "99 %"),
        (5, 5, "100 %"),
        (1, 3, "33 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(part: int, whole: int, said: str):
    assert wording.share(part, whole) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(3.0, "3"), (12345.678, "12,345.68"), (0.00012345, "0.000123"), (-2.5, "-2.50")],
)
def test_a_number_has_the_decimals_it_needs(value: float, said: str):
    assert wording.number(value) == said


@pytest.mark.parametrize(("step", "said"), [(0.01, "1 km"), (0.0001, "11 m"), (0.32, "36 km")])
def test_squares_are_told_in_metres(step: float, said: str):
    assert wording.square(Places(step, ())) == said


def test_months_are_told_as_months():
    days = Days(DAY, DAY, "month", (Span(DAY.replace(day=1), 3),))
    assert wording.busiest(days) == "3 in Nov 2026"
    assert wording.busiest(Days(DAY, DAY, "day", (Span(DAY, 1),))) == "1 on 21 Nov 2026"


def test_a_ranking_and_an_agreement_are_told():
    content = {
        "survey": [
            {"type": "rank", "name": "best", "select_from_list_name": "l"},
            {"type": "acknowledge", "name": "agreed"},
        ],
        "choices": [{"list_name": "l", "name": n, "label": [n.upper()]} for n in "ab"],
    }
    facts = summarised(content, {"best": "b a", "agreed": "OK"}, {"best": "a b"})
    best, agreed = facts.tables[0].questions
    assert wording.told(best) == "A 50 %, B 50 %"
    assert wording.told(agreed) == "OK 100 %"
    assert (agreed.answered, agreed.missing) == (1, 1)
    assert "ranked first" in page(facts, MADE)


def test_a_validation_status_has_a_name():
    content = {"survey": [{"type": "text", "name": "q"}]}
    facts = summarised(content, {"_validation_status": {"uid": "validation_status_on_hold"}})
    assert [(bar.label, bar.count) for bar in facts.statuses] == [("On hold", 1)]
