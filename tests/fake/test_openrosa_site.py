"""Who may submit to which forms, and which forms are listed."""

from __future__ import annotations

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo
from kobo_async.testing.media import Medium

from .conftest import client_of
from .submitting import ONE, parsed, post, said, xml

pytestmark = pytest.mark.anyio


async def test_the_state_of_the_server_decides(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    text = xml(form)
    form.suspended = True
    assert (await post(client, text)).status_code == 503
    form.suspended = False
    fake.over_limit.add("alice")
    assert (await post(client, text)).status_code == 402
    fake.over_limit.clear()
    form.locked.add(ONE)
    assert (await post(client, text)).status_code == 423
    form.locked.clear()
    form.archive()
    assert (await post(client, text)).status_code == 405
    form.unarchive()
    unnamed = await post(client, xml(form, uuid=""))
    assert (unnamed.status_code, said(unnamed)) == (400, "Instance ID is required")
    boss = fake.add_user("boss", superuser=True)
    form.share("boss", "add_submissions")
    async with client_of(fake, boss) as superuser:
        assert said(await post(superuser, text)) == "Access denied"


async def test_forms_are_listed_for_those_who_may_submit(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    fake: FakeKobo,
    form: FakeForm,
) -> None:
    archived = fake.add_form("Archived")
    archived.archive()
    fake.add_form("Draft", deployed=False)

    async def listed(client: httpx.AsyncClient, path: str, **params: str) -> list[str]:
        reply = await client.get(path, params=params)
        assert reply.headers["x-openrosa-version"] == "1.0"
        return [one[0].text or "" for one in parsed(reply.text)]

    assert await listed(client, "/formList") == [form.uid]
    assert await listed(client, "/formList", formID="aNope") == []
    assert await listed(stranger, "/formList") == []
    form.share("bob", "add_submissions")
    assert await listed(stranger, "/formList") == [form.uid]
    assert await listed(client, "/alice/formList") == []
    form.share(ANONYMOUS, "add_submissions")
    assert await listed(anonymous, "/alice/formList") == [form.uid]
    assert await listed(anonymous, f"/alice/xformsManifest/{form.number}") == []
    assert (await client.get("/xformsManifest/99")).status_code == 404


async def test_media_are_listed_with_what_they_hash_to(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    form.media = [
        Medium(1, "a.csv", "text/csv", b"a"),
        Medium(2, "b.png", "image/png", redirect_url="https://media.example.org/b.png"),
    ]
    manifest = parsed((await client.get(f"/xformsManifest/{form.number}")).text)
    (name, digest, link), (_, remote, _) = manifest
    assert (name.text, digest.text) == ("a.csv", "md5:0cc175b9c0f1b6a831c399e269772661")
    assert (remote.text or "").endswith("-url")
    assert (await client.get(link.text or "")).content == b"a"
    elsewhere = await client.get(f"/xformsMedia/{form.number}/2.png")
    assert elsewhere.headers["location"] == "https://media.example.org/b.png"
    assert (await client.get(f"/xformsMedia/{form.number}/3.png")).status_code == 404
