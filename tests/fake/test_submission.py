"""One row, its files, and rows of a real server."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

pytestmark = pytest.mark.anyio


async def test_one_row_is_found_by_every_name_it_has(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    root = form.rows[7]["meta/rootUuid"].removeprefix("uuid:")
    between = form.edit(7, hh_size="12")
    current = form.edit(7, hh_size="13")
    for name in ("7", root, f"uuid:{root}", current, "7.json"):
        path = f"{data}{name}" + ("" if name.endswith(".json") else "/")
        assert (await client.get(path)).json() == form.rows[7]
    for name in (between, "0", "999", "-1", "word", "00000000-0000-4000-8000-000000000000"):
        reply = await client.get(f"{data}{name}/")
        assert (reply.status_code, reply.json()) == (404, {"detail": "Not found."})


async def test_one_row_obeys_the_parameters_of_the_list(
    client: httpx.AsyncClient, data: str
) -> None:
    assert (await client.get(f"{data}1/", params={"start": 1})).status_code == 404
    assert (await client.get(f"{data}1/", params={"query": '{"_id": 2}'})).status_code == 404
    narrowed = await client.get(f"{data}1/", params={"query": '{"_id": 1}', "fields": '["_id"]'})
    assert len(narrowed.json()) == 4


async def test_rows_of_another_form_are_not_found(
    client: httpx.AsyncClient, fake: FakeKobo, data: str
) -> None:
    other = fake.add_form("Other", rows=1)
    assert list(other.rows) == [251]
    assert (await client.get(f"{data}251/")).status_code == 404
    assert (await client.get(f"{data}{other.rows[251]['_uuid']}/")).status_code == 404


async def test_attachments_are_real_pictures(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    row = next(row for row in form.rows.values() if row["_attachments"])
    entry = row["_attachments"][0]
    assert entry["media_file_basename"] == row[entry["question_xpath"]]
    reply = await client.get(entry["download_url"])
    assert reply.headers["content-type"] == entry["mimetype"] == "image/png"
    assert reply.content.startswith(b"\x89PNG")
    small = await client.get(entry["download_small_url"], headers={"Accept": "application/json"})
    assert small.content == reply.content
    assert (await client.get(f"{entry['download_url']}huge/")).status_code == 404
    assert (await anonymous.get(entry["download_url"])).status_code == 404
    mp3 = await client.get(entry["download_url"], params={"format": "mp3"})
    assert mp3.json() == {"detail": "Conversion is not supported for image/png"}
    files = f"{data}{row['_id']}/attachments/"
    assert (await client.get(files)).status_code == 400
    assert (await client.get(files, params={"xpath": "photo"})).content == reply.content
    assert (await client.get(files, params={"xpath": "nope"})).status_code == 404


async def test_other_media_are_bytes(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    sound = {"type": "audio", "name": "s", "$autoname": "s", "$xpath": "s", "$kuid": "s"}
    form = fake.add_form("Sounds", rows=64, content={"survey": [sound]})
    row = next(row for row in form.rows.values() if row["_attachments"])
    entry = row["_attachments"][0]
    assert "download_small_url" not in entry
    reply = await client.get(entry["download_url"], params={"format": "mp3"})
    assert reply.headers["content-type"] == "audio/mpeg"


async def test_loaded_rows_keep_their_links_until_a_public_url_is_set(
    client: httpx.AsyncClient, fake: FakeKobo, tmp_path: Path, form: FakeForm
) -> None:
    origin = "https://old.example.org"
    asset = json.dumps(form.asset).replace("http://testserver", origin)
    (tmp_path / "asset.json").write_text(asset.replace("alice", "dora"))
    (tmp_path / "versions.json").write_text(json.dumps({"detail": form.versions}))
    text = "\n".join(json.dumps(row) for row in form.rows.values())
    with gzip.open(tmp_path / "submissions.jsonl.gz", "wt") as file:
        file.write(text.replace("http://testserver", origin))
    loaded = fake.load_form(tmp_path)
    assert loaded.owner == "dora"
    assert fake.users["dora"].token
    assert loaded.asset["url"].startswith("http://testserver/")
    with_photo = next(n for n, row in loaded.rows.items() if row["_attachments"])
    assert loaded.rows[with_photo]["_attachments"][0]["download_url"].startswith(origin)
    fake.public_url = "https://kobo.example.org"
    assert origin not in json.dumps(loaded.rows[with_photo])
    loaded.share("alice")
    seen = (await client.get(f"/api/v2/assets/{loaded.uid}/data/")).json()
    assert seen["count"] == 250
    new = loaded.insert()
    assert new == [251]
    assert loaded.rows[251]["_xform_id_string"] == loaded.uid
