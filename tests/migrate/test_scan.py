"""Code of any language, as people wrote it, and what the scanner makes of it."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

import kobo_async
from kobo_async.migrate import Finding, scan
from kobo_async.migrate.finding import hits

DATA = "/api/v2/assets/{uid}/data/"
CALLS = {
    "python, whole": (
        'requests.get("https://kc.kobotoolbox.org/api/v1/data/474.json", auth=auth)',
        "https://kf.kobotoolbox.org/api/v2/assets/{uid}/data/",
    ),
    "python, f-string": (
        'kobo = requests.get(f"{base}/api/v1/data/{pk}?format=json")',
        "/api/v2/assets/{pk}/data/",
    ),
    "python, with brackets": (
        "kobo.get(f\"{base}/api/v1/forms/{form['id']}\")",
        "/api/v2/assets/{form['id']}/",
    ),
    "python, added up": ('url = KOBO + "/api/v1/data/" + str(pk)', DATA),
    "python, percent": ('kobo_url = "%s/api/v1/data/%s" % (host, pk)', "/api/v2/assets/%s/data/"),
    "python, format": (
        'kobo_url = "{}/api/v1/metadata".format(kobo)',
        "/api/v2/assets/{uid}/files/",
    ),
    "r, pasted": (
        'kobo <- GET(paste0(BASE, "/api/v1/data/", form_id, ".csv"))',
        DATA,
    ),
    "r, whole": (
        'url <- "https://kc.humanitarianresponse.info/api/v1/data"',
        "{server}/api/v2/assets/?q=asset_type:survey",
    ),
    "javascript, template": (
        "fetch(`${koboUrl}/api/v1/submissions`)",
        "/submission",
    ),
    "javascript, added up": ("koboGet(KC + '/api/v1/data/' + id)", DATA),
    "shell": ('curl "$KOBO_KC/api/v1/user"', "/me/"),
    "settings": (
        "KOBO_API=https://kc.kobotoolbox.org/api/v1/",
        "https://kf.kobotoolbox.org/api/v2/",
    ),
    "a server of one's own": (
        'url: "https://kobocat.example.org/api/v1/forms"',
        "{server}/api/v2/assets/?q=asset_type:survey",
    ),
    "root, assets": (
        'requests.get("https://kf.kobotoolbox.org/assets/?format=json")',
        "https://kf.kobotoolbox.org/api/v2/assets/?format=json",
    ),
    "root, exports": (
        'kobo.post("https://kobo.example.org/exports/", data)',
        "https://kobo.example.org/api/v2/assets/{uid}/exports/",
    ),
    "root, submissions": (
        'kobo_get(f"{base}/assets/{uid}/submissions/?format=json")',
        "/api/v2/assets/{uid}/data/?format=json",
    ),
    "root, without v2 anywhere": (
        'kobo.get(f"{KF}/assets/{uid}/")',
        "/api/v2/assets/{uid}/",
    ),
    "old pictures": ('"https://kc.kobotoolbox.org/media/original?media_file=a/b.jpg"', None),
}
OTHERS = {
    "v2": 'kobo.get("https://kf.kobotoolbox.org/api/v2/assets/")',
    "v2, added up": 'BASE = "https://kf.kobotoolbox.org/api/v2"; get(f"{BASE}/assets/{uid}/data/")',
    "another product": 'url <- if (kobo) x else "https://api.ona.io/api/v1/data"',
    "another service": 'router = APIRouter(prefix="/api/v1/users")',
    "another part of ours": 'kobo_router = APIRouter(prefix="/api/v1/orders")',
    "pictures of a page about kobo": '<img alt="kobo" src="/assets/logo.png">',
    "a folder": 'kobo = open("./assets/data.csv")',
    "a field of anybody": 'kobo_row["title"], row["description"], row["owner"]',
    "a remembered time": 'kobo_state["last_submission_time"]',
    "a field of rows in v2": 'kobo_row["_xform_id_string"]',
    "a word": "# the kobo form knows its formid and num_of_submissions",
}


@pytest.mark.parametrize("case", CALLS)
def test_a_call_is_found_and_has_a_replacement(case: str):
    text, instead = CALLS[case]
    (hit,) = hits(text)
    assert (hit.kind, hit.instead, hit.line) == ("url", instead, 1)


def test_a_removed_path_without_a_known_successor_is_found_as_well():
    (hit,) = hits('kobo.get("https://kf.kobotoolbox.org/permissions/pXyz/")')
    assert (hit.instead, hit.notes) == (None, ("v1 is gone",))


@pytest.mark.parametrize("case", OTHERS)
def test_what_only_looks_alike_is_left_alone(case: str):
    assert [*hits(OTHERS[case])] == []


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ('kobo["num_of_submissions"]', "num_of_submissions", "deployment__submission_count"),
        ("kobo$num_of_submissions", "num_of_submissions", "deployment__submission_count"),
        ("kobo.instances_with_geopoints", "instances_with_geopoints", "summary.geo"),
        ("kobo['attachment_storage_bytes']", "attachment_storage_bytes", None),
        ('kobo["data_file_type"]', "data_file_type", "metadata.mimetype"),
    ],
)
def test_a_field_that_nobody_else_has_is_found_anywhere(code: str, old: str, new: str | None):
    (hit,) = hits(code)
    assert (hit.kind, hit.what, hit.instead) == ("field", old, new)


def test_a_plainer_field_is_found_beside_the_url_of_what_has_it():
    code = 'get("https://kc.kobotoolbox.org/api/v1/forms")\nprint(form["id_string"])\n'
    assert [(hit.line, hit.what) for hit in hits(code)][1:] == [(2, "id_string")]
    other = code.replace("forms", "user")
    assert [hit.kind for hit in hits(other)] == ["url"]


def test_several_on_a_line_are_all_found():
    line = "kobo: /api/v1/user and /api/v1/forms"
    assert [hit.instead for hit in hits(line)] == ["/me/", "/api/v2/assets/?q=asset_type:survey"]


CELLS = [
    {"cell_type": "markdown", "source": ["# Kobo\n"]},
    {
        "cell_type": "code",
        "source": [
            "import requests\n",
            'r = requests.get("https://kc.kobotoolbox.org/api/v1/user")',
        ],
        "outputs": [{"text": ["https://kc.kobotoolbox.org/api/v1/data"]}],
    },
]


def test_notebooks_are_read_cell_by_cell_without_results(tmp_path: Path):
    path = tmp_path / "analysis.ipynb"
    path.write_text(json.dumps({"cells": CELLS}), encoding="utf-8")
    (finding,) = scan(path)
    assert (finding.cell, finding.line) == (2, 2)
    assert finding.where == f"{path}:cell 2:2"


def test_a_cell_is_read_in_the_light_of_the_others(tmp_path: Path):
    path = tmp_path / "analysis.ipynb"
    cells = [{"source": "import kobo_helpers"}, {"source": 'get(f"{base}/api/v1/user")'}]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert [finding.where for finding in scan(path)] == [f"{path}:cell 2:1"]


def test_a_broken_notebook_is_read_as_text(tmp_path: Path):
    path = tmp_path / "broken.ipynb"
    path.write_text('{"cells": [\n"https://kc.kobotoolbox.org/api/v1/user"', encoding="utf-8")
    assert [finding.where for finding in scan(path)] == [f"{path}:2"]


CALL = "https://kc.kobotoolbox.org/api/v1/user\n"


def test_what_nobody_wrote_by_hand_is_passed_over(tmp_path: Path):
    for name in (".git", "node_modules", "renv", "site-packages", "my.egg-info"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "code.py").write_text(CALL, encoding="utf-8")
    (tmp_path / "picture.bin").write_bytes(b"\0" + CALL.encode())
    (tmp_path / "large.json").write_text(CALL + " " * 1_000_000, encoding="utf-8")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nothing.py")
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "pull.yml").write_text(CALL, encoding="utf-8")
    (tmp_path / ".env").write_text(CALL, encoding="utf-8")
    found = [finding.path.relative_to(tmp_path).as_posix() for finding in scan(tmp_path)]
    assert found == [".env", ".github/workflows/pull.yml"]


def test_a_loop_of_links_ends(tmp_path: Path):
    (tmp_path / "code.py").write_text(CALL, encoding="utf-8")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert len([*scan(tmp_path)]) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path):
    (tmp_path / "code.py").write_text(CALL, encoding="utf-8")
    (tmp_path / "code.py").chmod(0)
    assert [*scan(tmp_path)] == []


def test_a_file_that_vanished_is_passed_over(tmp_path: Path):
    assert [*scan(tmp_path / "nothing.py")] == []


def test_a_finding_can_be_written_as_json(tmp_path: Path):
    finding = Finding(tmp_path / "a.py", 3, "/api/v1/user", "url", "/me/", ("a note",))
    told = json.loads(json.dumps(finding.as_dict()))
    assert told["path"] == str(tmp_path / "a.py")
    assert told["instead"] == "/me/"


def test_all_calls_of_the_published_documents_are_found_and_nothing_else(shared: Path):
    folder = shared / "documents"
    urls = (finding for finding in scan(folder) if finding.kind == "url")
    found = Counter((finding.path, finding.line) for finding in urls)
    written = Counter(
        (path, number)
        for path in folder.iterdir()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for _ in re.finditer(r"\bapi/v1\b", line)
    )
    assert written.total() > 30
    assert found == written


def test_every_renamed_field_of_the_published_documents_has_its_new_name(shared: Path):
    fields = [finding for finding in scan(shared / "documents") if finding.kind == "field"]
    assert len(fields) > 20
    without = {finding.what for finding in fields if finding.instead is None}
    assert without <= {"api_token", "attachment_storage_bytes", "from_kpi"}


ABOUT_V1 = (
    *("docs/how-to/migrate-from-v1.md", "tests/migrate/", "tests/cli/test_migrate.py"),
    *("kobo_async/migrate/", "kobo_async/removed.py"),
    *("tests/fake/test_site.py", "tests/live/test_site.py", "tests/chaos/others.py"),
)
"""What speaks of v1 on purpose."""


OURS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "tests", "dev", "benchmarks")


def test_in_this_project_only_what_is_about_v1_is_found():
    root, installed = Path(__file__).parents[2], Path(kobo_async.__file__).parents[1]
    places = [installed / "kobo_async", *(root / name for name in OURS)]
    found = {
        finding.path.relative_to(root if root in finding.path.parents else installed).as_posix()
        for finding in scan(*filter(Path.exists, places))
    }
    assert {name for name in found if not name.startswith(ABOUT_V1)} == set()
    assert "kobo_async/removed.py" in found
