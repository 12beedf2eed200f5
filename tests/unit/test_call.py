"""Calls: paths that cannot be broken out of, query strings as KPI reads them, bodies."""

from __future__ import annotations

import pickle
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.call import OMIT, Call, Op, Paging, Upload
from kobo_async.call import given as given_fields

HOOK: Op[Any] = Op("GET", "/api/v2/assets/{asset}/hooks/{hook}/", dict)


def test_ids_are_quoted_into_the_path() -> None:
    call = HOOK.at("a b/c?d#e", 7)

    assert call.path == "/api/v2/assets/a%20b%2Fc%3Fd%23e/hooks/7/"


@pytest.mark.parametrize("evil", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(evil: str) -> None:
    with pytest.raises(ValueError, match="hook cannot be"):
        HOOK.at("a", evil)


@pytest.mark.parametrize("ids", [(), ("a",), ("a", "b", "c")])
def test_a_wrong_number_of_ids_is_refused(ids: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match=r"takes \('asset', 'hook'\)"):
        HOOK.at(*ids)


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_other_id_stays_one_segment_and_comes_back_whole(text: str) -> None:
    segments = HOOK.at(text, "h").path.split("/")

    assert len(segments) == 8
    assert unquote(segments[4]) == text


def test_what_reads_is_repeatable_and_what_writes_is_not() -> None:
    assert [
        Op(method, "/", object).repeatable
        for method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
    ] == [True, True, False, False, False, False]
    assert Op("POST", "/", object, repeatable=True).repeatable


def test_an_operation_names_its_parameters_in_order() -> None:
    assert HOOK.params == ("asset", "hook")
    assert Op("GET", "/me/", object).params == ()
    assert HOOK.paging is Paging.NONE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("survey", "survey"),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (["_id", "a/b"], '["_id","a/b"]'),
        (("_id",), '["_id"]'),
        ({"_id": {"$gt": 5}}, '{"_id":{"$gt":5}}'),
        (MappingProxyType({"$and": [MappingProxyType({"a": "é"})]}), '{"$and":[{"a":"é"}]}'),
        (range(2), "[0,1]"),
    ],
)
def test_query_values_are_written_as_kpi_reads_them(value: object, text: str) -> None:
    call = HOOK.at("a", "h", query={"value": value})

    assert parse_qs(urlsplit(call.target).query) == {"value": [text]}


@pytest.mark.parametrize("value", [object(), [object()], [b"x"], b"x", {1: 2}, 2**64])
def test_what_is_no_json_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError):
        _ = HOOK.at("a", "h", query={"value": value}).target
    with pytest.raises(TypeError):
        _ = HOOK.at("a", "h", json=value).content


def test_forms_and_files_travel_with_the_call_and_do_not_show_their_content() -> None:
    upload = Upload("content", "photo.png", b"canary")

    call = HOOK.at("a", "h", form={"a": "b"}, files=[upload])

    assert call.form == {"a": "b"}
    assert call.files == (upload,)
    assert "canary" not in repr(call)
    assert "<6 bytes>" in repr(call)


def test_omitted_query_values_are_left_out() -> None:
    call = HOOK.at("a", "h", query={"limit": 5, "sort": OMIT})

    assert call.query == {"limit": 5}
    assert call.with_query(limit=OMIT, start=3).target.endswith("?limit=5&start=3")
    assert given_fields(a=1, b=OMIT, c=None) == {"a": 1, "c": None}


def test_a_call_without_a_query_has_a_bare_path_as_target() -> None:
    assert HOOK.at("a", "h").target == "/api/v2/assets/a/hooks/h/"


def test_a_query_is_added_to_one_that_stands_in_the_path() -> None:
    call = Call(HOOK, "/api/v2/tags/?q=x", {"limit": 2})

    assert call.target == "/api/v2/tags/?q=x&limit=2"


def test_a_label_shows_method_and_path_but_no_answers() -> None:
    call = Call(HOOK, "/api/v2/tags/?query=sick", {"query": {"name": "Ngozi"}})

    assert call.label == "GET /api/v2/tags/"


def test_the_content_is_json_or_nothing() -> None:
    assert HOOK.at("a", "h").content == (None, None)
    assert HOOK.at("a", "h", json=None).content == (b"null", "application/json")
    body, kind = HOOK.at("a", "h", json=MappingProxyType({"n": 1})).content
    assert (orjson.loads(body or b""), kind) == ({"n": 1}, "application/json")


def test_calls_are_values() -> None:
    call = HOOK.at("a", "h", query={"limit": 1}, json={"x": [1]})

    assert call == HOOK.at("a", "h", query={"limit": 1}, json={"x": [1]})
    assert call != HOOK.at("a", "h", query={"limit": 2}, json={"x": [1]})
    assert pickle.loads(pickle.dumps(call)) == call  # noqa: S301 - our own bytes


def test_omit_is_one_of_a_kind() -> None:
    assert repr(OMIT) == "OMIT"
    assert pickle.loads(pickle.dumps(OMIT)) is OMIT  # noqa: S301 - our own bytes
