"""Exports: ordered, waited for, saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from kobo_async import KoboClient
from kobo_async.errors import (
    ConfigError,
    ConnectionLost,
    JobFailed,
    JobTimeout,
    NotFound,
    QueryError,
    ServerBusy,
    ServerError,
)
from kobo_async.models.convert import structure
from kobo_async.models.export import ExportOptions, ExportTask
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.exports import ExportVerbs
from tests.verbs.desk import ASSET, CREATED, UID, Desk, Say, asset, draft, names

pytestmark = pytest.mark.anyio

EXPORTS = f"{ASSET}exports/"
EXPORT = f"{EXPORTS}e1/"
RESULT = "/private-media/alice/exports/data.csv"
SYNC = f"{ASSET}export-settings/es1/data/"


def task(status: str, **fields: Any) -> dict[str, Any]:
    url = f"http://inside:8000{EXPORT}"
    return {"uid": "e1", "status": status, "url": url, "date_created": CREATED, **fields}


def complete(**fields: Any) -> dict[str, Any]:
    return task(
        "complete",
        result=f"http://inside:8000{RESULT}",
        last_submission_time="2023-11-14T20:00:00Z",
        data={"processing_time_seconds": 1.5},
        **fields,
    )


@pytest.fixture
def exports(scripted: KoboClient, clock: FakeClock) -> ExportVerbs:
    return ExportVerbs(scripted._sender, clock)


@pytest.fixture
def exporting(desk: Desk) -> Desk:
    desk.on("GET", ASSET, asset())
    desk.on("POST", EXPORTS, Say(201, task("created")))
    desk.on("GET", EXPORT, task("created"), task("processing"), complete())
    desk.on("GET", RESULT, Say(body=b'"a";"b"\r\n'))
    return desk


async def test_an_export_is_ordered_waited_for_and_saved(
    exports: ExportVerbs, exporting: Desk, clock: FakeClock, tmp_path: Path
):
    path = tmp_path / "data.csv"
    result = await exports.run(UID, path=path)
    assert path.read_bytes() == b'"a";"b"\r\n'
    assert names(tmp_path) == ["data.csv"]
    assert (result.path, result.content, result.size) == (path, None, 9)
    assert (result.status, result.submissions, result.seconds) == ("complete", 3, 1.5)
    assert result.last_submission_time is not None
    assert result.age == 6.0
    assert clock.slept == [2, 4]
    assert exporting.last("POST", EXPORTS).json["type"] == "csv"


async def test_without_a_path_an_excel_file_is_kept_in_memory(
    exports: ExportVerbs, exporting: Desk
):
    result = await exports.run(UID)
    assert (result.path, result.content) == (None, b'"a";"b"\r\n')
    assert exporting.last("POST", EXPORTS).json["type"] == "xls"
    assert "content" not in repr(result)


async def test_an_export_of_some_submissions_does_not_tell_how_many(
    exports: ExportVerbs, exporting: Desk
):
    result = await exports.run(UID, ExportOptions("csv", submission_ids=[1]))
    assert result.submissions is None
    assert exporting.last("POST", EXPORTS).json["submission_ids"] == [1]


@pytest.mark.parametrize(
    ("state", "options", "file", "said"),
    [
        (asset(), ExportOptions("csv", lang="Klingon"), None, "no language 'Klingon'"),
        (draft(), None, None, "never deployed"),
        (asset(), ExportOptions("xls"), "data.csv", "would hold xls"),
    ],
    ids=["language", "draft", "ending"],
)
async def test_what_cannot_be_exported_is_not_ordered(
    exports: ExportVerbs,
    desk: Desk,
    tmp_path: Path,
    state: dict[str, Any],
    options: ExportOptions | None,
    file: str | None,
    said: str,
):
    desk.on("GET", ASSET, state)
    with pytest.raises(QueryError, match=said):
        await exports.run(UID, options, path=tmp_path / file if file else None)
    assert desk.writes == []


async def test_a_place_where_no_file_can_be_is_refused_first(
    exports: ExportVerbs, desk: Desk, tmp_path: Path
):
    with pytest.raises(ConfigError):
        await exports.run(UID, path=tmp_path / "nowhere" / "data.csv")
    assert desk.sent == []


async def test_a_failed_export_says_what_the_server_said(exports: ExportVerbs, exporting: Desk):
    messages = {"error": "not well-formed", "error_type": "ExpatError"}
    exporting.on("GET", EXPORT, task("error", messages=messages))
    with pytest.raises(JobFailed, match="not well-formed") as caught:
        await exports.run(UID)
    assert caught.value.error_type == "ExpatError"


async def test_an_export_that_fails_without_a_word_is_a_failure(
    exports: ExportVerbs, exporting: Desk
):
    exporting.on("GET", EXPORT, task("error", messages={}))
    with pytest.raises(JobFailed, match="does not say why"):
        await exports.run(UID)


async def test_an_export_that_takes_too_long_can_be_waited_for_again(
    exports: ExportVerbs, exporting: Desk
):
    exporting.on("GET", EXPORT, task("processing"))
    with pytest.raises(JobTimeout) as caught:
        await exports.run(UID, timeout=60)
    exporting.on("GET", EXPORT, complete())
    done = await exports.wait(UID, caught.value.job)
    assert (await exports.fetch(done)).size == 9


async def test_an_export_pushed_out_by_ten_newer_ones_is_not_found(
    exports: ExportVerbs, exporting: Desk
):
    exporting.on("GET", EXPORT, Say(404, {"detail": "No SubmissionExportTask matches"}))
    with pytest.raises(NotFound):
        await exports.run(UID)


async def test_an_unfinished_export_has_no_file(exports: ExportVerbs):
    with pytest.raises(QueryError, match="it is processing"):
        await exports.fetch(structure(task("processing"), ExportTask))


async def test_the_file_is_fetched_from_the_configured_server_below_its_prefix(
    exports: ExportVerbs, exporting: Desk
):
    url = f"http://inside/kobo{EXPORT}"
    done = complete() | {"url": url, "result": f"http://inside/kobo{RESULT}"}
    exporting.on("GET", EXPORT, done)
    await exports.run(UID)
    assert exporting.count("GET", RESULT) == 1


class Cut(httpx.AsyncByteStream):
    """A body that breaks off."""

    async def __aiter__(self):
        yield b"half"
        raise httpx.ReadError("cut")


async def test_a_file_that_breaks_off_is_fetched_again(
    exports: ExportVerbs, exporting: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = Say.response.fget  # type: ignore[attr-defined]
    broken = Say(body=b"cut")
    monkeypatch.setattr(
        Say,
        "response",
        property(lambda say: httpx.Response(200, stream=Cut()) if say is broken else whole(say)),
    )
    exporting.on("GET", RESULT, broken, Say(body=b"whole"))
    result = await exports.run(UID, path=tmp_path / "data.csv")
    assert result.size == 5
    exporting.on("GET", RESULT, broken)
    with pytest.raises(ConnectionLost):
        await exports.run(UID, path=tmp_path / "other.csv")
    assert names(tmp_path) == ["data.csv"]
    assert exporting.count("GET", RESULT) == 5


async def test_a_synchronous_export_is_followed_and_tells_its_age(
    exports: ExportVerbs, desk: Desk, tmp_path: Path
):
    times = {
        "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
        "date": "Tue, 14 Nov 2023 22:15:20 GMT",
    }
    desk.on("GET", SYNC, Say(302, b"", {"location": RESULT}))
    desk.on("GET", RESULT, Say(body=b"rows", headers=times))
    result = await exports.sync_export(UID, "es1", path=tmp_path / "data.csv")
    assert (result.size, result.age) == (4, 120.0)
    assert result.made is not None
    assert desk.sent[0].query == {"format": "csv"}


@pytest.mark.parametrize("headers", [{}, {"last-modified": "yesterday"}])
async def test_the_age_is_unknown_where_the_server_does_not_tell(
    exports: ExportVerbs, desk: Desk, headers: dict[str, str]
):
    desk.on("GET", SYNC, Say(body=b"rows", headers=headers))
    result = await exports.sync_export(UID, "es1", format="xlsx")
    assert (result.content, result.made, result.age) == (b"rows", None, None)


async def test_a_busy_server_is_asked_again_after_the_time_it_names(
    exports: ExportVerbs, desk: Desk, clock: FakeClock
):
    busy = Say(503, {"error": "in progress"}, {"retry-after": "40"})
    desk.on("GET", SYNC, *[busy] * 7, Say(body=b"rows"))
    assert (await exports.sync_export(UID, "es1", timeout=600)).size == 4
    assert min(clock.slept) == 40


async def test_a_wait_that_is_too_long_is_not_begun(
    exports: ExportVerbs, desk: Desk, clock: FakeClock
):
    desk.on("GET", SYNC, Say(503, {"error": "in progress"}, {"retry-after": "2099"}))
    with pytest.raises(ServerBusy) as caught:
        await exports.sync_export(UID, "es1")
    assert caught.value.retry_after == 2099
    assert clock.slept == []


async def test_a_failed_synchronous_export_says_when_to_try_again(exports: ExportVerbs, desk: Desk):
    desk.on("GET", SYNC, Say(500, b"Synchronous export failed. Retry in 299 seconds"))
    with pytest.raises(ServerError, match="299 seconds"):
        await exports.sync_export(UID, "es1")
