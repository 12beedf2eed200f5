"""What the submissions of a project say, as the command tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=200)


def test_key_figures_and_questions_are_told(invoke: Invoke, form: FakeForm):
    result = invoke("summary", form.uid)
    assert result.exit_code == 0
    figures, questions = result.stdout.split("\n\n")
    told = dict(line.split("\t") for line in figures.splitlines())
    assert told["submissions"] == "200"
    lines = [line.split("\t") for line in questions.splitlines()]
    (size,) = [line for line in lines if line[1] == "Household size"]
    assert size[:3] == ["Household survey", "Household size", "integer"]
    assert int(size[3]) + int(size[4]) == 200
    assert "median" in size[5]


def test_labels_are_those_of_a_language(invoke: Invoke, form: FakeForm):
    assert "Taille du ménage" in invoke("summary", form.uid, "--labels", "fr").stdout


def test_what_people_wrote_and_where_they_live_is_not_told(
    invoke: Invoke, form: FakeForm, tmp_path: Path
):
    page = tmp_path / "report.html"
    told = invoke("summary", form.uid).stdout + invoke("summary", form.uid, "--json").stdout
    invoke("summary", form.uid, "-o", str(page))
    told += page.read_text(encoding="utf-8").replace(get_plotlyjs(), "")
    for row in form.rows.values():
        for path in ("household/head_name", "comment", "household/gps", "photo"):
            assert row.get(path, "\0") not in told


def test_a_query_chooses(invoke: Invoke, form: FakeForm):
    few = list(form.rows)[:3]
    where = json.dumps({"_id": {"$in": few}})
    told = json.loads(invoke("summary", form.uid, "--where", where, "--json").stdout)
    assert told["submissions"] == 3


def test_json_tells_every_distribution(invoke: Invoke, form: FakeForm):
    form.edit(form.insert()[0], hh_size="many")
    told = json.loads(invoke("summary", form.uid, "--json").stdout)
    (root, members) = told["tables"]
    found = {one["path"]: one for one in root["questions"]}
    kinds = {path: (one["distribution"] or {}).get("kind") for path, one in found.items()}
    assert told["bad"] == 1
    assert kinds["household/region"] == "choices"
    assert kinds["hh_size"] == "numbers"
    assert kinds["visit_date"] == "days"
    assert kinds["household/gps"] == "places"
    assert kinds["household/head_name"] == "texts"
    assert members["rows"] == sum(len(row.get("members", ())) for row in form.rows.values())
    sizes = [int(r["hh_size"]) for r in form.rows.values() if r.get("hh_size", "x").isdecimal()]
    assert found["hh_size"]["distribution"]["most"] == max(sizes)
    assert sum(one["count"] for one in found["hh_size"]["distribution"]["bins"]) == len(sizes)


def test_places_can_be_told_more_exactly(invoke: Invoke, form: FakeForm):
    def step(*options: str) -> float:
        told = json.loads(invoke("summary", form.uid, "--json", *options).stdout)
        found = {one["path"]: one["distribution"] for one in told["tables"][0]["questions"]}
        return float(found["household/gps"]["step"])

    assert step() == 0.01
    assert step("--exact-places") == 0.0001


def test_a_page_is_made(invoke: Invoke, form: FakeForm, tmp_path: Path):
    path = tmp_path / "report.html"
    result = invoke("summary", form.uid, "-o", str(path), "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told == {"submissions": 200, "bytes": path.stat().st_size, "path": str(path)}
    assert path.stat().st_size < 6_000_000


@pytest.mark.parametrize("name", ["report.pdf", "nowhere/report.html"])
def test_where_no_page_can_be_is_told_before_anything_is_asked(
    invoke: Invoke, fake: FakeKobo, form: FakeForm, tmp_path: Path, name: str
):
    result = invoke("summary", form.uid, "-o", str(tmp_path / name))
    assert result.exit_code == 2
    assert not fake.requests
    assert not list(tmp_path.iterdir())


def test_a_project_without_submissions_has_a_summary(
    invoke: Invoke, fake: FakeKobo, tmp_path: Path
):
    form = fake.add_form("Wells")
    assert "submissions\t0" in invoke("summary", form.uid).stdout
    assert invoke("summary", form.uid, "-o", str(tmp_path / "report.html")).exit_code == 0
    assert "No submissions yet" in (tmp_path / "report.html").read_text(encoding="utf-8")
