"""Filled-in forms as XML: written anew, and changed."""

from __future__ import annotations

import re

import pytest

from kobo_async import MalformedReply, QueryError
from kobo_async.instance import FormIdentity, build, edited, new_instance_id

FORM = FormIdentity("aForm", "f" * 32, "v1")
STORED = (
    b"<?xml version='1.0' ?><aForm id=\"aForm\"><g><a>1</a><b/></g>"
    b"<r><x>1</x></r><r><x>2</x></r>"
    b"<meta><instanceID>uuid:old</instanceID></meta></aForm>"
)


def changed(changes, stored=STORED):
    return edited(stored, changes, "uuid:new").decode()


def test_answers_stand_in_their_groups_and_repeats():
    given = {"g/a": "x < y", "g/b": ["one", "two"], "r": [{"r/x": 1}, {"r/h/y": 2.5}]}
    assert build(FORM, given, "uuid:1").decode() == (
        "<?xml version='1.0' ?><aForm id=\"aForm\"><formhub><uuid>" + "f" * 32 + "</uuid></formhub>"
        "<g><a>x &lt; y</a><b>one two</b></g><r><x>1</x></r><r><h><y>2.5</y></h></r>"
        "<__version__>v1</__version__><meta><instanceID>uuid:1</instanceID></meta></aForm>"
    )


def test_a_version_that_is_not_known_is_left_out():
    assert b"__version__" not in build(FormIdentity("aForm", "f" * 32), {"a": "1"}, "uuid:1")


def test_answers_of_a_repeat_are_named_by_their_full_path():
    with pytest.raises(QueryError, match="write 'r/x'"):
        build(FORM, {"r": [{"x": "1"}]}, "uuid:1")


def test_an_instance_id_is_made_up_once():
    assert re.fullmatch(r"uuid:[0-9a-f-]{36}", new_instance_id())
    assert new_instance_id() != new_instance_id()


def test_an_edit_names_what_it_replaces():
    text = changed({"g/a": "9"})
    assert "<g><a>9</a><b/></g>" in text
    assert "<instanceID>uuid:new</instanceID><deprecatedID>uuid:old</deprecatedID>" in text


def test_an_answer_is_emptied_and_one_that_was_missing_is_added():
    text = changed({"g/a": None, "g/c": "new"})
    assert "<g><a/><b/><c>new</c></g>" in text


def test_one_instance_of_a_repeat_is_changed_by_its_number():
    assert "<r><x>1</x></r><r><x>7</x></r>" in changed({"r[2]/x": 7})


def test_an_instance_is_added_only_after_the_last_one():
    assert "<r><x>2</x></r><meta>" in STORED.decode()
    assert "<r><x>3</x></r>" in changed({"r[3]/x": 3})
    with pytest.raises(QueryError, match="there are 2 instances of 'r'"):
        changed({"r[4]/x": 4})


def test_a_whole_repeat_is_replaced_by_a_list():
    text = changed({"r": [{"r/x": "a"}, {"r/x": "b"}, {"r/x": "c"}]})
    assert re.findall("<x>(.)</x>", text) == ["a", "b", "c"]


def test_prefixes_of_devices_are_kept():
    stored = STORED.replace(b"<meta>", b'<o:meta xmlns:o="urn:o">').replace(
        b"</meta>", b"</o:meta>"
    )
    stored = stored.replace(b"instanceID>", b"o:instanceID>")
    assert "<o:deprecatedID>uuid:old</o:deprecatedID>" in changed({}, stored)


def test_a_document_type_is_refused():
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]><a><meta/></a>'
    with pytest.raises(MalformedReply, match="document type"):
        changed({}, bomb)
