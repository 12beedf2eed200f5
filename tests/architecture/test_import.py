"""What `import kobo_async` brings along, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

EXTRAS = (
    *("click", "rich", "uvicorn", "httptools"),
    *("trio", "pytest", "hypothesis", "requests", "psutil", "sphinx"),
)
"""What may be installed, or not."""
PARTS = ("kobo_async.cli", "kobo_async.sinks", "kobo_async.testing")


def run(code: str) -> str:
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.stdout


def hiding(names: tuple[str, ...]) -> str:
    return f"import sys; sys.modules.update(dict.fromkeys({names!r}))\n"


def test_the_package_needs_none_of_its_extras():
    assert run(hiding(EXTRAS) + "import kobo_async; print('imported')") == "imported\n"


def test_the_package_does_not_import_its_own_optional_parts():
    loaded = run("import sys, kobo_async; print(*sys.modules)")
    assert not set(PARTS) & set(loaded.split())


def test_the_fake_server_in_process_needs_no_extra():
    code = "from kobo_async.testing import FakeKobo; FakeKobo().add_form('Wells', rows=1)"
    assert run(hiding(EXTRAS) + code) == ""


def test_importing_starts_nothing():
    code = "import threading, kobo_async; print(threading.active_count())"
    assert run(code) == "1\n"
