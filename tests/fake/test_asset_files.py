"""Media of forms and map layers."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm

pytestmark = pytest.mark.anyio
PNG = b"\x89PNG..."
CODES = {"content": ("codes.csv", b"name,label\n", "text/csv")}


@pytest.fixture
def url(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/files/"


def fields(filename: str | None = None, **more: Any) -> dict[str, Any]:
    metadata = {"metadata": json.dumps({"filename": filename})} if filename else {}
    return {"description": "d", "file_type": "form_media", **metadata, **more}


async def test_files_come_three_ways(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    whole = await client.post(url, data=fields("codes.csv"), files=CODES)
    encoded = f"data:image/png;base64,{b64encode(PNG).decode()}"
    text = await client.post(url, json=fields("a.png", base64Encoded=encoded))
    there = "https://example.com/pic.png"
    remote = await client.post(url, json=fields(metadata={"redirect_url": there}))
    assert [one.status_code for one in (whole, text, remote)] == [201] * 3
    assert whole.headers["location"] == whole.json()["url"]
    names = [one.json()["metadata"]["filename"] for one in (whole, text, remote)]
    assert names == ["codes.csv", "a.png", "pic.png"]
    assert remote.json()["metadata"]["hash"].endswith("-url")
    content = await client.get(text.json()["content"])
    assert content.content == PNG
    assert content.headers["content-type"] == "image/png"
    assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''a.png"
    moved = await client.get(remote.json()["content"])
    assert (moved.status_code, moved.headers["location"]) == (302, there)
    assert (await client.get(url)).json()["count"] == 3
    assert len(form.asset["files"]) == 3


async def test_clients_of_the_form_get_them_after_a_deployment(
    client: httpx.AsyncClient, form: FakeForm, url: str
) -> None:
    made = (await client.post(url, data=fields("codes.csv"), files=CODES)).json()
    layer = fields("area.geojson", file_type="map_layer")
    await client.post(url, data=layer, files={"content": b"{}"})
    assert form.media == []
    deployment = f"/api/v2/assets/{form.uid}/deployment/"
    await client.patch(deployment, json={})
    assert [one.filename for one in form.media] == ["codes.csv"]
    assert form.media[0].digest == made["metadata"]["hash"]
    assert (await client.delete(made["url"])).status_code == 204
    assert len(form.media) == 1
    await client.patch(deployment, json={})
    assert form.media == []
    assert [one.action for one in form.history.select("action:add-media OR action:delete-media")]


async def test_lists_can_be_filtered(client: httpx.AsyncClient, url: str) -> None:
    layer = fields("area.kml", file_type="map_layer")
    await client.post(url, data=layer, files={"content": b"<kml/>"})
    found = (await client.get(url, params={"file_type": "form_media"})).json()
    assert found["count"] == 0
    assert (await client.get(url, params={"file_type": "map_layer"})).json()["count"] == 1


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        ({"json": {"description": "d"}}, 400, {"file_type": ["This field is required."]}),
        (
            {"json": {"file_type": "form_media"}},
            400,
            {"description": ["This field is required."]},
        ),
        (
            {"json": fields(file_type="bogus")},
            400,
            {"file_type": ['"bogus" is not a valid choice.']},
        ),
        ({"json": fields()}, 400, {"content": ["No files have been submitted"]}),
        ({"data": fields(), "files": CODES}, 500, None),
        ({"data": fields(metadata="{"), "files": CODES}, 500, None),
        ({"json": fields("a.png", base64Encoded="data:;base64,A")}, 500, None),
        ({"json": [1]}, 500, None),
        ({"data": fields("x.exe"), "files": CODES}, 400, None),
        ({"data": fields("x.png", file_type="map_layer"), "files": CODES}, 400, None),
        ({"data": fields("x.png", base64Encoded="data:;base64,"), "files": CODES}, 400, None),
    ],
)
async def test_what_is_missing_or_wrong_is_refused(
    client: httpx.AsyncClient, url: str, sent: dict[str, Any], status: int, body: Any
) -> None:
    reply = await client.post(url, **sent)
    assert reply.status_code == status, reply.text
    assert body is None or reply.json() == body


async def test_names_are_taken_once(client: httpx.AsyncClient, url: str) -> None:
    made = await client.post(url, data=fields("codes.csv"), files=CODES)
    again = await client.post(url, data=fields("codes.csv"), files=CODES)
    assert again.json() == {"content": ["File already exists"]}
    await client.delete(made.json()["url"])
    assert (await client.post(url, data=fields("codes.csv"), files=CODES)).status_code == 201


async def test_files_of_nobody(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm, url: str
) -> None:
    missing = {"detail": "No AssetFile matches the given query."}
    for method in ("GET", "PATCH", "DELETE"):
        reply = await client.request(method, f"{url}afNope/")
        assert (reply.status_code, reply.json()) == (404, missing)
    made = (await client.post(url, data=fields("codes.csv"), files=CODES)).json()
    assert (await client.patch(made["url"], json={})).status_code == 405
    assert (await client.get(made["url"])).json() == made
    form.share("bob", "view_asset")
    assert (await stranger.get(made["url"])).status_code == 200
    assert (await stranger.delete(made["url"])).status_code == 403
