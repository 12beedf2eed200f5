"""Exports: ordered, waited for, saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from kobo_async import ExportOptions, KoboClient
from kobo_async.errors import (
    ConfigError,
    JobFailed,
    JobTimeout,
    MalformedReply,
    NotFound,
    QueryError,
    ServerBusy,
    ServerError,
    TransportError,
)
from kobo_async.testing import FakeForm, FakeKobo, Fault, Pace
from kobo_async.testing.clock import FakeClock
from tests.verbs.journal import Journal, names

pytestmark = pytest.mark.anyio

FILE = "GET /private-media/"


def ordered(journal: Journal) -> dict[str, Any]:
    (sent,) = journal.bodies("POST .*/exports/")
    return dict(sent)


async def test_an_export_is_ordered_waited_for_and_saved(
    client: KoboClient,
    fake: FakeKobo,
    form: FakeForm,
    journal: Journal,
    clock: FakeClock,
    tmp_path: Path,
):
    fake.export_pace = Pace(polls=2)
    path = tmp_path / "data.csv"
    result = await client.exports.run(form.uid, path=path)
    assert path.read_bytes().startswith(b'"')
    assert path.read_bytes().count(b"\r\n") == 1 + len(form.rows)
    assert names(tmp_path) == ["data.csv"]
    assert (result.path, result.content, result.size) == (path, None, path.stat().st_size)
    assert (result.status, result.submissions, result.seconds) == ("complete", 4, 0.5)
    assert result.last_submission_time is not None
    assert result.age == 6.0
    assert clock.slept == [2, 4]
    assert ordered(journal)["type"] == "csv"


@pytest.mark.parametrize("shape", ["html", "json"])
async def test_what_is_no_export_is_never_saved_as_one(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path, shape: Any
):
    path = tmp_path / "data.csv"
    fake.faults.add(Fault.garbage(shape, match=FILE, times=2))
    result = await client.exports.run(form.uid, path=path)
    assert path.read_bytes().count(b"\r\n") == 1 + len(form.rows)
    assert result.size == path.stat().st_size
    path.unlink()
    fake.faults.add(Fault.garbage(shape, match=FILE))
    with pytest.raises(MalformedReply, match="instead of a file"):
        await client.exports.run(form.uid, path=path)
    assert names(tmp_path) == []


async def test_without_a_path_an_excel_file_is_kept_in_memory(
    client: KoboClient, form: FakeForm, journal: Journal
):
    result = await client.exports.run(form.uid)
    assert result.path is None
    assert result.content is not None
    assert result.content.startswith(b"PK")
    assert ordered(journal)["type"] == "xls"
    assert "content" not in repr(result)


async def test_the_type_alone_says_what_to_make(
    client: KoboClient, form: FakeForm, journal: Journal
):
    result = await client.exports.run(form.uid, type="geojson")
    assert result.content is not None
    assert result.content.startswith(b"{")
    assert ordered(journal)["type"] == "geojson"


async def test_an_export_of_some_submissions_does_not_tell_how_many(
    client: KoboClient, form: FakeForm
):
    options = ExportOptions("csv", submission_ids=[min(form.rows)])
    result = await client.exports.run(form.uid, options)
    assert result.submissions is None
    assert result.content is not None
    assert result.content.count(b"\r\n") == 2


@pytest.mark.parametrize(
    ("chosen", "file", "said"),
    [
        ({"options": ExportOptions("csv", lang="Klingon")}, None, "no language 'Klingon'"),
        ({"options": ExportOptions("xls")}, "data.csv", "would hold xls"),
        ({"type": "kml"}, "data.csv", "would hold kml"),
        ({"options": ExportOptions("xls"), "type": "csv"}, None, "that of the options is 'xls'"),
    ],
    ids=["language", "ending", "type and ending", "type and options"],
)
async def test_what_cannot_be_exported_is_not_ordered(
    client: KoboClient,
    form: FakeForm,
    journal: Journal,
    tmp_path: Path,
    chosen: dict[str, Any],
    file: str | None,
    said: str,
):
    with pytest.raises(QueryError, match=said):
        await client.exports.run(form.uid, **chosen, path=tmp_path / file if file else None)
    assert journal.writes == []


async def test_a_draft_is_not_exported(client: KoboClient, draft: FakeForm, journal: Journal):
    with pytest.raises(QueryError, match="never deployed"):
        await client.exports.run(draft.uid)
    assert journal.writes == []


async def test_a_place_where_no_file_can_be_is_refused_first(
    client: KoboClient, form: FakeForm, journal: Journal, tmp_path: Path
):
    with pytest.raises(ConfigError):
        await client.exports.run(form.uid, path=tmp_path / "nowhere" / "data.csv")
    assert journal.sent == []


async def test_a_failed_export_says_what_the_server_said(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    fake.export_error = ("ExpatError", "not well-formed")
    with pytest.raises(JobFailed, match="not well-formed") as caught:
        await client.exports.run(form.uid)
    assert caught.value.error_type == "ExpatError"


async def test_an_export_that_fails_without_a_word_is_a_failure(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    fake.export_error = ("", "")
    with pytest.raises(JobFailed, match="does not say why"):
        await client.exports.run(form.uid)


async def test_an_export_that_takes_too_long_can_be_waited_for_again(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    fake.export_pace = Pace(seconds=100)
    with pytest.raises(JobTimeout) as caught:
        await client.exports.run(form.uid, type="csv", timeout=60)
    done = await client.exports.wait(form.uid, caught.value.job)
    assert (await client.exports.fetch(done)).size > 0


async def test_an_export_pushed_out_by_ten_newer_ones_is_not_found(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    fake.export_pace = Pace(seconds=100)
    first = await client.exports.create(form.uid, options=ExportOptions("csv"))
    for number in range(10):
        options = ExportOptions("csv", group_sep=f"{number}")
        await client.exports.create(form.uid, options=options)
    with pytest.raises(NotFound):
        await client.exports.wait(form.uid, first.uid)


async def test_an_unfinished_export_has_no_file(client: KoboClient, form: FakeForm):
    task = await client.exports.create(form.uid, options=ExportOptions("csv"))
    with pytest.raises(QueryError, match="it is created"):
        await client.exports.fetch(task)


@pytest.mark.parametrize("prefix", ["", "/kobo"])
async def test_the_file_is_fetched_from_the_configured_server_below_its_prefix(
    client: KoboClient, fake: FakeKobo, form: FakeForm, journal: Journal, prefix: str
):
    fake.public_url = f"http://inside:8000{prefix}"
    await client.exports.run(form.uid)
    assert len(journal.of(f"{FILE}.*")) == 1


async def test_a_file_that_breaks_off_is_fetched_again(
    client: KoboClient, fake: FakeKobo, form: FakeForm, journal: Journal, tmp_path: Path
):
    fake.faults.add(Fault.truncate(match=FILE, times=1))
    path = tmp_path / "data.csv"
    result = await client.exports.run(form.uid, path=path)
    assert result.size == path.stat().st_size
    assert path.read_bytes().endswith(b"\r\n")
    assert len(journal.of(f"{FILE}.*")) == 2


async def test_a_file_that_breaks_off_each_time_is_not_there_at_all(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path
):
    fake.faults.add(Fault.truncate(match=FILE))
    with pytest.raises(TransportError):
        await client.exports.run(form.uid, path=tmp_path / "data.csv")
    assert names(tmp_path) == []


@pytest.fixture
async def setting(client: KoboClient, form: FakeForm) -> str:
    """Return the uid of kept settings."""
    options = ExportOptions("csv")
    return (await client.export_settings.create(form.uid, name="All", options=options)).uid


async def test_a_synchronous_export_tells_the_age_of_what_the_server_kept(
    client: KoboClient, form: FakeForm, setting: str, clock: FakeClock, tmp_path: Path
):
    first = await client.exports.sync_export(form.uid, setting, path=tmp_path / "data.csv")
    assert first.age == 0.0
    form.insert(1)
    clock.advance(120)
    second = await client.exports.sync_export(form.uid, setting)
    assert (second.size, second.age, second.made) == (first.size, 120.0, first.made)
    clock.advance(200)
    third = await client.exports.sync_export(form.uid, setting)
    assert third.age == 0.0
    assert third.size > first.size


async def test_the_age_is_unknown_where_the_server_does_not_tell(
    client: KoboClient, fake: FakeKobo, form: FakeForm, setting: str
):
    fake.faults.add(Fault.status(200, body=b"rows", content_type="text/csv", match=FILE))
    result = await client.exports.sync_export(form.uid, setting)
    assert (result.content, result.made, result.age) == (b"rows", None, None)


class Yesterday(httpx.ASGITransport):
    """Times that no server should send."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.headers["last-modified"] = "yesterday"
        return response


