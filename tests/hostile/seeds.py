"""What servers and people send, before it is spoiled: one source of inputs for each reader."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

import orjson

from kobo_async.call import Op
from kobo_async.testing import FakeKobo
from kobo_async.testing.render import xml_submission
from tests.forms.contents import listed, row, survey
from tests.forms.hostile import COLUMNS, TYPES
from tests.hostile.attacks import TEXTS
from tests.hostile.mutations import spoiled, spoiled_tree

Maker = Callable[[random.Random], Any]
OPS: Final = (
    Op("GET", "/a/", object),
    Op("GET", "/a/", bytes, accept="*/*"),
    Op("GET", "/a/", object, deferred=True),
    Op("DELETE", "/a/", type(None), also_ok=(304,)),
)
_FORM: Final = FakeKobo(seed=7).add_form("Wells", rows=2)
_ROWS: Final = list(_FORM.rows.values())
_PAGE: Final = {"count": 2, "next": "http://x/?start=1", "previous": None, "results": _ROWS[:1]}
_REFUSALS: Final = (
    {"detail": "Not found."},
    {"name": ["This field is required.", "Or not."], "asset": {"deep": [{"a": "b"}]}},
    {"error": "limit exceeded", "Authorization": ["Token x"]},
)
JSON: Final = tuple(map(orjson.dumps, (_PAGE, _ROWS[0], *_REFUSALS, [1, -1.5e3, True, None])))
_RESPONSE: Final = """<?xml version='1.0' encoding='utf-8'?>
<OpenRosaResponse xmlns='http://openrosa.org/http/response'>
<message nature='x'>Thanks &amp; bye</message></OpenRosaResponse>"""
_ODD_INSTANCE: Final = """<x:a xmlns:x='y' id='f'><x:meta>
<instanceID>uuid:1</instanceID><!-- c --><b/>t<![CDATA[<]]><?pi d?><rootUuid>uuid:2</rootUuid>
</x:meta></x:a>"""
XML: Final = tuple(
    text.encode() for text in (xml_submission(_FORM, _ROWS[0]), _RESPONSE, _ODD_INSTANCE)
)
PAGES: Final = (
    b"<!DOCTYPE html><html><head><title>Bad</title></head><body><h1>502</h1><p>x</p></body></html>",
    b"",
)
LINKS: Final = (
    "https://kf.kobotoolbox.org/api/v2/assets/a/data/?format=json&start=1#x",
    "//user:word@[::1]:80/kpi/kpi/api?a=%2F%00&b=;c",
    "/kpi/assets/../a b/?q={}",
    "http://kobo.example/kpi/?cursor=cD0y",
)
KINDS: Final = ("application/json", "text/xml; charset=utf-8", "text/html", "")
HEADERS: Final = ("content-type", "location", "retry-after", "x-kobonaut")
VALUES: Final = (*KINDS, *LINKS, "120", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9", "-1")
CONTENT: Final = survey(
    "begin_group g",
    row("select_multiple m", select_from_list_name="l", label=["M", None], **{"$xpath": "g/m"}),
    "end_group",
    "begin_repeat r",
    row("integer n", label="N", repeat_count="${q}"),
    row("geopoint p", **{"$autoname": "p", "$kuid": "k"}),
    "end_repeat",
    row("begin_kobomatrix k", **{"kobo--matrix_list": "l"}),
    "text column",
    "end_kobomatrix",
    row("range q", parameters="start=0;end=10;step=1", _or_other=True),
    choices=listed("l", ["a", "b c", "other"], label=["A", "Autre"]),
    translations=["English (en)", None],
    settings={"title": "Wells", "default_language": "English (en)"},
)
_MARKS: Final = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud800", b"NaN", b"1e999"),
    *(b"<", b">", b"/", b"&", b";", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"-->"),
    *(b"<?", b"?>", b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b"xmlns:x='y'", b"encoding='hex'"),
    *(b"<meta>", b"</meta>", b"<b>x</b>", b"<b c='d'/>", b"<meta><c/></meta>", b"</", b"='"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\x00", b"\xc0\x80"),
    *(b'"_id":', b'"meta/rootUuid":', b'"detail":', b"<h1>", b"</h1>", b"9" * 400),
)
_BYTES: Final = (*_MARKS * 3, *(text.encode("utf-8", "surrogatepass") for text in TEXTS))
_ODD: Final = (
    *(*TEXTS, *COLUMNS * 8, *TYPES * 20, *("l", "g", "r", "${g/m}", "end_repeat") * 20),
    *([None, True, 0, -1, 2**70, 1.5, float("nan"), float("inf"), [], {}, [[]], {"a": None}] * 8),
)


def bodies(chance: random.Random) -> bytes:
    seeds = chance.choice((JSON, XML, PAGES))
    return spoiled(chance.choice(seeds), [*_BYTES, *seeds], chance)


def documents(chance: random.Random) -> bytes:
    return spoiled(chance.choice(XML), _BYTES, chance)


def links(chance: random.Random) -> str:
    return spoiled(chance.choice(LINKS), [*TEXTS, "//", "[", "]", "@", ":", "#", "?", "%"], chance)


def replies(chance: random.Random) -> tuple[int, dict[str, str], bytes, Op[Any]]:
    names = chance.sample(HEADERS, chance.randint(0, 3))
    headers = {name: spoiled(chance.choice(VALUES), TEXTS, chance) for name in names}
    status = chance.choice((200, 204, 304, 404, 410, 429, 503, chance.randint(100, 599)))
    return status, headers, bodies(chance), chance.choice(OPS)


def deliveries(chance: random.Random) -> tuple[bytes, str]:
    return bodies(chance), spoiled(chance.choice(KINDS), TEXTS, chance)


def contents(chance: random.Random) -> Any:
    content: Any = CONTENT
    for _ in range(chance.randint(1, 8)):
        content = spoiled_tree(content, _ODD, chance)
    return content
