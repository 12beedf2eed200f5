"""The REST service of a receiver on the server."""

from __future__ import annotations

import pytest

from kobo_async import ConfigError, KoboClient
from kobo_async.testing import FakeForm
from kobo_async.webhook.access import HEADER, Access, Anybody, BasicLogin, SharedSecret
from kobo_async.webhook.registration import register

pytestmark = pytest.mark.anyio
URL = "https://receiver.example.org/kobo/x"
LOGIN = BasicLogin("kobo", "pass")
HIDDEN = SharedSecret("s3cret")


@pytest.mark.parametrize("access", [HIDDEN, LOGIN, Anybody()])
async def test_it_is_made_once(client: KoboClient, form: FakeForm, access: Access):
    made = await register(client, form.uid, URL, access)
    again = await register(client, form.uid, f"{URL}/", access)
    assert (made.outcome, again.outcome) == ("created", "unchanged")
    (hook,) = await client.hooks.list(form.uid).all()
    assert (hook.uid, hook.endpoint, hook.active) == (again.hook.uid, URL, True)


async def test_what_is_wrong_is_put_right_and_the_rest_stays(client: KoboClient, form: FakeForm):
    other = await client.hooks.create(form.uid, name="other", endpoint="https://other.example.org/")
    await client.hooks.create(
        form.uid,
        name="mine",
        endpoint=URL,
        active=False,
        export_type="xml",
        custom_headers={"X-Tenant": "7", HEADER.lower(): "old"},
        username="u",
        password="p",
    )
    found = await register(client, form.uid, URL, HIDDEN)
    assert found.outcome == "repaired"
    hooks = {hook.uid: hook for hook in await client.hooks.list(form.uid).all()}
    assert hooks.pop(other.uid) == other
    (hook,) = hooks.values()
    assert (hook.active, hook.export_type, hook.name) == (True, "xml", "mine")
    assert hook.settings.custom_headers == {"X-Tenant": "7", HEADER: "s3cret"}
    assert (hook.settings.username, hook.settings.password) == ("u", "p")
    assert (await register(client, form.uid, URL, HIDDEN)).outcome == "unchanged"


@pytest.mark.parametrize("access", [HIDDEN, LOGIN])
async def test_a_new_secret_replaces_the_old_one(
    client: KoboClient, form: FakeForm, access: Access
):
    await register(client, form.uid, URL, SharedSecret("old"))
    assert (await register(client, form.uid, URL, access)).outcome == "repaired"
    assert (await register(client, form.uid, URL, access)).outcome == "unchanged"


async def test_the_secret_is_not_sent_in_the_clear(client: KoboClient, form: FakeForm):
    with pytest.raises(ConfigError, match="not encrypted"):
        await register(client, form.uid, "http://receiver.example.org/x", HIDDEN)
    made = await register(client, form.uid, "http://127.0.0.1:8000/x", HIDDEN)
    assert made.outcome == "created"
