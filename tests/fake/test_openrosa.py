"""Submissions as ODK clients send them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo

from .conftest import NOW
from .submitting import ONE, PNG, THREE, TWO, post, said, xml

pytestmark = pytest.mark.anyio


async def test_a_submission_becomes_a_row(
    client: httpx.AsyncClient, data: str, form: FakeForm
) -> None:
    answers = """
        <household><head_name>Zoë &amp; Kofi</head_name><region/>
          <gps>1.5 2.5 0 0</gps></household>
        <members><member_name>A</member_name><member_age> </member_age></members>
        <members/>
        <members><member_name>B</member_name></members>
        <photo>p.png</photo><zzz>1</zzz>"""
    reply = await post(client, xml(form, answers), ("p.png", PNG), ("unasked.png", b"x"))
    assert reply.status_code == 201
    assert f'instanceID="uuid:{ONE}"' in reply.text
    assert reply.headers["location"] == "http://kobo.test/submission"
    row = (await client.get(f"{data}{ONE}/")).json()
    assert row.pop("_attachments")[0]["question_xpath"] == "photo"
    assert row == {
        "_id": 251,
        "formhub/uuid": form.form_uuid,
        "household/head_name": "Zoë & Kofi",
        "household/gps": "1.5 2.5 0 0",
        "members": [{"members/member_name": "A"}, {"members/member_name": "B"}],
        "photo": "p.png",
        "zzz": "1",
        "meta/instanceID": f"uuid:{ONE}",
        "_xform_id_string": form.uid,
        "_uuid": ONE,
        "meta/rootUuid": f"uuid:{ONE}",
        "_status": "submitted_via_web",
        "_geolocation": [1.5, 2.5],
        "_submission_time": NOW.isoformat()[:19],
        "_validation_status": {},
        "_submitted_by": "alice",
    }


async def test_files_come_back_as_they_were_sent(client: httpx.AsyncClient, form: FakeForm) -> None:
    await post(client, xml(form, "<photo>p.png</photo>"), ("p.png", PNG), ("unasked.png", b"x"))
    (entry,) = form.rows[251]["_attachments"]
    assert entry["filename"].endswith(f"/{ONE}/p.png")
    for link in ("download_url", "download_small_url"):
        assert (await client.get(entry[link])).content == PNG


async def test_places_of_files_in_repeats_are_named(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    survey = [
        {"type": "begin_repeat", "name": "m", "$xpath": "g/m"},
        {"type": "image", "name": "p", "$xpath": "g/m/p"},
        {"type": "end_repeat"},
    ]
    form = fake.add_form("Photos", content={"survey": [{"$kuid": "k", **row} for row in survey]})
    answers = "<g><m><p>a.png</p></m><m><p>b.png</p></m></g>"
    await post(client, xml(form, answers), ("b.png", PNG), ("audit.csv", b"x"))
    shown = {a["media_file_basename"]: a["question_xpath"] for a in form.rows[1]["_attachments"]}
    assert shown == {"b.png": "g/m[2]/p", "audit.csv": ""}


async def test_the_same_again_is_known_and_other_content_a_conflict(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    text = xml(form, "<photo>p.png</photo><comment>a</comment>")
    assert (await post(client, text)).status_code == 201
    again = await post(client, text)
    assert (again.status_code, said(again)) == (202, "Duplicate Instance")
    late = await post(client, text, ("p.png", PNG))
    assert late.status_code == 201
    assert len(form.rows[251]["_attachments"]) == 1
    assert (await post(client, text, ("p.png", PNG))).status_code == 202
    assert (await post(client, text, ("p.png", b"other"))).status_code == 409
    conflict = await post(client, xml(form, "<comment>b</comment>"))
    assert (conflict.status_code, conflict.headers["location"]) == (
        409,
        "http://kobo.test/submission",
    )
    form.delete(251)
    assert (await post(client, text)).status_code == 201


async def test_an_edit_needs_the_current_uuid(client: httpx.AsyncClient, form: FakeForm) -> None:
    first = xml(form, "<photo>p.png</photo><comment>a</comment>")
    await post(client, first, ("p.png", PNG), ("later.png", b"old"))
    form.set_status(251, "validation_status_approved")
    before = form.rows[251]

    async def edit(new: str, old: str, answers: str = "<comment>b</comment>") -> int:
        text = xml(form, answers, new, f"<deprecatedID>uuid:{old}</deprecatedID>")
        return (await post(client, text, ("later.png", b"new"))).status_code

    assert await edit(TWO, THREE) == 404
    assert await edit(TWO, ONE, "<photo>later.png</photo>") == 201
    row = form.rows[251]
    assert (row["_uuid"], row["meta/rootUuid"]) == (TWO, f"uuid:{ONE}")
    assert row["meta/deprecatedID"] == f"uuid:{ONE}"
    assert "comment" not in row
    for name in ("_id", "_submission_time", "_submitted_by", "_validation_status"):
        assert row[name] == before[name]
    (entry,) = row["_attachments"]
    assert (entry["media_file_basename"], form.files[entry["uid"]]) == ("later.png", b"new")
    assert await edit(THREE, ONE) == 410
    assert await edit(ONE, TWO) == 409
    assert await edit(THREE, TWO) == 201
    assert await edit("4" * 8, TWO) == 410
    assert (await post(client, first)).status_code == 409


async def test_rows_nobody_sent_can_be_edited_too(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm
) -> None:
    old = form.rows[5]
    text = xml(form, "<comment>b</comment>", TWO, f"<deprecatedID>{old['_uuid']}</deprecatedID>")
    form.share("bob", "add_submissions")
    assert (await post(stranger, text)).status_code == 403
    form.share(ANONYMOUS, "add_submissions")
    reply = await post(client, text, path="/alice/submission")
    assert reply.status_code == 201
    assert f'submissionDate="{old["_submission_time"]}' in reply.text
    assert form.rows[5]["comment"] == "b"
    form.edit(6, comment="x")
    assert form.former[form.rows[6]["meta/rootUuid"].removeprefix("uuid:")] == 6


async def test_anonymous_users_submit_below_the_path_of_a_user(
    anonymous: httpx.AsyncClient, form: FakeForm
) -> None:
    text = xml(form)
    for path, status in (
        ("/submission", 401),
        ("/alice/submission", 401),
        ("/nobody/submission", 404),
    ):
        reply = await post(anonymous, text, path=path)
        assert reply.status_code == status
        assert reply.text.startswith("<?xml")
    form.share(ANONYMOUS, "add_submissions")
    assert (await post(anonymous, text, path="/alice/submission")).status_code == 201
    assert form.rows[251]["_submitted_by"] is None
    edit = xml(form, "", TWO, f"<deprecatedID>uuid:{ONE}</deprecatedID>")
    refused = await post(anonymous, edit, path="/alice/submission")
    assert refused.headers["www-authenticate"].startswith("Digest ")
    assert (await anonymous.head("/alice/submission")).status_code == 204
    assert (await anonymous.head("/submission")).status_code == 401


async def test_forms_are_found_by_uuid_then_by_id(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    other = fake.add_form("Other")
    await post(client, xml(form, id=other.uid))
    assert 251 in form.rows
    text = xml(form, uuid=TWO, id=other.uid).replace(form.form_uuid, "f" * 32)
    await post(client, text)
    assert list(other.rows) == [252]
    for broken in (text.replace(other.uid, "aNope"), text.replace(f'id="{other.uid}"', "")):
        reply = await post(client, broken)
        assert (reply.status_code, said(reply)) == (404, "Not found.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Improperly formatted XML."),
        ("<a><b></a>", "Improperly formatted XML."),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "Improperly formatted XML."),
    ],
)
async def test_xml_must_be_readable(client: httpx.AsyncClient, text: str, message: str) -> None:
    reply = await post(client, text)
    assert (reply.status_code, said(reply)) == (400, message)


async def test_clients_may_date_their_submissions_back(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    await post(client, xml(form, submissionDate="2020-01-02T03:04:05+02:00"))
    assert form.rows[251]["_submission_time"] == "2020-01-02T01:04:05"


async def test_json_is_as_good_as_xml(client: httpx.AsyncClient, form: FakeForm) -> None:
    submission = {
        "household": {"region": "north", "assets_owned": ["radio", "tv"]},
        "members": [{"member_name": "A"}, {"member_name": "B", "member_age": None}],
        "hh_size": 5,
        "meta": {"instanceID": f"uuid:{ONE}"},
    }
    body = {"id": form.uid, "submission": submission}
    reply = await client.post("/submission", json=body)
    assert (reply.status_code, reply.json()["instanceID"]) == (201, f"uuid:{ONE}")
    row = form.rows[251]
    assert (row["household/assets_owned"], row["hh_size"]) == ("radio tv", "5")
    assert len(row["members"]) == 2
    again = await client.post("/submission", json=body)
    assert (again.status_code, again.json()) == (202, {"error": "Duplicate Instance"})
    unknown = await client.post("/submission", json={**body, "id": "aNope"})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Not found."})
    empty = await client.post("/submission", json={"id": form.uid})
    assert empty.json() == {"error": "No submission key provided."}
    headers = {"Content-Type": "application/json"}
    broken = await client.post("/submission", content="{", headers=headers)
    assert broken.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"a": "b"}},
        {"content": "<a/>", "headers": {"Content-Type": "text/xml"}},
        {"files": [("other", ("s.xml", b"<a/>", "text/xml"))]},
    ],
)
async def test_without_the_part_it_crashes(client: httpx.AsyncClient, body: Any) -> None:
    assert (await client.post("/submission", **body)).status_code == 500


async def test_receipts_are_json_for_those_who_ask(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    client.headers["Accept"] = "application/json"
    assert (await post(client, xml(form))).json()["formid"] == form.uid
    assert (await client.get("/formList")).status_code == 406
