"""One question out of two that answer under the same key.

The type widens until the answers to both fit it, so that none is lost: whole numbers become
numbers, one choice becomes several, what has nothing in common becomes text.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Final, TypeAlias

import attrs

from kobo_async.forms.schema import Choice, Kind, Labels, Question

Choices: TypeAlias = tuple[Choice, ...]
NUMBERS: Final = frozenset({Kind.INTEGER, Kind.DECIMAL})
CHOICES: Final = frozenset({Kind.SELECT_ONE, Kind.SELECT_MULTIPLE, Kind.RANK})


@attrs.define
class Union:
    """Unites questions; lists of choices that many questions share are united once."""

    _lists: dict[tuple[int, int], tuple[Choices, Choices, Choices]] = attrs.field(factory=dict)

    def of(self, new: Question, old: Question) -> Question:
        """Unite two questions; the new one's labels win, the choices of the old one come first.

        That is the order of choices in the exports of all versions (kobotoolbox/formpack,
        `FormChoiceField.merge_choice`).
        """
        if old.type == "note":
            return new
        if new.type == "note":
            return attrs.evolve(old, labels=filled(new.labels, old.labels))
        kind = wider(new.kind, old.kind)
        unlisted = bool(new.choices) != bool(old.choices) and kind in CHOICES
        mixed = new.kind is not old.kind and kind is Kind.SELECT_ONE
        return attrs.evolve(
            new,
            type=next((one.type for one in (new, old) if one.kind is kind), kind.value),
            kind=kind,
            labels=filled(new.labels, old.labels),
            choices=self._choices(new.choices, old.choices),
            other=new.other or old.other or unlisted or mixed,
        )

    def _choices(self, new: Choices, old: Choices) -> Choices:
        """Unite two lists, known by their identity: comparing long ones costs too much."""
        key = (id(new), id(old))
        if key not in self._lists:
            self._lists[key] = (new, old, _listed(new, old))
        return self._lists[key][-1]


def wider(new: Kind, old: Kind) -> Kind:
    """Return the narrowest kind that the answers of both kinds fit.

    One choice is wide enough for any text, if others than the known ones are let through.
    """
    kinds = {new, old}
    if len(kinds) == 1:
        return new
    if kinds <= NUMBERS:
        return Kind.DECIMAL
    if kinds <= CHOICES:
        return Kind.SELECT_MULTIPLE
    if kinds & CHOICES == {Kind.SELECT_ONE}:
        return Kind.SELECT_ONE
    return Kind.TEXT


def filled(new: Labels, old: Labels) -> Labels:
    """Return the new labels, and the old ones in languages that have no new one."""
    if new == old:
        return new
    pairs = zip_longest(new, old)
    return tuple(label if label is not None else before for label, before in pairs)


def _listed(new: Choices, old: Choices) -> Choices:
    if new == old:
        return new
    found = {choice.name: choice for choice in old}
    for choice in new:
        before = found.get(choice.name, choice)
        found[choice.name] = attrs.evolve(choice, labels=filled(choice.labels, before.labels))
    return tuple(found.values())
