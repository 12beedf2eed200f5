"""All recordings of a real server together: how many does the fake server answer alike?

Each recording is replayed in one of three modules, where it must be answered alike or be listed as
a miss; that the list is exact is tested there. Here nothing recorded may be forgotten.
"""

from __future__ import annotations

import pytest

from . import test_recorded_projects, test_recorded_writes, test_recordings
from .conformance import Score, overall, scores_of
from .test_recorded_projects import MISSES
from .test_recordings import RECORDINGS

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")

UNCOVERED = {
    "api_root": "the list of addresses for people who look at the API in a browser",
    "options_assets": "the framework's own description of a view, with its internal docstring",
    "options_data": "the framework's own description of a view, with its internal docstring",
    "service_health": "the state of databases and queues that the fake server does not have",
    "service_health_minimal": "the state of databases and queues that it does not have",
}
"""Recordings that are replayed nowhere, and why."""
PARTS = {
    "reads": test_recordings.names(),
    "writes": test_recorded_writes.names(),
    "projects": test_recorded_projects.NAMES,
}
ENOUGH = 0.9


def score() -> Score:
    parts = {
        part: Score(frozenset(names), frozenset(names) - MISSES.keys())
        for part, names in PARTS.items()
    }
    return overall(parts, (path.stem for path in RECORDINGS.glob("*.json")))


def test_nine_of_ten_recordings_are_answered_alike() -> None:
    assert score().share >= ENOUGH, str(score())


def test_every_recording_that_is_not_answered_alike_is_explained() -> None:
    assert score().everything - score().alike == {*UNCOVERED, *MISSES}


def test_scores_count_what_ran_and_take_known_misses_for_misses() -> None:
    node = "tests/fake/test_a.py::test_the_fake_answers_as_the_real_server_did[{}]"
    other = "tests/fake/test_b.py::test_the_fake_answers_as_the_real_server_did[asyncio-one]"
    passed = [node.format("one"), node.format("two"), other, "tests/fake/test_a.py::test_else"]
    found = scores_of(passed, [node.format("three")], {"test_a": {"two": "because"}})
    assert {part: str(one) for part, one in found.items()} == {
        "test_a": "1/3 (33.3%); missed: three, two",
        "test_b": "1/1 (100.0%); missed: none",
    }
    assert str(overall(found, ["one", "two", "three", "four"])) == (
        "1/4 (25.0%); missed: four, three, two"
    )
    assert Score(frozenset(), frozenset()).share == 1.0
