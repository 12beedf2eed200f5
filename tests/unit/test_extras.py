"""What an optional dependency that is missing says."""

from __future__ import annotations

import pytest

from kobo_async.errors import ConfigError
from kobo_async.extras import needed


def test_a_missing_package_is_named_with_the_command_that_installs_it():
    with pytest.raises(ConfigError, match=r"needs no_such_thing.*kobo-async\[excel\]"):  # noqa: SIM117
        with needed("excel"):
            import no_such_thing.inner  # noqa: F401, PLC0415  # type: ignore[import-not-found]


def test_what_is_installed_is_imported():
    with needed("excel"):
        import json  # noqa: PLC0415
    assert json
