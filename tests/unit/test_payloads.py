"""What goes into writes: encoded where the meaning is clear, refused where it is not."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import QueryError
from kobo_async.payloads import KEPT_BY_SERVER, answers, bare_uuids, row_ids


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a text", "a text"),
        ("", ""),
        (77, "77"),
        (-0.5, "-0.5"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 8, tzinfo=UTC), "2026-11-21T08:00:00.000+00:00"),
        (["radio", "phone"], "radio phone"),
        ((), ""),
    ],
)
def test_an_answer_is_written_out(value: Any, text: str):
    assert answers({"group/question": value}) == {"group/question": text}


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        math.nan,
        math.inf,
        Decimal("NaN"),
        {"age": "7"},
        [{"member/age": "7"}],
        [""],
        ["two words"],
        [["nested"]],
        [1],
        datetime(2026, 11, 21),  # noqa: DTZ001 - without zone is what is refused
        b"bytes",
        "\x00",
        "\ud800",
    ],
)
def test_what_is_no_answer_is_refused_by_name(value: Any):
    with pytest.raises(QueryError, match="group/question"):
        answers({"group/question": value})


@pytest.mark.parametrize(
    "path", ["", "/q", "q/", "a//b", "..", "*", "a b", "q[0]", "q[]", "1q", "{ns}q", "q\n"]
)
def test_a_path_that_is_none_is_refused(path: str):
    with pytest.raises(QueryError, match="is no path"):
        answers({path: "x"})


@pytest.mark.parametrize("path", ["q", "group/q", "repeat[2]/q", "_own", "größe", "a.b-c", "âge"])
def test_a_path_passes(path: str):
    assert answers({path: "x"}) == {path: "x"}


@pytest.mark.parametrize("name", sorted(KEPT_BY_SERVER))
def test_what_the_server_keeps_cannot_be_edited(name: str):
    with pytest.raises(QueryError, match="kept by the server"):
        answers({name: "x"})
    with pytest.raises(QueryError, match="kept by the server"):
        answers({f"{name}/instanceID": "x"})


def test_an_edit_of_nothing_is_refused():
    with pytest.raises(QueryError, match="nothing to change"):
        answers({})


@given(st.lists(st.integers(), min_size=1))
def test_ids_keep_their_order_and_are_sent_once(ids: list[int]):
    sent = row_ids(ids)
    assert set(sent) == set(ids)
    assert sent == sorted(set(ids), key=ids.index)


@pytest.mark.parametrize("uuids", [[], "u", [1], [None]])
def test_uuids_are_a_list_of_texts(uuids: Any):
    with pytest.raises(QueryError):
        bare_uuids(uuids)


def test_uuids_lose_their_prefix():
    assert bare_uuids(["uuid:a", "b", "a"]) == ["a", "b"]
