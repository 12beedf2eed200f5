"""What `import kobo_async` brings along, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

ACCELERATORS = ("aiohttp", "httpx2", "isal", "msgspec", "uvloop", "yarl")
EXTRAS = (
    *("click", "rich", "uvicorn", "httptools"),
    *ACCELERATORS,
    *("dask", "distributed", "dlt"),
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
    code = "from kobo_async import KoboClient; print('imported')"
    assert run(hiding(EXTRAS) + code) == "imported\n"


def test_the_package_does_not_import_its_own_optional_parts():
    loaded = run("import sys; from kobo_async import KoboClient; print(*sys.modules)")
    assert not set(PARTS) & set(loaded.split())


def test_the_package_alone_imports_next_to_nothing():
    """The plugin for pytest is imported wherever the package is installed, and mostly in vain."""
    loaded = run("import sys, kobo_async.testing; print(*sys.modules)").split()
    ours = {name for name in loaded if name.startswith("kobo_async")}
    assert ours == {"kobo_async", "kobo_async._version", "kobo_async.testing"}
    assert not {"anyio", "attrs", "httpx", "orjson"} & set(loaded)


def test_submissions_import_no_accelerator_and_no_form_before_they_are_asked_to():
    code = (
        "from kobo_async import KoboClient; KoboClient('https://x.example', token='t').submissions"
    )
    loaded = run(f"import sys; {code}; print(*sys.modules)").split()
    assert set(ACCELERATORS) & {name.partition(".")[0] for name in loaded} == set()
    assert not {"kobo_async.forms", "kobo_async.models.asset"} & set(loaded)


def test_the_fake_server_in_process_needs_no_extra():
    code = "from kobo_async.testing import FakeKobo; FakeKobo().add_form('Wells', rows=1)"
    assert run(hiding(EXTRAS) + code) == ""


def test_importing_starts_nothing():
    code = "import threading; from kobo_async import *; print(threading.active_count())"
    assert run(code) == "1\n"
