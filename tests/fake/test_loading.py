"""Forms that are loaded with their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .saving import save
from .submitting import parsed, post, xml
from .test_recordings import DATA, HOUSEHOLD

pytestmark = pytest.mark.anyio


async def upload(client: httpx.AsyncClient, form: FakeForm, **metadata: str) -> dict[str, Any]:
    reply = await client.post(
        f"/api/v2/assets/{form.uid}/files/",
        json={
            "file_type": "form_media",
            "description": "d",
            "metadata": metadata,
            **(
                {} if "redirect_url" in metadata else {"base64Encoded": "data:text/csv;base64,YQ=="}
            ),
        },
    )
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def test_files_come_with_the_form_and_keep_their_digests(
    client: httpx.AsyncClient, form: FakeForm, tmp_path: Path
) -> None:
    kept = await upload(client, form, filename="kept.csv")
    lost = await upload(client, form, filename="lost.csv")
    remote = await upload(client, form, redirect_url="https://media.example.org/r.csv")
    save(form, tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / kept["uid"]).write_bytes(b"a")
    fake = FakeKobo()
    loaded = fake.load_form(tmp_path)
    transport = httpx.ASGITransport(fake)
    headers = {"Authorization": f"Token {fake.token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://kobo.test", headers=headers
    ) as other:
        listed = (await other.get(f"/api/v2/assets/{loaded.uid}/files/")).json()["results"]
        assert listed == [kept, lost, remote]
        assert (await other.get(kept["content"])).content == b"a"
        manifest = parsed((await other.get(f"/xformsManifest/{loaded.number}")).text)
    assert [file[1].text for file in manifest] == [
        one["metadata"]["hash"] for one in (kept, lost, remote)
    ]


async def test_attachments_come_with_their_contents(
    client: httpx.AsyncClient, form: FakeForm, tmp_path: Path
) -> None:
    await post(client, xml(form, "<photo>p.png</photo>"), ("p.png", b"\x89PNG mine"))
    number = max(form.rows)
    uid = form.rows[number]["_attachments"][0]["uid"]
    save(form, tmp_path)
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / uid).write_bytes(form.files[uid])
    assert FakeKobo().load_form(tmp_path).files == {uid: b"\x89PNG mine"}


@pytest.mark.skipif(not DATA.is_dir(), reason="no recordings here")
async def test_a_real_form_has_its_files() -> None:
    form = FakeKobo().load_form(DATA / "household")
    assert form.uid == HOUSEHOLD
    files = [one.entry(form.uid)["metadata"]["hash"] for one in form.asset_files.values()]
    assert files == [one["metadata"]["hash"] for one in form.asset["files"]]
    assert files
