"""A project with a table of its own and repeats."""

from __future__ import annotations

import pytest

from kobo_async.testing import FakeForm, FakeKobo


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=2300)
