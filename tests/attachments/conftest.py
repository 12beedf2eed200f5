"""A project with photos."""

from __future__ import annotations

import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .photos import Photos


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=40)


@pytest.fixture
def photos(form: FakeForm, fake: FakeKobo) -> Photos:
    return Photos(form, fake)
