"""What reads replies, links, deliveries, XML and forms ends in a value or a `KoboError`.

`KOBO_FUZZ` is the number of inputs for each reader: `nox -s fuzz` gives a long run. One in
fifty is drawn by hypothesis, which knows best what is odd; the others are spoiled replies,
documents and forms, which go deeper, and come a hundred times faster.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kobo_async import xmlread, xmlsplit
from kobo_async.errors import KoboError
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.versions import merged
from kobo_async.webhook.delivery import parse
from kobo_async.wire import Reply, judge, rebase
from tests.figures import FIGURES
from tests.forms.hostile import HOSTILE
from tests.hostile import seeds
from tests.hostile.attacks import TEXTS, XML, texts
from tests.hostile.mutations import smallest

FUZZ: Final = int(os.environ.get("KOBO_FUZZ", "1500"))
DRAWN: Final = max(FUZZ // 50, 100)
FIRST: Final = int(os.environ.get("KOBO_FUZZ_FIRST", "0"))
"""Number of the first input that is spoiled, to have other ones than the last time."""
ENCODINGS: Final = ("utf-8", "utf-16", "latin-1", "idna", "hex", "nope", "undefined", "shift_jis")
TAGS: Final = ("<a>", "</a>", "<a/>", "<a b='c'>", "<!--", "-->", "<![CDATA[", "]]>", "<meta>")
NAMES: Final = ("_id", "meta/rootUuid", "_xform_id_string", "results", "detail", "error", "a")

json_values: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=4)
    ),
    max_leaves=8,
)
json_bodies: Final = json_values.map(lambda value: json.dumps(value).encode())
markup: Final = st.lists(st.sampled_from((*TAGS, *XML)) | st.text(max_size=5), max_size=12).map(
    "".join
)
xml_bodies: Final = st.builds(
    lambda head, body: (head + body).encode("utf-8", "surrogatepass"),
    st.sampled_from(["", *(f"<?xml version='1.0' encoding='{one}'?>" for one in ENCODINGS)]),
    markup | markup.map(lambda inner: f"<a>{inner}</a>"),
)
odd_bodies: Final = st.sampled_from(
    [
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 100_000,
        b'{"_id":1,"_id":2}',
        b'{"_id":NaN}',
        b'{"_id":1e999}',
        b"9" * 10_000,
        b'"\\ud800"',
        b"<a>" * 5_000 + b"</a>" * 5_000,
        *(text.encode("utf-8", "surrogatepass") for text in TEXTS),
    ]
)
cut: Final = st.builds(
    lambda body, share: body[: int(len(body) * share)], json_bodies | xml_bodies, st.floats(0, 1)
)
bodies: Final = st.binary(max_size=60) | json_bodies | xml_bodies | cut | odd_bodies
headers: Final = st.dictionaries(
    st.sampled_from(["content-type", "location", "retry-after", "x-kobonaut"]), texts
)
links: Final = texts | st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "https://", "//", "///", "http://[", "javascript:", "\\\\", ""]),
    st.sampled_from(["x", "x:99999", "x:y", "a@b", "[::1]", "[::1", "\u2100", "x%00", ""]),
    texts | st.sampled_from(["/?#", "/../..", "/\0", "?" * 9, "#"]),
)


def _judge(drawn: tuple[int, dict[str, str], bytes, Any]) -> None:
    status, named, body, op = drawn
    found = judge(Reply(status, named, body), op.at(), now=0.0)
    if isinstance(found, KoboError):
        assert str(found).isprintable()


def _rebase(link: str) -> None:
    path = rebase(link, "https://kobo.example/kpi")
    assert path.startswith("/")
    assert not path.startswith("//")


def _form(content: Any) -> None:
    lay_out(read_form(content, "x"))
    lay_out(merged([content, content], "x"))


READERS: Final[dict[str, tuple[st.SearchStrategy[Any], seeds.Maker, Callable[[Any], object]]]] = {
    "judge": (
        st.tuples(st.integers(100, 599), headers, bodies, st.sampled_from(seeds.OPS)),
        seeds.replies,
        _judge,
    ),
    "links": (links, seeds.links, _rebase),
    "deliveries": (
        st.tuples(bodies, texts | st.sampled_from(["application/json", "text/xml"])),
        seeds.deliveries,
        lambda drawn: parse(*drawn),
    ),
    "xml": (xml_bodies | bodies, seeds.documents, xmlread.read),
    "parts of xml": (
        xml_bodies | bodies,
        seeds.documents,
        lambda body: xmlsplit.children(body, "meta"),
    ),
    "forms": (HOSTILE, seeds.contents, _form),
}


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("reader", READERS)
def test_every_input_is_read_or_refused_with_an_error_of_ours(reader: str):
    strategy, _, read = READERS[reader]

    @settings(
        max_examples=DRAWN,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def law(drawn: Any) -> None:
        FIGURES[f"inputs drawn for {reader}"] += 1
        with suppress(KoboError):
            read(drawn)

    law()


def failing(read: Callable[[Any], object], given: Any) -> str:
    """Name the error that a reader should not end in; nothing where all is well."""
    try:
        read(given)
    except KoboError:
        pass
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return type(error).__name__
    return ""


def fuzzed(make: seeds.Maker, read: Callable[[Any], object], numbers: range) -> None:
    """Give a reader the inputs of these numbers; show the first that fails, made small."""
    for number in numbers:
        made = make(random.Random(number))  # noqa: S311 - it should come again
        if problem := failing(read, made):
            least = smallest(made, lambda less: failing(read, less) == problem)
            pytest.fail(f"input {number} ends in {problem}; so does {least!r}")


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("reader", READERS)
def test_every_spoiled_input_is_read_or_refused_with_an_error_of_ours(reader: str):
    _, make, read = READERS[reader]
    numbers = range(FIRST, FIRST + FUZZ - DRAWN)
    fuzzed(make, read, numbers)
    FIGURES[f"inputs spoiled for {reader}"] += len(numbers)


def test_fuzzing_finds_a_reader_that_fails_and_shows_the_least_that_it_takes():
    def careless(body: bytes) -> None:
        if b"&" in body.partition(b"<!--")[2]:
            raise KeyError

    with pytest.raises(pytest.fail.Exception, match=r"in KeyError; so does b'<!--&'$"):
        fuzzed(seeds.documents, careless, range(10_000))
