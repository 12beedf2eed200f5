"""Counts answers of one kind, batch by batch, in bounded memory.

Every counter takes lists of cells, None where there is no answer, and tells what it found; None
if there was nothing. Beyond their bounds counters become coarser and say so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from kobo_async.report.facts import Bar, Choices, Distribution, Places, Spot, Texts

MOST_HASHES: Final = 4_096
MOST_NAMES: Final = 1_000
MOST_SPOTS: Final = 4_000
HASHES: Final = 1 << 64
ABOUT_A_KILOMETRE: Final = 0.01


class Counting(Protocol):
    """What all counters do."""

    def add(self, cells: Sequence[Any], /) -> None:
        """Take some more cells."""
        ...

    def found(self) -> Distribution | None:
        """Tell what was counted."""
        ...


class ChoiceCounter:
    """Counts the choices of a form; other answers are counted together, and not kept."""

    def __init__(self, labels: Mapping[str, str], told: str = "chosen") -> None:
        self._counts = dict.fromkeys(labels, 0)
        self._labels = labels
        self._told = told
        self._others = 0

    def add(self, cells: Sequence[Any], /) -> None:
        """Take cells with one choice, or with a list of them."""
        for answer, count in Counter(_flat(cells)).items():
            if answer in self._counts:
                self._counts[answer] += count
            else:
                self._others += count

    def found(self) -> Choices | None:
        """Tell how often each was chosen."""
        if not (self._others or any(self._counts.values())):
            return None
        bars = (Bar(name, self._labels[name], count) for name, count in self._counts.items())
        return Choices(tuple(bars), self._others, self._told)


def _flat(cells: Sequence[Any]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, list):
            yield from cell
        elif cell is not None:
            yield str(cell)


class FirstCounter(ChoiceCounter):
    """Counts what was ranked first."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__(labels, "ranked first")

    def add(self, cells: Sequence[Any], /) -> None:
        """Take lists of choices, the first ones first."""
        super().add([cell[0] for cell in cells if cell])


class NameCounter:
    """Counts names that no form lists; those beyond the first thousand are not told apart."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, cells: Sequence[Any], /) -> None:
        """Take names."""
        for name, count in Counter(cell for cell in cells if cell is not None).items():
            known = name in self._counts or len(self._counts) < MOST_NAMES
            self._counts[name if known else "…"] += count

    def bars(self) -> tuple[Bar, ...]:
        """Return the names, the most frequent first."""
        return tuple(Bar(name, name, count) for name, count in self._counts.most_common())


class TextCounter:
    """Tells how many texts differ, and keeps none of them.

    It keeps the least hashes that it met. While there is room for all of them the number is exact;
    afterwards it follows from how dense they are: twice as many texts, half the distance.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._below = HASHES

    def add(self, cells: Sequence[Any], /) -> None:
        """Take texts."""
        hashes = {hash(cell) % HASHES for cell in set(cells) if cell is not None}
        self._hashes.update(one for one in hashes if one < self._below)
        if len(self._hashes) > 2 * MOST_HASHES:
            least = sorted(self._hashes)[: MOST_HASHES + 1]
            self._below = least.pop()
            self._hashes = set(least)

    def found(self) -> Texts | None:
        """Tell how many differ."""
        if not self._hashes:
            return None
        count = round(len(self._hashes) * HASHES / self._below)
        return Texts(count, exact=self._below == HASHES)


class PlaceCounter:
    """Counts places in squares, so that nobody's home is on the map; too many make them larger."""

    def __init__(self, step: float = ABOUT_A_KILOMETRE) -> None:
        self._step = step
        self._counts: Counter[tuple[int, int]] = Counter()

    def add(self, cells: Sequence[Any], /) -> None:
        """Take pairs of latitude and longitude in degrees."""
        self._counts.update(
            (math.floor(longitude / self._step), math.floor(latitude / self._step))
            for latitude, longitude in cells
            if latitude is not None and longitude is not None
        )
        while len(self._counts) > MOST_SPOTS:
            self._step *= 2
            self._counts = _halved(self._counts)

    def found(self) -> Places | None:
        """Tell how many there are in each square."""
        if not self._counts:
            return None
        step = self._step
        spots = (
            Spot(round((x + 0.5) * step, 6), round((y + 0.5) * step, 6), count)
            for (x, y), count in sorted(self._counts.items())
        )
        return Places(step, tuple(spots))


def _halved(counts: Mapping[tuple[int, int], int]) -> Counter[tuple[int, int]]:
    larger: Counter[tuple[int, int]] = Counter()
    for (x, y), count in counts.items():
        larger[x // 2, y // 2] += count
    return larger
