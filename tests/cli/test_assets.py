"""The list of what an account can see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke, Server, run

pytestmark = pytest.mark.usefixtures("form")


def test_every_asset_has_a_line(invoke: Invoke, fake: FakeKobo, form: FakeForm):
    fake.add_form("Wells \x1b[2J", deployed=False)
    result = invoke("assets")
    assert result.exit_code == 0
    header, *lines = result.stdout.splitlines()
    assert header.split("\t")[:5] == ["uid", "name", "type", "status", "submissions"]
    cells = {line.split("\t")[0]: line.split("\t") for line in lines}
    assert cells.keys() == fake.forms.keys()
    assert cells[form.uid][1:5] == ["Household survey", "survey", "deployed", "2500"]
    assert "\x1b" not in result.stdout


def test_json_is_what_the_server_tells(invoke: Invoke, form: FakeForm):
    (line,) = invoke("assets", "--json").stdout.splitlines()
    told = json.loads(line)
    assert told["uid"] == form.uid
    assert told["settings"] == form.asset["settings"]


def test_a_query_chooses(invoke: Invoke, fake: FakeKobo):
    other = fake.add_form("Wells")
    result = invoke("assets", "--q", "name__icontains:well", "--json")
    assert [json.loads(line)["uid"] for line in result.stdout.splitlines()] == [other.uid]


def test_a_query_that_matches_nothing_whatever_there_is_is_refused(invoke: Invoke):
    result = invoke("assets", "--q", "colour:red")
    assert result.exit_code == 2
    assert "colour" in result.stderr


def test_an_unknown_number_of_submissions_is_a_question_mark(
    invoke: Invoke, fake: FakeKobo, form: FakeForm
):
    token = fake.add_user("bob")
    form.share("bob", filters=[{"_submitted_by": "bob"}])
    line = invoke("assets", KOBO_TOKEN=token).stdout.splitlines()[1]
    assert line.split("\t")[4] == "?"


def test_a_profile_in_the_settings_file_says_where(server: Server, tmp_path: Path):
    settings = tmp_path / "config.toml"
    settings.write_text(
        f'[profiles.work]\nserver = "{server.url}"\ntoken = "{server.fake.token}"\n'
    )
    settings.chmod(0o600)
    result = run("assets", "--profile", "work", env={"KOBO_CONFIG": str(settings)})
    assert result.exit_code == 0
    assert "Household survey" in result.stdout
