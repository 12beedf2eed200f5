"""Stories of downloads from a server on which life goes on."""

from __future__ import annotations

import json

import pytest

from kobo_async import (
    BadRequest,
    IncompleteDownload,
    NotFound,
    Progress,
    QueryError,
    UnexpectedShape,
)
from kobo_async.testing import Fault

pytestmark = pytest.mark.anyio
STRATEGIES = ["auto", "offsets", "ranges"]


@pytest.fixture(params=["dicts", "raw"])
def form_of_rows(request):
    return request.param


@pytest.fixture
def collect(form_of_rows):
    async def collect(client, uid, **options):
        async with client.submissions.stream(uid, as_=form_of_rows, **options) as rows:
            got = [row async for row in rows]
        if form_of_rows == "raw":
            assert all(type(row) is bytes for row in got)
            got = [*map(json.loads, got)]
        return got, rows.report

    return collect


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 250, 1030])
async def test_every_row_comes_once_in_the_order_of_ids(collect, client, fake, strategy, rows):
    fake.max_page = 100
    form = fake.add_form("Survey", rows=rows, id_gaps=5)
    got, report = await collect(client, form.uid, strategy=strategy)
    assert got == list(form.rows.values())
    assert report.complete
    assert (report.expected, report.delivered, report.missing) == (rows, rows, 0)
    assert report.requests == len(fake.requests)


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_ten_rows_deleted_during_the_download_cost_no_living_row(
    collect, client, fake, strategy
):
    fake.max_page = 100
    form = fake.add_form("Survey", rows=250)
    doomed = list(form.rows)[:10]

    def delete_after_the_first_page(_):
        if len(fake.requests) == 2:
            for number in doomed:
                if number in form.rows:
                    form.delete(number)

    fake.on_request = delete_after_the_first_page
    got, report = await collect(client, form.uid, strategy=strategy)
    assert {row["_id"] for row in got} >= set(form.rows)
    assert report.complete


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_rows_that_arrive_are_counted_and_left_to_the_next_download(
    collect, client, fake, strategy
):
    fake.max_page = 50
    form = fake.add_form("Survey", rows=2000)
    before = set(form.rows)

    def insert(_):
        if len(fake.requests) == 3:
            form.insert(7)

    fake.on_request = insert
    got, report = await collect(client, form.uid, strategy=strategy)
    assert {row["_id"] for row in got} == before
    assert report.arrived == 7
    fake.on_request = None
    more, _ = await collect(client, form.uid, after=report.last_id)
    assert {row["_id"] for row in more} == set(form.rows) - before


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_a_row_deleted_before_it_was_read_is_reported_as_vanished(
    collect, client, fake, strategy
):
    fake.max_page = 50
    form = fake.add_form("Survey", rows=200)
    last = max(form.rows)

    def delete(_):
        if len(fake.requests) == 2 and last in form.rows:
            form.delete(last)

    fake.on_request = delete
    got, report = await collect(client, form.uid, strategy=strategy)
    assert {row["_id"] for row in got} == set(form.rows)
    assert (report.vanished, report.missing, report.complete) == (1, 0, True)


@pytest.mark.parametrize("strategy", ["offsets", "ranges"])
async def test_a_page_that_never_arrives_is_read_in_smaller_ones(collect, client, fake, strategy):
    fake.max_page = 200
    form = fake.add_form("Survey", rows=1000)

    def too_heavy(request):
        if int(request.query["limit"]) > 60 and len(fake.requests) > 2:
            fake.faults.add(Fault.status(504, times=1))

    fake.on_request = too_heavy
    got, report = await collect(client, form.uid, strategy=strategy)
    assert [row["_id"] for row in got] == list(form.rows)
    assert report.complete
    assert {request.query["limit"] for request in fake.requests} >= {"200", "50"}


async def test_what_cannot_be_read_raises_and_names_the_ids(collect, client, fake):
    fake.max_page = 100
    form = fake.add_form("Survey", rows=300)
    fake.faults.add(Fault.status(500, after=2))
    with pytest.raises(IncompleteDownload, match="_id 101 to 300 cannot be read") as found:
        await collect(client, form.uid, strategy="offsets")
    assert found.value.report.delivered == 100
    assert not found.value.report.complete


