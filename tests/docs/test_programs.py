"""What starts programs for examples can fail as they do."""

from __future__ import annotations

import pytest

from .programs import pip_install


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("kobo-async[no-such-extra]", "does not provide the extra 'no-such-extra'"),
        ("kobo-async-of-elsewhere", "No matching distribution found"),
    ],
)
def test_pip_fails_where_something_is_not_there(line: str, why: str):
    ended = pip_install(line)
    assert ended.code
    assert why in ended.shown
