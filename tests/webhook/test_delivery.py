"""Payloads: which submission is meant, and what cannot be one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async import KoboClient
from kobo_async.errors import KoboError, MalformedReply
from kobo_async.testing import FakeForm
from kobo_async.webhook.delivery import LARGEST, MOST_TAGS, parse
from tests.webhook.posting import Mail, add_hook

JSON, XML = "application/json", "application/xml"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fields", "kind", "has_id"),
    [
        ({}, "json", True),
        ({"payload_template": '{"event": {"data": [%SUBMISSION%]}, "_id": 1}'}, "json", True),
        ({"subset_fields": ["meta/rootUuid"]}, "json", False),
        ({"export_type": "xml"}, "xml", False),
    ],
)
async def test_what_a_server_posts_names_the_submission(
    client: KoboClient, form: FakeForm, mail: Mail, fields: Any, kind: str, *, has_id: bool
):
    await add_hook(client, form, **fields)
    (number,) = form.insert()
    sent = mail.take()
    delivery = parse(sent.body, sent.headers["Content-Type"])
    assert f"uuid:{delivery.root_uuid}" == form.rows[number]["meta/rootUuid"]
    assert delivery.id == (number if has_id else None)
    assert delivery.form_id_string == ("" if fields.get("subset_fields") else form.uid)
    assert delivery.kind == kind
    assert delivery.payload


@pytest.mark.anyio
@pytest.mark.parametrize("export_type", ["json", "xml"])
async def test_a_submission_that_was_edited_before_it_was_posted_again_is_not_mistaken(
    client: KoboClient, form: FakeForm, mail: Mail, export_type: Any
):
    hook = await add_hook(client, form, export_type=export_type)
    mail.status = 500
    (number,) = form.insert()
    form.edit(number, comment="new")
    await client.hooks.retry_all(form.uid, hook.uid)
    delivery = parse(mail.take().body)
    root = form.rows[number]["meta/rootUuid"].removeprefix("uuid:")
    assert delivery.root_uuid == (root if export_type == "json" else None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "x"}',
        b'{"_id": true, "_uuid": "0b6a"}',
        b"[]",
        b"7",
        b'{"meta/rootUuid": null}',
        b'{"meta/rootUuid": "uuid:"}',
        b'{"meta/rootUuid": "two words"}',
        b'{"meta/rootUuid": "\\ud800"}',
        b'{"meta/rootUuid": "' + b"x" * 300 + b'"}',
        b'<a id="f"/>',
        b"<a><meta><instanceID>uuid:b</instanceID><deprecatedID>uuid:a</deprecatedID></meta></a>",
    ],
)
def test_a_payload_may_name_nothing(body: bytes):
    delivery = parse(body)
    assert (delivery.root_uuid, delivery.id) == (None, None)


def test_xml_after_an_edit_may_keep_the_root_uuid():
    body = (
        b"<a><meta><instanceID>uuid:b</instanceID><deprecatedID>uuid:a</deprecatedID>"
        b"<rootUuid>uuid:r</rootUuid></meta></a>"
    )
    assert parse(body, XML).root_uuid == "r"


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
ODD = [
    b'<?xml version="1.0" encoding="idna"?><a/>',
    b'<?xml version="1.0" encoding="shift_jis"?><a/>',
    b'<?xml version="1.0" encoding="rot13"?><a/>',
]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"", XML),
        (b"{", JSON),
        (b"name=x", "application/x-www-form-urlencoded"),
        (b'{"a": NaN}', JSON),
        (b'{"a": "\xff"}', JSON),
        (b'{"a": 1, "a": 2}', JSON),
        (b"1" * 5000, JSON),
        (b"[" * 100_000 + b"]" * 100_000, JSON),
        (b" " * (LARGEST + 1), JSON),
        (b"<a>", XML),
        (b"<a/>" * 2, XML),
        (BOMB, XML),
        (BOMB, ""),
        (b"<a>" + b"<b/>" * MOST_TAGS + b"</a>", XML),
        *[(body, XML) for body in ODD],
    ],
)
def test_hostile_payloads_are_refused(body: bytes, content_type: str):
    with pytest.raises(MalformedReply) as refused:
        parse(body, content_type)
    assert len(str(refused.value)) < 200


def test_the_digest_is_of_the_bytes():
    one, same, other = parse(b'{"a":1}'), parse(b'{"a":1}'), parse(b'{"a": 1}')
    assert one == same
    assert one.digest != other.digest
    assert one.payload == other.payload


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["meta/rootUuid", "_id", "_xform_id_string", "x"]) | st.text(), inner
        )
    ),
    max_leaves=20,
)
BODIES = st.one_of(
    st.binary(),
    st.text().map(str.encode),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.text(alphabet='<>/&;!?="meta id').map(str.encode),
)


@given(BODIES, st.sampled_from([JSON, XML, "", "text/xml; charset=x"]) | st.text())
def test_no_bytes_do_harm(body: bytes, content_type: str):
    try:
        delivery = parse(body, content_type)
    except KoboError:
        return
    assert delivery.root_uuid is None or delivery.root_uuid.encode()
    assert delivery.id is None or isinstance(delivery.id, int)
