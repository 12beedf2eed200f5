"""One form out of all its deployed versions.

Submissions keep the shape of the version they were made with, so a table of all of them has every
question that any version asked. The newest version decides; what only older ones asked comes
after it, in the order of the server's own exports of all versions (kobotoolbox/formpack,
`FormPack.get_fields_for_versions`): a question of an older version stands in line behind the
question that now has its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import attrs

from kobo_async.forms.content import read_form
from kobo_async.forms.schema import Choice, Form, Group, Labels, Question
from kobo_async.forms.survey import Languages
from kobo_async.forms.union import Union, filled

Key: TypeAlias = tuple[str, str]
Labelled = TypeVar("Labelled", Choice, Group, Question)


def merged(contents: Sequence[Any], name: str = "") -> Form:
    """Merge the contents of all versions, newest first.

    A question is the same as long as its path and the repeat around it are.
    """
    forms = [read_form(content, name) for content in contents] or [read_form({}, name)]
    languages = tuple(dict.fromkeys(chain.from_iterable(form.languages for form in forms)))
    newest, *older = [_translated(form, languages) for form in forms]
    questions, union = {_key(question): question for question in newest.questions}, Union()
    for question in chain.from_iterable(form.questions for form in older):
        key = _key(question)
        questions[key] = union.of(questions[key], question) if key in questions else question
    groups = _groups([newest, *older])
    ordered = tuple(questions[key] for key in _order(newest, older))
    return Form(newest.name, languages, ordered, groups)


def _key(question: Question) -> Key:
    return question.repeat, question.path


def _order(newest: Form, older: Sequence[Form]) -> Iterator[Key]:
    """Give the newest questions, then those beyond its end, then those that stand in line."""
    lines = [[key] for key in _by_table(newest)]
    known = set(chain.from_iterable(lines))
    for form in older:
        for place, key in enumerate(_by_table(form)):
            if key in known:
                continue
            known.add(key)
            if place < len(lines):
                lines[place].append(key)
            else:
                lines.append([key])
    beyond = (line[0] for line in lines[len(newest.questions) :])
    in_line = chain.from_iterable(line[1:] for line in lines)
    return chain(map(_key, newest.questions), beyond, in_line)


def _by_table(form: Form) -> list[Key]:
    """Return the questions of the submissions, then those of each repeat."""
    tables = {path: place for place, path in enumerate(("", *form.repeats))}
    return sorted(map(_key, form.questions), key=lambda key: tables[key[0]])


def _groups(forms: Sequence[Form]) -> Mapping[str, Group]:
    """Unite the groups; one that was a repeat in any version is a repeat."""
    groups: dict[str, Group] = {}
    for group in chain.from_iterable(form.groups.values() for form in forms):
        new = groups.get(group.path, group)
        labels, repeat = filled(new.labels, group.labels), new.repeat or group.repeat
        groups[group.path] = attrs.evolve(new, labels=labels, repeat=repeat)
    return groups


def _translated(form: Form, languages: Languages) -> Form:
    """Put all labels in the order of these languages."""
    if form.languages == languages:
        return form
    known = {language: place for place, language in enumerate(form.languages)}
    places = [known.get(language) for language in languages]

    def moved(item: Labelled) -> Labelled:
        return attrs.evolve(item, labels=_moved(item.labels, places))

    shared = {id(q.choices): q.choices for q in form.questions}
    lists = {key: tuple(map(moved, choices)) for key, choices in shared.items()}
    questions = [attrs.evolve(moved(q), choices=lists[id(q.choices)]) for q in form.questions]
    groups = {path: moved(group) for path, group in form.groups.items()}
    return Form(form.name, languages, questions, groups)


def _moved(labels: Labels, places: Sequence[int | None]) -> Labels:
    return tuple(
        labels[place] if place is not None and place < len(labels) else None for place in places
    )
