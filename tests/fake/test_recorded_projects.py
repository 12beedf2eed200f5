"""The fake server against recordings of what project managers do.

The recordings are replayed one after the other, as they were made, on one server. What the two
servers name differently (uids, versions, file names) is learnt from the replies and put into the
requests that follow.
"""

from __future__ import annotations

from functools import cache

import anyio
import pytest

from .recorded_session import NAMES, Session
from .test_recordings import RECORDINGS

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")

MISSES = {
    "reports_split": (
        "the rows are as they were at the end, some edited after this report: among answers that "
        "are equally frequent others come first"
    ),
}
"""Recordings in scope that the fake server does not reproduce, and why."""


@cache
def outcome() -> dict[str, list[str]]:
    """Replay everything and return what differs, by recording."""
    return anyio.run(Session().run)


@pytest.mark.parametrize("name", NAMES if RECORDINGS.is_dir() else ())
def test_the_fake_answers_as_the_real_server_did(name: str) -> None:
    found = outcome()[name]
    if name in MISSES:
        assert found, f"{name} is no miss any more"
    else:
        assert not found, found
