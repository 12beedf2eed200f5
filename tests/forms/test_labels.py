"""Labels, and the languages that they are asked for in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kobo_async.errors import ConfigError
from kobo_async.forms.content import read_form
from kobo_async.forms.labels import place_of, titled
from kobo_async.forms.schema import Form
from tests.forms.contents import row, survey

TWO = ["English (en)", "Français (fr)"]


def in_languages(*names: str | None) -> Form:
    return Form("", names)


@pytest.mark.parametrize("language", ["Français (fr)", "français (FR)", "fr", "FR", "(fr)"])
def test_a_language_is_found_by_its_name_and_its_code(language: str):
    assert place_of(in_languages(*TWO), language) == 1


def test_no_language_is_the_default_one():
    assert place_of(in_languages("English (en)", None), None) == 0


def test_the_exact_name_comes_before_the_same_letters_in_another_case():
    assert place_of(in_languages("english", "English"), "English") == 1


@pytest.mark.parametrize(
    ("names", "language"),
    [
        (TWO, "de"),
        (TWO, ""),
        (["Swahili (sw)", "Kiswahili (sw)"], "sw"),
        (["English", "ENGLISH"], "english"),
        ([None], "English"),
    ],
)
def test_an_unknown_or_ambiguous_language_is_refused_with_those_there_are(
    names: list[str | None], language: str
):
    shown = re.escape(names[-1] or "without a name")
    with pytest.raises(ConfigError, match=shown):
        place_of(in_languages(*names), language)


@pytest.mark.parametrize(
    ("content", "languages", "labels"),
    [
        (survey(row("text a", label=["A", "Á"]), translations=TWO), TWO, ("A", "Á")),
        (survey(row("text a", label=["A"]), translations=TWO), TWO, ("A",)),
        (survey(row("text a", label="A"), translations=TWO), TWO, ("A", None)),
        (survey(row("text a", label="A")), [None], ("A",)),
        (survey(row("text a", label={"fr": "Á", "en": "A"})), ["fr", "en"], ("Á", "A")),
        (survey(row("text a", **{"label::fr": "Á", "Label : en": 1})), ["fr", "en"], ("Á", "1")),
        (survey(row("text a", label=7)), [None], (None,)),
        (survey(row("text a", label=[{}, "Á", "!"]), translations=TWO), TWO, (None, "Á")),
    ],
)
def test_labels_are_read_however_the_content_writes_them(
    content: Any, languages: list[str | None], labels: tuple[str | None, ...]
):
    form = read_form(content)
    assert list(form.languages) == languages
    assert form.questions[0].labels == labels


def test_a_title_names_the_groups_and_what_has_no_label_by_its_name():
    content = survey(
        row("begin_group g", label=["Group", None]),
        row("text a", label=["Answer", "Réponse"]),
        "end_group",
        translations=TWO,
    )
    form = read_form(content)
    (question,) = form.questions
    assert titled(form, question, 0, "/") == "Group/Answer"
    assert titled(form, question, 1, " - ") == "g - Réponse"
