"""Real forms with real submissions, through the command line, row by row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from click.testing import CliRunner

from kobo_async.cli.app import app
from kobo_async.testing import FakeKobo, serve


@pytest.mark.parametrize("strategy", ["auto", "ranges"])
@pytest.mark.parametrize("name", ["household", "simple", "sandbox", "empty"])
def test_a_pull_gives_what_the_server_holds(
    name: str, strategy: str, shared: Path, tmp_path: Path
) -> None:
    fake = FakeKobo()
    form = fake.load_form(shared / "kpi" / "data" / name)
    target = tmp_path / "rows.jsonl"
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serve(fake)) as url:
        environment = {"KOBO_URL": url, "KOBO_TOKEN": fake.token}
        command = ["pull", form.uid, "-o", str(target), "--strategy", strategy]
        result = CliRunner().invoke(app, command, env=environment)
    assert result.exit_code == 0, result.output
    with gzip.open(shared / "kpi" / "data" / name / "submissions.jsonl.gz", "rt") as file:
        expected = [json.loads(line) for line in file]
    got = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert got == sorted(expected, key=lambda row: row["_id"])
