"""Turns what a server may well send into what it should not, and makes what did harm small.

An input follows from its number alone, so one that fails can be had again without the others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

Cut = TypeVar("Cut", bytes, str, list[Any])
Value = TypeVar("Value")
MOST_CHANGES: Final = 6
MOST_COPIES: Final = 300
DEEP: Final = 300
STOP: Final = 0.15
"""How often a walk into a value ends before its leaves."""
PATIENCE: Final = 5_000
"""Smaller inputs that are tried."""


def spoiled(value: Cut, others: Sequence[Cut], chance: random.Random) -> Cut:
    """Change a sequence in a few places; `others` is what may be put into it."""
    for _ in range(chance.randint(0, MOST_CHANGES)):
        start, end = sorted((chance.randint(0, len(value)), chance.randint(0, len(value))))
        end = min(end, start + chance.choice((0, 1, 3, 20, len(value))))
        other = chance.choice(others)
        copies = 1 if chance.random() < 0.98 else chance.randint(2, MOST_COPIES)
        middle = chance.choice((value[:0], other, other, other, value[start:end] * 2))
        value = value[:start] + middle * copies + value[end:]
    return value[: chance.randint(0, len(value))] if chance.random() < 0.1 else value


def spoiled_tree(value: Any, odd: Sequence[Any], chance: random.Random) -> Any:
    """Change one place of a JSON value; `odd` is what may stand there."""
    if isinstance(value, dict) and value and chance.random() > STOP:
        name = chance.choice(list(value))
        return {**value, name: spoiled_tree(value[name], odd, chance)}
    if isinstance(value, list) and value and chance.random() > STOP:
        place = chance.randrange(len(value))
        return [*value[:place], spoiled_tree(value[place], odd, chance), *value[place + 1 :]]
    return _replaced(value, odd, chance)


def _replaced(value: Any, odd: Sequence[Any], chance: random.Random) -> Any:
    other = chance.choice(odd)
    if isinstance(value, list) and chance.random() < 0.7:
        return spoiled(value, [[other], [value]], chance)
    if isinstance(value, dict) and chance.random() < 0.7:
        kept = {name: one for name, one in value.items() if chance.random() < 0.8}
        return kept | {str(other): chance.choice((value, other))}
    if isinstance(value, str) and isinstance(other, str) and chance.random() < 0.5:
        return spoiled(value, [other], chance)
    return nested(value, chance.randint(2, DEEP)) if chance.random() < 0.02 else other


def nested(value: Any, depth: int) -> Any:
    """Put a value into lists within lists."""
    for _ in range(depth):
        value = [value]
    return value


def smallest(value: Value, fails: Callable[[Value], bool]) -> Value:
    """Leave out of an input what can be left out while it still fails."""
    tries = 0
    found = True
    while found:
        found = False
        for less in smaller(value):
            tries += 1
            if fails(less):
                value, found = less, True
                break
            if tries > PATIENCE:
                return value
    return value


def smaller(value: Any) -> Iterator[Any]:
    """List inputs of the same kind that have less in them, those with the least first."""
    if isinstance(value, bytes | str | list):
        size = len(value)
        while size:
            for start in range(0, len(value), size):
                yield value[:start] + value[start + size :]
            size //= 2
    if isinstance(value, list | tuple):
        for place, one in enumerate(value):
            for less in smaller(one):
                yield type(value)((*value[:place], less, *value[place + 1 :]))
    if isinstance(value, dict):
        for name, one in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            for less in smaller(one):
                yield {**value, name: less}