async def test_the_age_is_unknown_where_the_server_says_it_in_words(
    fake: FakeKobo, form: FakeForm, setting: str
):
    transport = Yesterday(fake)
    async with KoboClient("http://localhost", token=fake.token, transport=transport) as client:
        result = await client.exports.sync_export(form.uid, setting, format="xlsx")
    assert (result.made, result.age) == (None, None)


async def test_a_busy_server_is_asked_again_after_the_time_it_names(
    client: KoboClient, fake: FakeKobo, form: FakeForm, setting: str, clock: FakeClock
):
    busy = Fault.status(503, retry_after=40, match="GET .*/data/", times=7)
    fake.faults.add(busy)
    assert (await client.exports.sync_export(form.uid, setting, timeout=600)).size > 0
    assert min(clock.slept) == 40


async def test_a_wait_that_is_too_long_is_not_begun(
    client: KoboClient, fake: FakeKobo, form: FakeForm, setting: str, clock: FakeClock
):
    fake.sync_export_busy = 2099
    with pytest.raises(ServerBusy) as caught:
        await client.exports.sync_export(form.uid, setting)
    assert caught.value.retry_after == 2099
    assert clock.slept == []


async def test_a_failed_synchronous_export_says_what_the_server_said(
    client: KoboClient, fake: FakeKobo, form: FakeForm, setting: str
):
    fake.export_error = ("ExpatError", "not well-formed")
    with pytest.raises(ServerError, match="not well-formed"):
        await client.exports.sync_export(form.uid, setting)
