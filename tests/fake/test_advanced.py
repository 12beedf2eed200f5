"""Transcripts, translations and analyses of answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm

pytestmark = pytest.mark.anyio
STAMP = "2026-03-04T05:06:07.890000Z"
QUESTION = {"uuid": "q-mood", "type": "qualText", "labels": {"_default": "Mood"}}


@pytest.fixture
def features(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/advanced-features/"


@pytest.fixture
def supplement(form: FakeForm, data: str) -> str:
    return f"{data}{form.rows[5]['_uuid']}/supplement/"


async def prepare(
    client: httpx.AsyncClient, features: str, action: str, *params: dict[str, Any]
) -> dict[str, Any]:
    body = {"action": action, "question_xpath": "comment", "params": list(params)}
    reply = await client.post(features, json=body)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def write(client: httpx.AsyncClient, url: str, action: str, **result: Any) -> dict[str, Any]:
    body = {"_version": "20250820", "comment": {action: result}}
    reply = await client.patch(url, json=body)
    assert reply.status_code == 200, reply.text
    written: dict[str, Any] = reply.json()
    return written


async def details(client: httpx.AsyncClient, data: str) -> Any:
    return (await client.get(f"{data}5/")).json()["_supplementalDetails"]


async def test_languages_are_added_and_never_removed(
    client: httpx.AsyncClient, features: str, form: FakeForm
) -> None:
    assert (await client.get(features)).json() == []
    made = await prepare(client, features, "manual_transcription", {"language": "en"})
    own = f"{features}{made['uid']}/"
    changed = (await client.patch(own, json={"params": [{"language": "fr"}]})).json()
    assert changed["params"] == [{"language": "en"}, {"language": "fr"}]
    assert changed["asset"] == form.number
    kept = (await client.get(own)).json()
    assert (await client.get(features)).json() == [kept]
    assert "asset" not in kept


async def test_questions_that_are_left_out_are_marked_as_deleted(
    client: httpx.AsyncClient, features: str
) -> None:
    made = await prepare(client, features, "manual_qual", QUESTION)
    other = {**QUESTION, "uuid": "q-other"}
    reply = await client.patch(f"{features}{made['uid']}/", json={"params": [other]})
    assert reply.json()["params"] == [other, {**QUESTION, "options": {"deleted": True}}]


async def test_a_transcript_keeps_its_versions_and_shows_the_latest(
    client: httpx.AsyncClient, features: str, supplement: str, data: str
) -> None:
    assert (await client.get(supplement)).json() == {}
    assert "_supplementalDetails" not in (await client.get(f"{data}5/")).json()
    await prepare(client, features, "manual_transcription", {"language": "en"})
    assert await details(client, data) == {}
    await write(client, supplement, "manual_transcription", language="en", value="Hello")
    second = {"language": "en", "locale": "en-GB", "value": "Hullo"}
    written = await write(client, supplement, "manual_transcription", **second)
    slot = written["comment"]["manual_transcription"]
    assert [one["_data"]["value"] for one in slot["_versions"]] == ["Hullo", "Hello"]
    assert (slot["_dateCreated"], slot["_versions"][0]["_dateAccepted"]) == (STAMP, STAMP)
    assert (await client.get(supplement)).json() == written
    shown = {"transcript": {"value": "Hullo", "languageCode": "en", "regionCode": "en-GB"}}
    assert await details(client, data) == {"comment": shown}
    rows = (await client.get(data, params={"fields": '["hh_size"]'})).json()["results"]
    assert [row["_supplementalDetails"] for row in rows[3:6]] == [{}, {"comment": shown}, {}]


async def test_a_translation_depends_on_a_transcript(
    client: httpx.AsyncClient, features: str, supplement: str, data: str
) -> None:
    await prepare(client, features, "manual_transcription", {"language": "en"})
    await prepare(client, features, "manual_translation", {"language": "fr"})
    early = {"comment": {"manual_translation": {"language": "fr", "value": "Salut"}}}
    reply = await client.patch(supplement, json={"_version": "20250820", **early})
    assert reply.status_code == 501
    await write(client, supplement, "manual_transcription", language="en", value="Hi")
    written = await write(client, supplement, "manual_translation", language="fr", value="Salut")
    (version,) = written["comment"]["manual_translation"]["fr"]["_versions"]
    (source,) = written["comment"]["manual_transcription"]["_versions"]
    assert version["_dependency"] == {
        "_uuid": source["_uuid"],
        "_actionId": "manual_transcription",
    }
    shown = (await details(client, data))["comment"]["translation"]
    assert shown == {"fr": {"value": "Salut", "languageCode": "fr"}}


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("qualText", "calm", "calm"),
        ("qualInteger", 3, 3),
        ("qualTags", ["a", "b"], ["a", "b"]),
        ("qualSelectOne", "c1", {"uuid": "c1", "labels": {"_default": "One"}}),
        ("qualSelectOne", "", None),
        ("qualSelectMultiple", ["c1"], [{"uuid": "c1", "labels": {"_default": "One"}}]),
    ],
)
async def test_answers_of_an_analysis_are_shown_and_logged(
    client: httpx.AsyncClient,
    features: str,
    supplement: str,
    data: str,
    form: FakeForm,
    kind: str,
    value: Any,
    shown: Any,
) -> None:
    choices = [{"uuid": "c1", "labels": {"_default": "One"}}]
    question = {**QUESTION, "type": kind, "choices": choices}
    await prepare(client, features, "manual_qual", question)
    await write(client, supplement, "manual_qual", uuid="q-mood", value=value)
    analysis = (await details(client, data))["comment"]["qual"]["q-mood"]
    assert (analysis["value"], analysis["type"], analysis["source"]) == (shown, kind, "manual")
    (entry,) = form.history.select("action:modify-qa-data")
    assert entry.metadata["submission"]["root_uuid"] == form.rows[5]["_uuid"]


async def test_tags_are_collected(
    client: httpx.AsyncClient, features: str, supplement: str, form: FakeForm, data: str
) -> None:
    await prepare(client, features, "manual_qual", {**QUESTION, "type": "qualTags"})
    other = f"{data}uuid:{form.rows[6]['_uuid']}/supplement/"
    await write(client, supplement, "manual_qual", uuid="q-mood", value=["wet", "cold"])
    await write(client, other, "manual_qual", uuid="q-mood", value=["cold", "dry"])
    url = f"/api/v2/assets/{form.uid}/qual-questions/{{}}/tags/"
    tags = (await client.get(url.format("q-mood"))).json()
    assert tags == [{"value": "wet"}, {"value": "cold"}, {"value": "dry"}]
    assert (await client.get(url.format("q-nope"))).json() == []


async def test_what_is_not_prepared_or_not_readable_is_refused(
    client: httpx.AsyncClient, features: str, supplement: str, data: str, form: FakeForm
) -> None:
    change = {"comment": {"manual_transcription": {"language": "en", "value": "x"}}}
    unprepared = await client.patch(supplement, json={"_version": "20250820", **change})
    assert unprepared.status_code == 501
    assert (await client.patch(supplement, json=change)).status_code == 500
    old = await client.patch(supplement, json={"_version": "1", **change})
    assert old.status_code == 501
    form.edit(5, comment="other")
    assert (await client.get(f"{data}{form.rows[5]['_uuid']}/supplement/")).status_code == 404
    await prepare(client, features, "manual_transcription", {"language": "en"})
    again = {"action": "manual_transcription", "question_xpath": "comment", "params": []}
    assert (await client.post(features, json=again)).status_code == 501
    assert (await client.post(features, json={**again, "action": "x"})).status_code == 400
    assert (await client.post(features, json={"action": "x"})).status_code == 400
    assert (await client.post(features, json=[])).status_code == 500
    assert (await client.get(f"{features}qafNope/")).status_code == 404


async def test_services_that_transcribe_are_not_here(
    client: httpx.AsyncClient, features: str, supplement: str, data: str
) -> None:
    await prepare(client, features, "automatic_google_transcription", {"language": "en"})
    start = {"comment": {"automatic_google_transcription": {"language": "en"}}}
    reply = await client.patch(supplement, json={"_version": "20250820", **start})
    assert reply.status_code == 501
    assert (await client.post(f"{features}bulk-actions/", json={})).status_code == 501
    assert (await client.get(f"{features}bulk-actions/")).json()["count"] == 0
    assert (await client.get(f"{features}bulk-actions/sbaNope/")).status_code == 404
    accepted = await client.post(f"{data}supplements/bulk/", json={"operation": "accept"})
    assert accepted.json() == {"accepted_count": 0}
    assert (await client.post(f"{data}supplements/bulk/", json=[])).status_code == 500


async def test_rights_on_some_rows_are_not_enough(
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    features: str,
    supplement: str,
    form: FakeForm,
) -> None:
    assert (await stranger.get(features)).status_code == 404
    assert (await stranger.post(features, json={})).status_code == 404
    assert (await stranger.get(supplement)).status_code == 404
    form.share("bob", filters=[{"_id": 5}])
    assert (await stranger.get(features)).status_code == 200
    assert (await stranger.get(supplement)).status_code == 403
    form.share("bob")
    assert (await stranger.get(supplement)).status_code == 200
    for url in (features, supplement):
        method = "PATCH" if url is supplement else "POST"
        assert (await stranger.request(method, url, json={})).status_code == 403
    form.share("AnonymousUser", "view_asset")
    assert (await anonymous.post(features, json={})).status_code == 401
