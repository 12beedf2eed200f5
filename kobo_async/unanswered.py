"""What stands for the answers to writes that a dry run did not send."""

from __future__ import annotations

from typing import NoReturn


class PlanEnds(Exception):
    """A dry run needs an answer that only the real thing would bring."""


class Unanswered:
    """Stands for the answer to a write that was not sent."""

    def __init__(self, label: str) -> None:
        self._label = label

    def __getattr__(self, name: str) -> NoReturn:
        raise self._end()

    def __getitem__(self, key: object) -> NoReturn:
        raise self._end()

    def __bool__(self) -> bool:
        raise self._end()

    def __iter__(self) -> NoReturn:
        raise self._end()

    def _end(self) -> PlanEnds:
        return PlanEnds(f"what follows depends on the answer to {self._label}")

    def __repr__(self) -> str:
        return f"<not sent: {self._label}>"
