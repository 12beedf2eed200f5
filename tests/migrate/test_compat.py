"""Scripts of v1 that go on, answered from v2."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import Gone, KoboClient, NotFound, QueryError
from kobo_async.migrate import V1Client
from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo

pytestmark = pytest.mark.anyio
NUMBER = 474


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Wells", rows=2300)


@pytest.fixture
def v1(client: KoboClient, form: FakeForm) -> V1Client:
    return V1Client(client, uids={NUMBER: form.uid})


async def test_the_list_of_data_has_the_entries_of_v1(v1: V1Client, form: FakeForm):
    (entry,) = await v1.get("https://kc.kobotoolbox.org/api/v1/data?format=json")
    assert entry["id_string"] == form.uid
    assert entry["title"] == "Wells"
    assert set(entry) == {"id", "id_string", "title", "description", "url"}


async def test_lists_can_be_had_of_one_owner(v1: V1Client, fake: FakeKobo):
    assert await v1.data_list(owner="nobody") == []
    assert len(await v1.forms(owner=fake.username)) == 1


async def test_a_form_has_the_fields_of_v1(v1: V1Client, fake: FakeKobo, form: FakeForm):
    found = await v1.get(f"/api/v1/forms/{NUMBER}")
    assert found == await v1.form(form.uid)
    assert found["num_of_submissions"] == 2300
    assert found["downloadable"] is True
    assert (found["public"], found["public_data"], found["require_auth"]) == (False, False, True)
    assert found["owner"] == fake.username
    assert found["tags"] == []


async def test_open_access_is_told_as_in_v1(v1: V1Client, client: KoboClient, form: FakeForm):
    await client.permissions.grant(form.uid, ANONYMOUS, "view_submissions")
    found = await v1.form(form.uid)
    assert (found["public"], found["public_data"], found["require_auth"]) == (True, True, True)


async def test_forms_are_a_flat_list(v1: V1Client, fake: FakeKobo):
    fake.add_form("Pumps")
    assert {form["title"] for form in await v1.get("/api/v1/forms")} == {"Wells", "Pumps"}


async def test_data_is_one_flat_list(v1: V1Client, form: FakeForm):
    rows = await v1.get(f"/api/v1/data/{NUMBER}.json")
    assert [row["_id"] for row in rows] == sorted(form.rows)


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"start": "2", "limit": "3"}, [3, 4, 5]),
        ({"sort": '{"_id": -1}', "limit": 2}, [2300, 2299]),
        ({"sort": "-_id", "limit": 2}, [2300, 2299]),
        ({"sort": "_id", "start": 2298}, [2299, 2300]),
        ({"query": '{"_id": {"$lte": 2}}'}, [1, 2]),
        ({"query": {"_id": {"$gt": 2298}}, "fields": '["_id"]'}, [2299, 2300]),
        ({"start": 5000}, []),
        ({"limit": 0}, []),
    ],
)
async def test_data_takes_the_parameters_of_v1(
    v1: V1Client, params: dict[str, Any], ids: list[int]
):
    rows = await v1.get(f"/api/v1/data/{NUMBER}", **params)
    assert [row["_id"] for row in rows] == ids


async def test_more_rows_than_a_page_holds_can_be_asked_for(v1: V1Client):
    rows = await v1.data(NUMBER, start=100, limit=2000)
    assert [row["_id"] for row in rows] == [*range(101, 2101)]


async def test_rows_can_be_counted_as_in_v1(v1: V1Client):
    assert await v1.get(f"/api/v1/data/{NUMBER}?count=1") == [{"count": 2300}]
    assert await v1.data(NUMBER, query={"_id": {"$lte": 7}}, count=True) == [{"count": 7}]


async def test_fields_are_those_asked_for(v1: V1Client):
    (row,) = await v1.data(NUMBER, fields=["_id"], limit=1)
    assert "_submission_time" not in row


async def test_a_submission_can_be_read_and_deleted(v1: V1Client, form: FakeForm):
    assert (await v1.get(f"/api/v1/data/{NUMBER}/7"))["_id"] == 7
    await v1.delete_submission(NUMBER, 7)
    assert 7 not in form.rows
    with pytest.raises(NotFound):
        await v1.submission(NUMBER, 7)


async def test_a_validation_status_is_set_and_read(v1: V1Client):
    url = f"/api/v1/data/{NUMBER}/7/validation_status"
    assert await v1.get(url) == {}
    told = await v1.set_validation_status(NUMBER, 7, "validation_status_approved")
    assert told == await v1.get(url)
    assert told["uid"] == "validation_status_approved"


async def test_files_are_told_as_metadata(v1: V1Client, client: KoboClient, form: FakeForm):
    await client.files.upload(form.uid, filename="goose.jpg", content=b"a goose")
    (file,) = await v1.get("/api/v1/metadata")
    assert await v1.metadata(xform=NUMBER) == [file]
    assert (file["data_type"], file["data_value"], file["data_file_type"]) == (
        "media",
        "goose.jpg",
        "image/jpeg",
    )
    assert (await v1.form(NUMBER))["metadata"] == [file]


async def test_the_account_has_its_token(v1: V1Client, fake: FakeKobo):
    account = await v1.get("/api/v1/user")
    assert account["username"] == fake.username
    assert account["api_token"] == fake.token


async def test_an_unknown_number_is_refused(v1: V1Client):
    with pytest.raises(QueryError, match="uid of 475"):
        await v1.get("/api/v1/forms/475")


async def test_what_cannot_be_answered_is_refused(v1: V1Client):
    with pytest.raises(QueryError, match="not answered"):
        await v1.get("/api/v1/notes")
    with pytest.raises(QueryError, match="not JSON"):
        await v1.data(NUMBER, query="{'a': 1}")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/api/v1/data/474", "use /api/v2/assets/{uid}/data/"),
        ("/api/v1/submissions", "use POST /submission"),
        ("/api/v1/notes", "nothing in its place"),
        ("/assets/aUid/", "use /api/v2/assets/aUid/"),
        ("/exports/", "use /api/v2/assets/{uid}/exports/"),
    ],
)
async def test_the_error_of_a_removed_path_names_the_replacement(
    client: KoboClient, path: str, hint: str
):
    with pytest.raises(Gone) as caught:
        await client.request("GET", path)
    assert hint in str(caught.value)
