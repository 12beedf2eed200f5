"""Headers of columns and labels of choices, in one language."""

from __future__ import annotations

from kobo_async.errors import ConfigError
from kobo_async.forms.schema import Choice, Form, Group, Question


def place_of(form: Form, language: str | None) -> int:
    """Return the place of a language, named whole or by its code, among those of the form.

    Raises:
        ConfigError: for a language that the form does not have.
    """
    if language is None or language in form.languages:
        return form.languages.index(language) if language in form.languages else 0
    coded = [place for place, name in enumerate(form.languages) if name and f"({language})" in name]
    if len(coded) != 1:
        known = ", ".join(str(name) for name in form.languages)
        raise ConfigError(f"the form has no language {language!r}: it has {known}")
    return coded[0]


def label_of(item: Question | Group | Choice, place: int) -> str | None:
    """Return the label in the language at this place."""
    return item.labels[place] if place < len(item.labels) else None


def titled(form: Form, question: Question, place: int, sep: str) -> str:
    """Return the label of a question below those of its groups."""
    steps = question.path.split("/")[:-1]
    above = ["/".join(steps[: end + 1]) for end in range(len(steps))]
    groups = [form.groups[path] for path in above if path in form.groups]
    named = [label_of(item, place) or item.name for item in (*groups, question)]
    return sep.join(named)
