"""The source for dlt, loaded into DuckDB: what changes on the server changes there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from kobo_async import KoboClient
from kobo_async.dlt import projects
from kobo_async.errors import SyncStopped
from kobo_async.testing import FakeForm, FakeKobo, Fault, RequestInfo
from kobo_async.testing.clock import FakeClock

CONTENT = {
    "survey": [
        {"type": "text", "name": "comment", "$kuid": "a", "$xpath": "comment"},
        {"type": "begin_repeat", "name": "members", "$kuid": "b", "$xpath": "members"},
        {"type": "integer", "name": "age", "$kuid": "c", "$xpath": "members/age"},
        {"type": "end_repeat", "$kuid": "/b"},
    ]
}


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Wells", rows=40, content=CONTENT)


class Pipeline:
    """Runs of one pipeline, from a machine that is new if need be."""

    def __init__(self, fake: FakeKobo, form: FakeForm, clock: FakeClock, folder: Path) -> None:
        self._fake, self._form, self._clock, self._folder = fake, form, clock, folder
        self._machine = 0

    def new_machine(self) -> None:
        self._machine += 1

    def run(self, **options: Any) -> int:
        """Run a minute later, and return how many rows were sent."""
        self._clock.advance(60)
        made = self._made()
        made.run(projects({"wells": self._form.uid}, self._connect, **options))
        sent: int = made.last_trace.last_normalize_info.row_counts.get("wells", 0)
        return sent

    def loaded(self) -> dict[int, tuple[str, list[str]]]:
        """Return comments and ages by `_id`."""
        with self._made().sql_client() as sql:
            rows = sql.execute_sql("SELECT _id, comment, _dlt_id FROM wells")
            ages = sql.execute_sql(
                "SELECT _dlt_parent_id, members_age FROM wells__members ORDER BY _dlt_list_idx"
            )
        return {
            number: (comment, [age for parent, age in ages if parent == key])
            for number, comment, key in rows or ()
        }

    def _made(self) -> Any:
        return dlt.pipeline(
            "wells",
            pipelines_dir=str(self._folder / f"machine-{self._machine}"),
            destination=dlt.destinations.duckdb(str(self._folder / "wells.duckdb")),
            dataset_name="kobo",
        )

    def _connect(self) -> KoboClient:
        fake = self._fake
        return KoboClient("http://localhost", token=fake.token, app=fake, clock=self._clock)


@pytest.fixture
def pipeline(
    fake: FakeKobo,
    form: FakeForm,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Pipeline]:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    return Pipeline(fake, form, clock, tmp_path)


def on_the_server(form: FakeForm) -> dict[int, tuple[str, list[str]]]:
    return {
        number: (row["comment"], [one["members/age"] for one in row.get("members", ())])
        for number, row in form.rows.items()
    }


def test_new_edited_and_deleted_submissions_arrive(form: FakeForm, pipeline: Pipeline):
    assert pipeline.run() == 40
    assert pipeline.loaded() == on_the_server(form)
    first, second, third, *_ = list(form.rows)
    form.edit(first, comment="corrected")
    form.edit(second, members=[{"members/age": "7"}])
    form.delete(third)
    form.insert(2)
    pipeline.new_machine()
    assert pipeline.run() == 5
    assert pipeline.loaded() == on_the_server(form)
    assert pipeline.run() == 0
    assert pipeline.loaded() == on_the_server(form)


def test_of_two_states_in_one_run_the_later_one_counts(
    fake: FakeKobo, form: FakeForm, pipeline: Pipeline
):
    pipeline.run()
    (new,) = form.insert()

    def edit_when_all_are_compared(request: RequestInfo) -> None:
        if "_validation_status" in request.query.get("fields", ""):
            fake.on_request = None
            form.edit(new, comment="corrected")

    fake.on_request = edit_when_all_are_compared
    assert pipeline.run(strategy="sweep") == 2
    assert pipeline.loaded() == on_the_server(form)


def test_a_run_that_fails_is_made_up_for_by_the_next(
    fake: FakeKobo, form: FakeForm, pipeline: Pipeline
):
    fake.max_page = 10
    fake.faults.add(Fault.status(500, match="/data/", after=3, times=60))
    with pytest.raises(PipelineStepFailed, match="500"):
        pipeline.run()
    fake.faults.clear()
    assert pipeline.run() == 40
    assert pipeline.loaded() == on_the_server(form)


def test_more_deletions_than_allowed_are_not_followed(form: FakeForm, pipeline: Pipeline):
    pipeline.run()
    before = pipeline.loaded()
    for number in list(form.rows)[:20]:
        form.delete(number)
    with pytest.raises(PipelineStepFailed) as caught:
        pipeline.run()
    assert isinstance(caught.value.exception.__cause__, SyncStopped)
    assert pipeline.loaded() == before
    pipeline.run(max_delete_fraction=0.5)
    assert pipeline.loaded() == on_the_server(form)
