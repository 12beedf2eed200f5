"""What is not an answer of the API: pages, redirects, negotiation."""

from __future__ import annotations

import httpx
import pytest

from kobo_async.testing import FakeForm

pytestmark = pytest.mark.anyio

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_forgotten_slash_redirects_posts_too(client: httpx.AsyncClient) -> None:
    reply = await client.post("/api/v2/assets", params={"limit": 1}, json={})
    assert reply.status_code == 301
    assert reply.headers["location"] == "/api/v2/assets/?limit=1"
    assert reply.content == b""
    assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api/v1/data", "/assets/", "/exports/x/", "/users/"])
async def test_the_old_api_is_gone(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path)
    assert reply.status_code == 410
    assert reply.headers["content-type"].startswith("text/html")


async def test_an_unknown_path_is_html_whatever_the_client_accepts(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/api/v2/nope/")
    text = await client.get("/api/v2/nope", headers=JSON)
    assert page.status_code == text.status_code == 404
    assert page.text.startswith("<!doctype")
    assert text.text == "Resource not found (404)"
    assert text.headers["content-type"].startswith("text/html")


async def test_data_of_a_missing_asset_is_a_page_and_the_asset_itself_json(
    client: httpx.AsyncClient,
) -> None:
    data = await client.get("/api/v2/assets/aNope/data/", headers=JSON)
    assert (data.status_code, data.text) == (404, "Resource not found (404)")
    asset = await client.get("/api/v2/assets/aNope/", headers=JSON)
    assert (asset.status_code, asset.json()) == (404, {"detail": "Not found."})


async def test_submission_takes_no_slash(client: httpx.AsyncClient) -> None:
    reply = await client.post("/alice/submission/")
    assert reply.status_code == 404
    assert "do not accept a trailing slash" in reply.text


async def test_browsers_get_pages(client: httpx.AsyncClient, form: FakeForm) -> None:
    page = await client.get("/api/v2/assets/", headers=BROWSER)
    assert page.status_code == 200
    assert form.uid in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    missing = await client.get("/api/v2/assets/aNope/", headers={"Accept": "text/*"})
    assert missing.text.startswith("<!doctype")


@pytest.mark.parametrize(
    ("accept", "params", "status"),
    [
        ("application/xml", {}, 500),
        ("application/xml", {"format": "xml"}, 200),
        ("text/xml", {}, 406),
        ("application/json", {"format": "geojson"}, 200),
        ("application/json", {"format": "xml"}, 406),
        ("application/json", {"format": "bogus"}, 404),
        ("application/*", {}, 200),
    ],
)
async def test_accept_and_format_must_both_fit(
    client: httpx.AsyncClient, data: str, accept: str, params: dict[str, str], status: int
) -> None:
    reply = await client.get(data, params=params, headers={"Accept": accept})
    assert reply.status_code == status


async def test_a_crash_is_json_only_for_those_who_refuse_html(
    client: httpx.AsyncClient, data: str
) -> None:
    page = await client.get(data, params={"query": "5"})
    text = await client.get(data, params={"query": "5"}, headers=JSON)
    assert page.status_code == text.status_code == 500
    assert page.text.startswith("<!doctype")
    assert text.json() == {"error": "Server Error (500)"}


async def test_methods_are_refused_or_declared_missing(
    client: httpx.AsyncClient, data: str
) -> None:
    refused = await client.put("/api/v2/assets/")
    assert refused.status_code == 405
    assert refused.json() == {"detail": 'Method "PUT" not allowed.'}
    assert refused.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert (await client.post(data)).status_code == 405
    missing = await client.delete("/me/")
    assert missing.status_code == 501
    assert missing.json() == {"detail": "FakeKobo does not implement DELETE /me/"}


async def test_versions_are_read_only_whatever_the_header_says(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    url = f"/api/v2/assets/{form.uid}/versions/"
    refused = await client.post(url)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST, HEAD, OPTIONS")
    version = f"{url}{form.versions[0]['uid']}/"
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await client.request(method, version)).status_code == 405
    assert (await client.get(version)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/asset_snapshots/s1/formList",
        "/api/v2/asset_snapshots/s1/xml_with_disclaimer/",
        "/api/v2/scim/v2/idp/Users",
        "/api/v2/stripe/products/",
        "/collector/token/submission",
        "/me/emails/",
        "/me/social-accounts/google/1/",
    ],
)
async def test_what_a_real_server_may_have_is_never_a_404(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 501


@pytest.mark.parametrize(
    "path",
    [
        "project-views/pv1/",
        "project-views/pv1/assets/counts/",
        "project-views/pv1/users/export/",
        "terms-of-service/all/",
        "transcription-services/goog/",
        "translation-services/goog/",
    ],
)
async def test_of_what_there_is_none_nothing_is_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/api/v2/{path}")).status_code == 404


async def test_anonymous_users_may_not_write(
    anonymous: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    form.share("AnonymousUser")
    asset = f"/api/v2/assets/{form.uid}/"
    for method, path in (("POST", "/api/v2/assets/"), ("PATCH", asset), ("DELETE", f"{data}1/")):
        reply = await anonymous.request(method, path)
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"] == "Session"


async def test_head_has_the_headers_without_the_body(client: httpx.AsyncClient, data: str) -> None:
    reply = await client.head(data)
    assert reply.status_code == 200
    assert int(reply.headers["content-length"]) > 1000
    assert reply.content == b""


async def test_details_are_translated(client: httpx.AsyncClient) -> None:
    path = "/api/v2/assets/aNope/"
    french = await client.get(path, headers={"Accept-Language": "fr-CH, fr;q=0.9"})
    assert french.json() == {"detail": "Non trouvé."}
    assert french.headers["content-language"] == "fr"
    listed = await client.get("/api/v2/assets/", headers={"Accept-Language": "fr"})
    assert listed.status_code == 200
    klingon = await client.get(path, headers={"Accept-Language": "tlh"})
    assert klingon.json() == {"detail": "Not found."}
