"""XML cut into its parts, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kobo_async.errors import MalformedReply
from kobo_async.xmlsplit import children

PARTS = [
    b"<a/>",
    b"<a />",
    b"<a></a>",
    b"<a></a >",
    b"<a\n/>",
    b"<a x='1'/>",
    b'<a x="1 > 0" y=\'>"\'>text</a>',
    b'<a x="/>"/>',
    b'<a x="/>"></a>',
    b'<a x="&lt;b/&gt;"><b x=">"/></a>',
    b"<a>/></a>",
    b"<a>]]&gt; > ></a>",
    b"<a><a><a/></a><a>x</a></a>",
    b"<results><results/></results>",
    b"<results/>",
    b"<root><results><a/></results></root>",
    b"<a><![CDATA[<a></a> > ]] ></results></root>]]></a>",
    b"<a><!-- </a> > <a> --></a>",
    b"<a><?php </a> ?></a>",
    b"<a>\r\n\t</a>",
    "<a>Zoë 李雷 🙂</a>".encode(),
    "<é ü='ß'>ñ</é>".encode(),
    b'<x:a xmlns:x="urn:x"><x:b x:c="d"/></x:a>',
    b'<aEd9o8 id="aEd9o8" version="1 (2026-11-21 00:15:01)"><gps></gps><m/></aEd9o8>',
    b"<a>&amp;&#233;&lt;</a>",
]
BETWEEN = [b"", b"\n  ", b"text", b"<!-- <a/> > -->", b"<![CDATA[<a>]]>", b"<?pi > ?>", b"&gt;"]
HEADS = [b"", b'<?xml version="1.0" encoding="utf-8"?>', b"<?xml version='1.0'?>\n<!-- x -->\n"]


def document(parts: list[bytes], between: bytes = b"", head: bytes = b"") -> bytes:
    inside = between + between.join(parts) + between if parts else between
    return head + (
        b"<root><count>3</count><next>None</next><previous/><results>%s</results>"
        b"<after><a/></after><results><a/></results></root>" % inside
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("between", BETWEEN)
def test_each_part_comes_back_as_it_stands(part: bytes, between: bytes) -> None:
    assert children(document([part], between), "results") == [part]
    assert children(document([part, part], between), "results") == [part, part]


@given(st.lists(st.sampled_from(PARTS)), st.sampled_from(BETWEEN), st.sampled_from(HEADS))
def test_all_parts_come_back_in_order(parts: list[bytes], between: bytes, head: bytes) -> None:
    assert children(document(parts, between, head), "results") == parts


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TAGS = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_.-]{0,5}", fullmatch=True)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")


def element(tag: str, attribute: str | None, inside: list[str] | None, space: str) -> str:
    value = "" if attribute is None else f' x="{escaped(attribute).replace(chr(34), "&quot;")}"'
    if inside is None:
        return f"<{tag}{value}{space}/>"
    return f"<{tag}{value}{space}>{''.join(inside)}</{tag}{space}>"


ELEMENTS = st.recursive(
    st.builds(element, TAGS, st.none() | TEXTS, st.none(), st.sampled_from(["", " ", "\n"])),
    lambda inner: st.builds(
        element,
        TAGS,
        st.none() | TEXTS,
        st.lists(inner | TEXTS.map(escaped), max_size=4),
        st.sampled_from(["", " "]),
    ),
    max_leaves=8,
).map(str.encode)


@given(st.lists(ELEMENTS, max_size=5), st.sampled_from(BETWEEN))
@example([b"<A/>"], b"\xef\xbf\xbd")
def test_any_elements_come_back_as_they_stand(parts: list[bytes], between: bytes) -> None:
    assert children(document(parts, between), "results") == parts


@pytest.mark.parametrize(
    "empty",
    [
        b"<root><results></results></root>",
        b"<root><results/></root>",
        b"<root/>",
        b"<root><other><results><a/></results></other></root>",
        b"<results><a/></results>",
        b"<root><results>text</results></root>",
    ],
)
def test_where_there_are_no_parts_none_come_back(empty: bytes) -> None:
    assert children(empty, "results") == []


def test_only_the_first_parent_counts() -> None:
    twice = b"<root><results/><results><a/></results></root>"

    assert children(twice, "results") == []


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"plain text",
        b"<root><results><a></results></root>",
        b"<root><results><a/>",
        b"<root><results><a></a>",
        b"<root/><root/>",
        b"<root>&unknown;</root>",
        b"<root x=1/>",
        b"<root>\xff</root>",
        b"\x89PNG",
        b'<?xml version="1.0" encoding="bogus"?><root/>',
        b'<?xml version="1.0" encoding="shift_jis"?><root/>',
        b'<?xml version="1.0" encoding="utf-16"?><root/>',
        b"<!doctype html><html><br></html>",
    ],
)
def test_what_is_not_well_formed_is_malformed(broken: bytes) -> None:
    with pytest.raises(MalformedReply):
        children(broken, "results")


LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<root><results><a>&lol2;</a></results></root>"""


@pytest.mark.parametrize(
    "trap",
    [
        LAUGHS,
        b'<!DOCTYPE r SYSTEM "http://evil.example/x.dtd"><root><results><a/></results></root>',
        b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><root>&f;</root>',
        b"<!DOCTYPE root><root/>",
    ],
)
def test_a_document_type_is_refused_before_it_can_do_harm(trap: bytes) -> None:
    with pytest.raises(MalformedReply, match="document type"):
        children(trap, "results")


@given(st.binary() | st.lists(st.sampled_from([*PARTS, *BETWEEN, b"<root>", b"</root>"])))
def test_whatever_comes_it_is_cut_or_refused(data: bytes | list[bytes]) -> None:
    raw = data if isinstance(data, bytes) else b"".join(data)
    try:
        parts = children(raw, "results")
    except MalformedReply:
        return
    assert all(part in raw for part in parts)
