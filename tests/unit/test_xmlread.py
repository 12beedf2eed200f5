"""XML of servers, read without trust."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import MalformedReply
from kobo_async.xmlread import Element, read

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20).filter(
    lambda text: not {"\ufffe", "\uffff"} & set(text)
)


def test_an_element_has_names_without_namespaces():
    root = read(b'<x:a xmlns:x="http://x" x:b="1" c="2">t<x:d>u</x:d><d/></x:a>')
    assert root == Element(
        "a", {"b": "1", "c": "2"}, [Element("d", {}, [], "u"), root.children[1]], "t"
    )
    assert root.all("d") == list(root.children)
    assert root.first("d") is root.children[0]
    assert root.first("e") is None


def test_texts_are_by_name():
    assert read(b"<a><b> x\n</b><c/></a>").texts() == {"b": "x", "c": ""}


@given(TEXT, TEXT)
def test_texts_and_attributes_survive(text: str, attribute: str):
    document = f"<a b={quoteattr(attribute)}>{escape(text)}</a>"
    root = read(document.encode())
    assert root.text == text.strip()
    assert root.attributes["b"] == attribute


@pytest.mark.parametrize(
    "document", [b"", b"text", b"<a>", b"<a></b>", b"<a/><b/>", b"<a>&lol;</a>", b"\xff\xfe"]
)
def test_what_is_not_well_formed_is_refused(document: bytes):
    with pytest.raises(MalformedReply, match=r"GET /formList.*not well-formed"):
        read(document, "GET /formList")


@pytest.mark.parametrize(
    "document",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)
def test_a_document_type_is_refused(document: bytes):
    with pytest.raises(MalformedReply, match="document type"):
        read(document)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(document: bytes):
    try:
        read(document)
    except MalformedReply:
        return
