"""Headers of columns and labels of choices, in one language."""

from __future__ import annotations

import re
from collections.abc import Callable

from kobo_async.errors import ConfigError
from kobo_async.forms.schema import Choice, Form, Group, Question


def place_of(form: Form, language: str | None) -> int:
    """Return the place of a language among those of the form; of its default for None.

    A language is named as the form names it, `Français (fr)`, or by its code, `fr`; the case of
    the letters does not matter.

    Raises:
        ConfigError: for a language that the form does not have, or has twice.
    """
    if language is None:
        return 0
    names = [name or "" for name in form.languages]
    ways: tuple[Callable[[str], bool], ...] = (
        lambda name: name == language,
        lambda name: name.casefold() == language.casefold(),
        lambda name: _code(name) == language.strip("() ").casefold(),
    )
    for fits in ways:
        places = [place for place, name in enumerate(names) if name and fits(name)]
        if len(places) == 1:
            return places[0]
        if places:
            break
    known = ", ".join(name or "one without a name" for name in names)
    raise ConfigError(f"the form has no one language {language!r}: it has {known}")


def _code(name: str) -> str:
    """Return `fr` of `Français (fr)`."""
    found = re.search(r"\(([^()]*)\)\s*$", name)
    return found[1].strip().casefold() if found else ""


def label_of(item: Question | Group | Choice, place: int) -> str | None:
    """Return the label in the language at this place."""
    return item.labels[place] if place < len(item.labels) else None


def titled(form: Form, question: Question, place: int, sep: str) -> str:
    """Return the label of a question below those of its groups.

    What has no label in the language has its name, as in the server's exports.
    """
    steps = question.path.split("/")[:-1]
    above = ["/".join(steps[: end + 1]) for end in range(len(steps))]
    items: list[Question | Group] = [form.groups[path] for path in above if path in form.groups]
    return sep.join(label_of(item, place) or item.name for item in (*items, question))
