"""Downloading files: whole, in parts, in sizes; how long recordings are."""

from __future__ import annotations

import hashlib
import wave
from io import BytesIO

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .submitting import ONE, parsed, post, xml

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]


def sound(seconds: float) -> bytes:
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(1000)
        file.writeframes(b"\x80" * int(seconds * 1000))
    return buffer.getvalue()


@pytest.fixture
def photo(form: FakeForm) -> str:
    row = next(row for row in form.rows.values() if row["_attachments"])
    return str(row["_attachments"][0]["download_url"])


async def test_every_size_of_a_picture_is_a_picture(client: httpx.AsyncClient, photo: str) -> None:
    for size in ("", "small/", "medium/", "large/"):
        reply = await client.get(f"{photo}{size}")
        assert reply.headers["content-type"] == "image/png"
        assert reply.content.startswith(b"\x89PNG")
    assert (await client.get(f"{photo}huge/")).status_code == 404


async def test_parts_are_sent_only_by_a_web_server_in_front(
    client: httpx.AsyncClient, fake: FakeKobo, photo: str
) -> None:
    whole = await client.get(photo)
    wanted = {"Range": "bytes=4-9"}
    ignored = await client.get(photo, headers=wanted)
    assert (ignored.status_code, ignored.content) == (200, whole.content)
    fake.ranges = True
    part = await client.get(photo, headers=wanted)
    size = len(whole.content)
    assert (part.status_code, part.content) == (206, whole.content[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{size}"
    assert (await client.get(photo)).content == whole.content


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=5-99999", 206, slice(5, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=-", 200, slice(None)),
        ("rows=1-2", 200, slice(None)),
    ],
)
async def test_ranges_are_read_as_web_servers_do(
    client: httpx.AsyncClient, fake: FakeKobo, photo: str, wanted: str, status: int, part: slice
) -> None:
    whole = (await client.get(photo)).content
    fake.ranges = True
    reply = await client.get(photo, headers={"Range": wanted})
    assert (reply.status_code, reply.content) == (status, whole[part])


async def test_recordings_are_measured_in_the_order_asked(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm, photo: str
) -> None:
    await post(client, xml(form, "<photo>a.wav</photo>"), ("a.wav", sound(2.5)))
    row = form.rows[max(form.rows)]
    uid = row["_attachments"][0]["uid"]
    picture = photo.rstrip("/").rpartition("/")[2]
    url = f"/api/v2/assets/{form.uid}/attachments/audio-duration/"
    body = {"attachment_uids": ["attNope", uid, picture]}
    assert (await client.post(url, json=body)).json() == {
        "attachments": [{"uid": uid, "seconds": 3}, {"uid": picture, "seconds": None}],
        "total": 3,
    }
    assert (await stranger.post(url, json=body)).status_code == 404
    for wrong in ({}, {"attachment_uids": []}, {"attachment_uids": ["a"] * 201}):
        refused = await client.post(url, json=wrong)
        assert (refused.status_code, list(refused.json())) == (400, ["attachment_uids"])
    assert (await client.post(url, json=[])).status_code == 500


async def listed(client: httpx.AsyncClient, uid: str, **params: int) -> tuple[int, str]:
    reply = await client.get("/view/submissionList", params={"formId": uid, **params})
    ids, cursor = parsed(reply.text)
    return len(ids), cursor.text or ""


async def test_briefcase_reads_uuids_in_chunks(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm
) -> None:
    assert await listed(client, form.uid) == (250, "250")
    assert await listed(client, form.uid, numEntries=100) == (100, "100")
    assert await listed(client, form.uid, cursor=240, numEntries=5) == (5, "245")
    assert await listed(client, form.uid, cursor=250) == (0, "250")
    listing = {"formId": form.uid}
    assert (await stranger.get("/view/submissionList", params=listing)).status_code == 403
    assert (await client.get("/view/submissionList")).status_code == 404


def key(form: FakeForm, uuid: str) -> dict[str, str]:
    node = f"{form.uid}[@version=null and @uiVersion=null]/{form.uid}"
    return {"formId": f"{node}[@key=uuid:{uuid}]"}


async def test_briefcase_reads_a_submission_and_its_files(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    content = b"\x89PNG and more"
    await post(client, xml(form, "<photo>p.png</photo>"), ("p.png", content))
    url = "/view/downloadSubmission"
    reply = await client.get(url, params=key(form, ONE))
    data, file = parsed(reply.text)
    (answers,) = data
    assert answers.get("instanceID") == f"uuid:{ONE}"
    assert answers.get("submissionDate") == "2026-03-04T05:06:07"
    name, digest, link = (one.text or "" for one in file)
    assert (name, digest) == ("p.png", f"md5:{hashlib.md5(content).hexdigest()}")  # noqa: S324
    assert (await client.get(link)).content == content
    number = max(form.rows)
    new = form.edit(number, hh_size="9")
    assert (await client.get(url, params=key(form, ONE))).status_code == 404
    edited = await client.get(url, params=key(form, new))
    assert "<hh_size>9</hh_size>" in edited.text
    assert (await client.get(url, params={"formId": form.uid})).status_code == 404
