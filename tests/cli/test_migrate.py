"""`kobo-async migrate scan`: what is printed, and with which code it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import lines, rows, run

CODE = 'kobo = get("https://kc.kobotoolbox.org/api/v1/data/474?count=1")\nprint(kobo)\n'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "pull.py"
    path.write_text(CODE, encoding="utf-8")
    return path


def test_what_was_found_is_told_with_place_and_replacement(script: Path):
    done = run("migrate", "scan", str(script.parent))
    assert done.exit_code == 1
    ((where, what, instead, notes),) = rows(done.stdout)
    assert where == f"{script}:1"
    assert what == "https://kc.kobotoolbox.org/api/v1/data/474?count=1"
    assert instead == "https://kf.kobotoolbox.org/api/v2/assets/{uid}/data/"
    assert "refused" in notes
    assert done.stderr == "1 call of v1 in 1 file\n"


def test_programs_get_json(script: Path):
    done = run("migrate", "scan", str(script), "--json")
    (found,) = lines(done.stdout)
    assert (found["line"], found["kind"], done.exit_code) == (1, "url", 1)


def test_a_clean_folder_ends_well(tmp_path: Path):
    done = run("migrate", "scan", str(tmp_path))
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path):
    assert run("migrate", "scan", str(tmp_path / "nothing")).exit_code == 2
