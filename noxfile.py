"""Checks in environments of their own. `sh dev/run tests` runs the short form of most of them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.5"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests", "lowest", "docs", "wheel"]

PYTHONS = ["3.11", "3.12", "3.13"]
SCHEDULES = "2000"
"""Random schedules per strategy and event loop in a long run."""
FORMS = "10000"
"""Random forms in a long run."""
PROJECTS = "500"
"""Random projects that mean harm, for each sink."""
FUZZ = "170000"
"""Inputs for each of six readers."""
LOCK = "dev/requirements.lock"
KILLS = "200"
"""Processes killed per kind of mirror in a long run."""
CHAOS = "4"
"""How much more the chaos tests do in a long run; above 1 they take every moment there is."""
ALL_PROCESSORS = ("-n", "auto", "--dist", "worksteal")
FAULTS = "100000"
"""Faults injected into downloads in a long run."""


def install(session: nox.Session, *groups: str, what: str = ".[all]") -> None:
    """Install the package and dependency groups into the session's environment."""
    wanted = [f"--group={group}" for group in groups]
    session.install("--upgrade", "pip>=25.1", silent=True)
    session.install("--quiet", what, *wanted)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the suite on every supported Python."""
    install(session, "test", "lint")
    session.run("pytest", *ALL_PROCESSORS, *session.posargs)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """Run the suite with the lowest versions the dependencies are declared with."""
    session.install("uv", silent=True)
    packages = [".[all]", "--group=test"]
    resolution = ["--resolution=lowest-direct", f"--python={session.virtualenv.location}"]
    session.run("uv", "pip", "install", "--quiet", *resolution, *packages, silent=True)
    session.run("pytest", "--ignore=tests/typing", *ALL_PROCESSORS, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format, and list the longest functions."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tests/architecture/test_sizes.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check the package, and user code against it, with mypy --strict."""
    install(session, "lint", "test")
    session.run("mypy")
    session.run("pytest", "tests/typing")


@nox.session
def properties(session: nox.Session) -> None:
    """Run long: thousands of schedules and forms, hundreds of kills, 100,000 faults."""
    install(session, "test")
    environment = {
        "KOBO_SCHEDULES": os.environ.get("KOBO_SCHEDULES", SCHEDULES),
        "KOBO_FORMS": os.environ.get("KOBO_FORMS", FORMS),
        "KOBO_KILLS": os.environ.get("KOBO_KILLS", KILLS),
        **chaos_at_length(),
    }
    options = ["--hypothesis-profile=long", "--timeout=7200", *session.posargs]
    folders = ["tests/property", "tests/forms", "tests/sync/test_kills.py", "tests/chaos"]
    folders += ["tests/webhook/test_interleavings.py"]
    session.run("pytest", *folders, *options, env=environment)


def chaos_at_length() -> dict[str, str]:
    """Tell the chaos tests to take every moment of every coroutine, and many faults."""
    return {
        "KOBO_CHAOS": os.environ.get("KOBO_CHAOS", CHAOS),
        "KOBO_FAULTS": os.environ.get("KOBO_FAULTS", FAULTS),
    }


@nox.session
def chaos(session: nox.Session) -> None:
    """Break the network, the clock and every coroutine, and print what was broken how often."""
    install(session, "test")
    options = ["-s", "--timeout=7200", *session.posargs]
    session.run("pytest", "tests/chaos", *options, env=chaos_at_length())


@nox.session
def fuzz(session: nox.Session) -> None:
    """Give each reader 170,000 inputs that nobody should send, and print how many it took."""
    install(session, "test")
    environment = {"KOBO_FUZZ": os.environ.get("KOBO_FUZZ", FUZZ)}
    session.run("pytest", "tests/hostile/test_fuzz.py", *session.posargs, env=environment)


@nox.session
def soak(session: nox.Session) -> None:
    """Work for ten minutes through faults; `nox -s soak -- --minutes 60` for a real figure."""
    install(session, "bench")
    session.run("python", "benchmarks/soak.py", *(session.posargs or ["--minutes", "10"]))


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks in full; `nox -s bench -- --quick` prints a first idea of the ratios."""
    install(session, "bench")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; any warning is an error. `-- linkcheck` follows links, too."""
    install(session, "docs")
    for builder in ("html", *session.posargs):
        build = ["-W", "-n", "-q", "-b", builder, "docs", f"docs/_build/{builder}"]
        session.run("sphinx-build", *build)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, and test it where the source is out of reach."""
    dist = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.install("build", silent=True)
    session.run("python", "-m", "build", "--wheel", f"--outdir={dist}", silent=True)
    (built,) = dist.glob("*.whl")
    install(session, "test", what=f"kobo_async[all] @ {built.as_uri()}")
    session.install("--quiet", "--force-reinstall", "--no-deps", str(built))
    with session.chdir(without_source(dist)):
        session.run("pytest", "--ignore=tests/typing", *ALL_PROCESSORS, *session.posargs)


def without_source(folder: Path) -> Path:
    """Copy what the tests read, but not the package."""
    copy = folder / "project"
    for name in ("tests", "docs", "dev", ".ci"):
        shutil.copytree(name, copy / name)
    for name in ("pyproject.toml", *map(str, Path().glob("*.md"))):
        shutil.copy2(name, copy)
    return copy


@nox.session
def lock(session: nox.Session) -> None:
    """Write down the versions of everything that development needs, with their hashes."""
    session.install("uv", silent=True)
    what = ["--all-extras", "--group=dev", "--universal", f"--python-version={PYTHONS[0]}"]
    form = ["--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"]
    options = [*what, *form, *session.posargs]
    session.run("uv", "pip", "compile", "pyproject.toml", *options, "-o", LOCK, silent=True)


@nox.session
def audit(session: nox.Session) -> None:
    """Look for known weaknesses of what is locked; the network must let it."""
    session.install("pip-audit", silent=True)
    found = Path(session.create_tmp()).resolve() / "audit.txt"
    found.unlink(missing_ok=True)
    options = ["--strict", "--require-hashes", "--disable-pip", "-r", LOCK, "-o", str(found)]
    try:
        session.run("pip-audit", *options, *session.posargs)
    except CommandFailed:
        if found.exists():
            session.error(f"known weaknesses of what is locked:\n{found.read_text()}")
        session.error(
            "nothing was audited: the advisory service cannot be reached, or lacks a name"
        )


@nox.session
def live(session: nox.Session) -> None:
    """Run the public API against the server of KOBO_LIVE_URL and KOBO_LIVE_TOKEN."""
    if not {"KOBO_LIVE_URL", "KOBO_LIVE_TOKEN"} <= os.environ.keys():
        session.error("KOBO_LIVE_URL and KOBO_LIVE_TOKEN name the server")
    install(session, "test")
    session.run("pytest", "tests/live", "-k", "real", *session.posargs)
