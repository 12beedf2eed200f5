"""How much of what a real server was recorded answering the fake server reproduces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

REPLAYED = re.compile(
    r"(?P<part>test_\w+)\.py::test_the_fake_answers_as_the_real_server_did"
    r"\[(?:asyncio-)?(?P<name>.+)\]$"
)


@attrs.frozen
class Score:
    """Recordings, and those of them that are answered alike."""

    everything: frozenset[str]
    alike: frozenset[str]

    @property
    def share(self) -> float:
        """Return the share of recordings that are answered alike."""
        return len(self.alike) / len(self.everything) if self.everything else 1.0

    def __str__(self) -> str:
        missed = ", ".join(sorted(self.everything - self.alike)) or "none"
        return f"{len(self.alike)}/{len(self.everything)} ({self.share:.1%}); missed: {missed}"


def scores_of(
    passed: Iterable[str], failed: Iterable[str], misses: Mapping[str, Mapping[str, str]]
) -> dict[str, Score]:
    """Return the score of each part from the tests that ran; a known miss passes as a miss."""
    ran: dict[str, set[str]] = {}
    alike: dict[str, set[str]] = {}
    for node, is_alike in [*((one, True) for one in passed), *((one, False) for one in failed)]:
        match = REPLAYED.search(node)
        if match is None:
            continue
        part, name = match["part"], match["name"]
        ran.setdefault(part, set()).add(name)
        if is_alike and name not in misses.get(part, {}):
            alike.setdefault(part, set()).add(name)
    return {
        part: Score(frozenset(names), frozenset(alike.get(part, ()))) for part, names in ran.items()
    }


def overall(scores: Mapping[str, Score], recorded: Iterable[str]) -> Score:
    """Return one score over all recordings: alike in every part it is in, and in one at least."""
    missed = {name for one in scores.values() for name in one.everything - one.alike}
    alike = {name for one in scores.values() for name in one.alike}
    return Score(frozenset(recorded), frozenset(alike - missed))
