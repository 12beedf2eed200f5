from __future__ import annotations

from base64 import b64encode

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .conftest import client_of

pytestmark = pytest.mark.anyio


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(text.encode()).decode()}


def test_the_same_seed_gives_the_same_token_and_another_seed_another() -> None:
    assert FakeKobo(seed=1).token == FakeKobo(seed=1).token != FakeKobo(seed=2).token
    assert len(FakeKobo().token) == 40


async def test_me_tells_whose_token_it_is(client: httpx.AsyncClient) -> None:
    reply = await client.get("/me/")
    assert reply.json()["username"] == reply.headers["x-kobonaut"] == "alice"
    assert reply.json()["is_superuser"] is False
    assert reply.headers["set-cookie"].startswith("django_language=en; expires=Wed, 11 Mar 2026")


async def test_anonymous_users_have_no_me_but_an_empty_list_of_assets(
    anonymous: httpx.AsyncClient, form: FakeForm
) -> None:
    me = await anonymous.get("/me/")
    assert me.status_code == 401
    assert me.headers["www-authenticate"] == "Session"
    assert (await anonymous.get("/api/v2/assets/")).json()["count"] == 0
    assert (await anonymous.get(f"/api/v2/assets/{form.uid}/")).status_code == 404


async def test_an_unknown_bearer_token_is_anonymous_and_a_known_one_works(
    anonymous: httpx.AsyncClient, fake: FakeKobo
) -> None:
    headers = {"Authorization": "Bearer oauth"}
    assert (await anonymous.get("/api/v2/assets/", headers=headers)).status_code == 200
    assert (await anonymous.get("/me/", headers=headers)).status_code == 401
    fake.bearer_tokens["oauth"] = "alice"
    assert (await anonymous.get("/me/", headers=headers)).json()["username"] == "alice"
    assert (await anonymous.get("/me/", headers={"Authorization": "Bearer"})).status_code == 401


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Token nope", "Invalid token."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
        ("Basic", "Invalid basic header. No credentials provided."),
        ("Basic a b", "Invalid basic header. Credentials string should not contain spaces."),
        ("Basic %%%", "Invalid basic header. Credentials not correctly base64 encoded."),
        ("Digest x", "Authentication credentials were not provided."),
    ],
)
async def test_wrong_credentials_are_refused_in_the_servers_words(
    anonymous: httpx.AsyncClient, header: str, detail: str
) -> None:
    reply = await anonymous.get("/me/", headers={"Authorization": header})
    assert reply.status_code == 401
    assert reply.json() == {"detail": detail}
    assert "x-kobonaut" not in reply.headers


async def test_basic_wants_the_user_name(anonymous: httpx.AsyncClient, fake: FakeKobo) -> None:
    good = basic(f"alice:{fake.password}")
    assert (await anonymous.get("/me/", headers=good)).status_code == 200
    email = basic(f"alice@example.com:{fake.password}")
    assert (await anonymous.get("/me/", headers=email)).status_code == 401


async def test_a_token_can_be_read_deleted_and_made_again(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    first = fake.token
    credentials = basic(f"alice:{fake.password}")
    assert (await client.get("/token/")).json() == {"token": first}
    assert (await client.post("/token/")).status_code == 200
    assert (await client.delete("/token/")).status_code == 204
    assert fake.token == ""
    assert (await client.get("/token/")).status_code == 401
    assert (await client.delete("/token/", headers=credentials)).status_code == 404
    made = await client.post("/token/", headers=credentials)
    assert made.status_code == 201
    assert made.json() == {"token": fake.token} != {"token": first}


async def test_only_superusers_get_the_tokens_of_others(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    bobs = fake.add_user("bob")
    admin = {"Authorization": f"Token {fake.add_user('root', superuser=True)}"}
    bob = {"username": "bob"}
    assert (await client.get("/token/", params=bob)).status_code == 403
    assert (await client.get("/token/", params=bob, headers=admin)).json() == {"token": bobs}
    nobody = await client.get("/token/", params={"username": "eve"}, headers=admin)
    assert nobody.status_code == 404


async def test_the_environment_names_the_openrosa_server(
    anonymous: httpx.AsyncClient, fake: FakeKobo
) -> None:
    url = "/api/v2/environment/"
    assert (await anonymous.get(url)).json()["open_rosa_server"] == "http://kobo.test"
    fake.public_url = "https://kobo.example.org"
    assert (await anonymous.get(url)).json()["open_rosa_server"] == "https://kobo.example.org"


async def test_superusers_see_any_form_but_list_only_theirs(
    anonymous: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, data: str
) -> None:
    headers = {"Authorization": f"Token {fake.add_user('root', superuser=True)}"}
    assert (await anonymous.get("/api/v2/assets/", headers=headers)).json()["count"] == 0
    asset = await anonymous.get(f"/api/v2/assets/{form.uid}/", headers=headers)
    assert asset.json()["deployment__submission_count"] == 250
    assert (await anonymous.get(data, headers=headers)).json()["count"] == 250


async def test_details_of_the_account_are_merged(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    body = {"extra_details": {"city": "Lyon", "require_auth": False}, "username": "mallory"}
    changed = (await client.patch("/me/", json=body)).json()
    assert changed["username"] == "alice"
    assert changed["extra_details"]["city"] == "Lyon"
    assert changed["extra_details"]["require_auth"] is True
    assert changed["extra_details"]["country"] == "FRA"
    assert (await client.patch("/me/", json=[])).json() == changed
    broken = await client.patch("/me/", content="{", headers={"Content-Type": "text/plain"})
    assert broken.status_code == 415
    assert (await anonymous.patch("/me/", json=body)).status_code == 401


async def test_other_accounts_are_seen_by_name(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, fake: FakeKobo
) -> None:
    fake.add_user("bob")
    bob = (await client.get("/api/v2/users/bob/")).json()
    assert (bob["username"], bob["url"]) == ("bob", "http://kobo.test/api/v2/users/bob/")
    assert (await client.get("/api/v2/users/AnonymousUser/")).status_code == 200
    assert (await client.get("/api/v2/users/me/")).status_code == 404
    assert (await client.get("/api/v2/users/")).status_code == 403
    assert (await anonymous.get("/api/v2/users/bob/")).status_code == 401
    async with client_of(fake, fake.add_user("boss", superuser=True)) as boss:
        listed = (await boss.get("/api/v2/users/", params={"limit": 2})).json()
    assert (listed["count"], len(listed["results"])) == (3, 2)
    assert "require_auth" not in listed["results"][0]["metadata"]