async def test_gaps_may_be_allowed_and_are_then_counted(collect, client, fake):
    fake.max_page = 100
    form = fake.add_form("Survey", rows=300)
    fake.faults.add(Fault.status(500, after=2, times=60))
    got, report = await collect(client, form.uid, strategy="ranges", strict=False)
    assert not report.complete
    assert report.gaps
    assert report.delivered == len(got)
    assert report.missing == 300 - len(got) or report.missing is None


async def test_ranges_find_rows_in_clusters_with_few_requests_wasted(collect, client, fake):
    fake.max_page = 100
    form = fake.add_form("Survey", rows=1000, first_id=1)
    fake.add_form("Another project", rows=1, first_id=1_000_000)
    form.insert(2000)
    assert max(form.rows) - min(form.rows) > 1_000_000
    got, report = await collect(client, form.uid, strategy="ranges")
    assert [row["_id"] for row in got] == list(form.rows)
    assert report.requests < 3 * 30


async def test_a_reader_may_leave_at_any_point(client, fake):
    fake.max_page = 10
    form = fake.add_form("Survey", rows=500)
    async with client.submissions.stream(form.uid) as rows:
        async for row in rows:
            if row["_id"] > list(form.rows)[42]:
                break
    assert rows.report is None
    assert await client.submissions.count(form.uid) == 500


async def test_pages_come_as_lists_and_progress_is_told_after_each(client, fake):
    fake.max_page = 100
    form = fake.add_form("Survey", rows=250)
    told = []
    async with client.submissions.pages(form.uid, on_progress=told.append) as pages:
        sizes = [len(page) async for page in pages]
    assert sizes == [100, 100, 50]
    assert told == [Progress(100, 250), Progress(200, 250), Progress(250, 250)]


async def test_a_first_page_that_breaks_off_is_asked_for_again(collect, client, fake):
    form = fake.add_form("Survey", rows=3)
    fake.faults.add(Fault.garbage("json", times=2))
    got, report = await collect(client, form.uid)
    assert [row["_id"] for row in got] == list(form.rows)
    assert report.complete


async def test_filters_and_fields_reach_the_server(collect, form_of_rows, client, fake):
    fake.max_page = 20
    form = fake.add_form("Survey", rows=100)
    wanted = [number for number in form.rows if number > 40]
    got, report = await collect(
        client, form.uid, where={"_id": {"$gt": 40}}, fields=["_id"], strategy="offsets"
    )
    assert [row["_id"] for row in got] == wanted
    added = {"_validation_status"} if form_of_rows == "raw" else set()
    assert set(got[0]) == {"_id", "_uuid", "meta/rootUuid"} | added
    assert report.expected == len(wanted)


async def test_a_filter_that_would_match_nothing_is_refused_before_anything_is_sent(
    collect, client, fake
):
    form = fake.add_form("Survey", rows=3)
    with pytest.raises(QueryError, match="equality"):
        await collect(client, form.uid, where={"name": {"$eq": "x"}})
    assert fake.requests == []


async def test_an_unknown_project_is_not_found(collect, client):
    with pytest.raises(NotFound):
        await collect(client, "aNope")


async def test_a_draft_has_no_data(collect, client, fake):
    form = fake.add_form("Draft", rows=0, deployed=False)
    with pytest.raises(BadRequest, match="has not been deployed"):
        await collect(client, form.uid)


async def test_a_server_that_does_not_sort_is_not_believed(collect, client, fake):
    fake.faults.add(
        Fault.status(
            200,
            body=b'{"count": 2, "next": null, "results": [{"_id": 2}, {"_id": 1}]}',
            content_type="application/json",
            match="/data/",
        )
    )
    fake.add_form("Survey", rows=2)
    with pytest.raises(UnexpectedShape, match="did not sort"):
        await collect(client, "aX")


async def test_the_report_reads_as_a_sentence_and_as_json(collect, client, fake):
    form = fake.add_form("Survey", rows=3)
    _, report = await collect(client, form.uid)
    assert str(report).startswith(f"complete: 3 of 3 rows of {form.uid} delivered, 0 missing")
    assert report.as_dict()["delivered"] == 3
