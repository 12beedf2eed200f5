"""Thousands of forms at random: all are read, and no key of a submission is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged
from tests.forms.generated import FORMS, Answered, Generated, Repeated, forms, submissions


def keys(answered: Answered, repeat: str = "") -> Iterator[tuple[str, str]]:
    """Give every key of a submission, and the repeat whose rows have it."""
    for one in answered:
        if isinstance(one, Repeated):
            yield from keys(one.inside, one.path)
        elif one.values is not None:
            yield repeat, one.path


def repeats(answered: Answered) -> Iterator[str]:
    for one in answered:
        if isinstance(one, Repeated):
            yield one.path
            yield from repeats(one.inside)


@settings(max_examples=FORMS)
@given(forms())
def test_all_versions_together_know_every_key_of_every_submission(form: Generated):
    whole = merged(form.contents, form.name)
    known = {(question.repeat, question.path) for question in whole.questions}
    assert len(known) == len(whole.questions)
    for content, answered in zip(form.contents, form.answered, strict=True):
        alone = read_form(content)
        assert set(keys(answered)) <= {(q.repeat, q.path) for q in alone.questions} <= known
        assert set(repeats(answered)) <= set(alone.repeats) <= set(whole.repeats)


@given(forms())
def test_every_label_stands_in_a_language_of_the_form(form: Generated):
    whole = merged(form.contents)
    assert set(read_form(form.content).languages) <= set(whole.languages)
    items = [*whole.questions, *whole.groups.values()]
    items += [choice for question in whole.questions for choice in question.choices]
    assert all(len(item.labels) <= len(whole.languages) for item in items)


@given(forms())
def test_one_version_stays_as_it_is_however_often_it_was_deployed(form: Generated):
    alone = read_form(form.content)
    assert merged([form.content]) == alone
    assert merged([form.content, form.content]) == alone


@given(st.data())
def test_every_answer_to_any_version_fits_the_type_of_all_versions(data: st.DataObject):
    form = data.draw(forms())
    whole = merged(form.contents)
    tabulator = Tabulator(lay_out(whole))
    tabulator.add(data.draw(submissions(form)))
    bad = [cell for cell in tabulator.bad.examples if cell.path not in whole.repeats]
    assert not bad
