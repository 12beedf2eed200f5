"""How the page server behaves, and how long it lets a request wait."""

from __future__ import annotations

import argparse
import heapq
import random

import attrs


@attrs.frozen(kw_only=True)
class Rules:
    """How a server behaves; each field is an option of `server.py`.

    Attributes:
        latency: seconds from request to answer.
        skip_cost: seconds more per row that `start` skips.
        load_cost: how much longer a request takes for every other one under way, as a part.
        capacity: requests at the same time beyond which it answers 429 at once.
        changes: seconds after which the capacity becomes `then`, counted from the first request.
        then: the capacity later on.
        workers: requests at the same time beyond which they queue up.
        faults: share of requests that are answered with 503.
        gzip: whether pages are packed.
        most: rows per page at most.
    """

    latency: float = 0.0
    skip_cost: float = 0.0
    load_cost: float = 0.0
    capacity: int | None = None
    changes: float | None = None
    then: int | None = None
    workers: int | None = None
    faults: float = 0.0
    gzip: int = 0
    most: int = 1000


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Let a parser understand the rules."""
    numbers = {field.name: field for field in attrs.fields(Rules)}
    for name, field in numbers.items():
        whole = "int" in str(field.type)
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=int if whole else float, default=field.default
        )


class Turns:
    """Tells every request whether it is served, and when."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._free_at = [0.0] * (rules.workers or 0)
        self._chance = random.Random(11)
        self._began: float | None = None

    def refused(self, active: int, now: float) -> bool:
        """Tell whether there are too many requests under way for one more."""
        if self._began is None:
            self._began = now
        rules, capacity = self._rules, self._rules.capacity
        if rules.changes is not None and now - self._began >= rules.changes:
            capacity = rules.then
        return capacity is not None and active >= capacity

    def faulty(self) -> bool:
        """Tell whether a request fails."""
        return self._chance.random() < self._rules.faults

    def delay(self, start: int, active: int, now: float) -> float:
        """Return the seconds that a request takes which skips so many rows."""
        rules = self._rules
        seconds = rules.latency * (1 + rules.load_cost * (active - 1)) + rules.skip_cost * start
        if not self._free_at:
            return seconds
        done = max(now, self._free_at[0]) + seconds
        heapq.heapreplace(self._free_at, done)
        return done - now
