"""Queries: what the server would answer with silence is refused, what it understands passes."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import QueryError
from kobo_async.query import OPERATORS, Unchecked, both, canonical, checked

FINE: list[dict[str, Any]] = [
    {},
    {"hh_size": "3"},
    {"general/region": {"$in": ["north", "south"]}},
    {"general/region": {"$in": []}},
    {"general/region": {"$nin": ("north",)}},
    {"general/region": {"$all": ["north"]}},
    {"general/region": {"$ne": None}},
    {"general/region": None},
    {"hh_size": {"$gt": "5", "$lte": "9"}},
    {"hh_name": {"$regex": "^Z", "$options": "i"}},
    {"hh_name": {"$not": {"$regex": "^Z"}}},
    {"hh_name": {"$exists": True}},
    {"members": {"$exists": False}},
    {"members": {"$elemMatch": {"members/member_age": "5"}}},
    {"members": {"$elemMatch": {"$or": [{"members/sex": "m"}, {"members/sex": "f"}]}}},
    {"members": {"$all": [{"$elemMatch": {"members/sex": "f"}}]}},
    {"_attachments": {"$elemMatch": {"mimetype": "image/png", "is_deleted": False}}},
    {"_attachments": {"$elemMatch": {"$or": [{"is_deleted": True}, {"mimetype": "x"}]}}},
    {"_geolocation": {"$elemMatch": {"$gt": 5, "$lt": 9.5}}},
    {"_geolocation": {"$elemMatch": {"$in": [5, 9.5]}}},
    {"_geolocation": [5.5, 9.5]},
    {"$or": [{"a": "1"}, {"$and": [{"b": "2"}, {"c": {"$ne": "3"}}]}]},
    {"$expr": {"$gt": ["$_id", 3000]}},
    {"$expr": {"$gt": [{"$ifNull": ["$income", "0"]}, "500"]}},
    {"$expr": {"$gt": [{"part": "$_id"}, "$x"]}},
    {"_id": 100},
    {"_id": "100"},
    {"_id": {"$gt": 100, "$lte": 200}},
    {"_id": {"$in": [1, 2, 3]}},
    {"_id": {"$exists": True}},
    {"_submission_time": {"$gte": "2026-11-21T00:20:00", "$lt": "2026-11-22"}},
    {"_submission_time": {"$regex": "^2026-11"}},
    {"_submitted_by": None},
    {"_validation_status.uid": None},
    {"_validation_status.timestamp": {"$gte": 1_790_000_000}},
    {"meta/rootUuid": {"$in": ["uuid:1"]}},
    {"meta/deprecatedID": {"$exists": True}},
]


@pytest.mark.parametrize("query", FINE, ids=str)
def test_what_the_server_understands_passes(query: dict[str, Any]) -> None:
    assert checked(query) is query


REFUSED: list[tuple[Any, str]] = [
    # operators that are escaped into field names
    ({"hh_size": {"$eq": "3"}}, r"\$eq matches nothing .*equality is"),
    ({"hh_size": {"$type": "string"}}, r"\$type matches nothing"),
    ({"hh_size": {"$size": 3}}, r"\$size matches nothing"),
    ({"hh_size": {"$mod": [2, 0]}}, r"\$mod matches nothing"),
    ({"hh_size": {"$gtt": "3"}}, r"\$gtt matches nothing"),
    ({"hh_size": {"first": "3"}}, "first matches nothing"),
    ({"hh_size": {"$not": {"$eq": "3"}}}, r"\$eq matches nothing"),
    ({"$where": "1"}, r"\$where matches nothing"),
    ({"$nor": [{"a": "1"}]}, r"\$nor matches nothing"),
    ({"$or": [{"a": {"$eq": "1"}}]}, r"\$eq matches nothing"),
    ({"members": {"$elemMatch": {"members/age": {"$eq": "5"}}}}, r"\$eq matches nothing"),
    ({"members": {"$all": [{"$elemMatch": {"a": {"$eq": "5"}}}]}}, r"\$eq matches nothing"),
    ({"$expr": {"$eq": ["$a", "$b"]}}, r"\$eq matches nothing"),
    ({"$expr": {"$gt": [{"$toInt": "$hh_size"}, 5]}}, r"\$toInt matches nothing"),
    # dots in names
    ({"members.members/member_age": "5"}, r"escapes dots.*\$elemMatch"),
    ({"_attachments.mimetype": "image/png"}, "escapes dots"),
    ({"$and": [{"a.b": "1"}]}, "escapes dots"),
    # answers are text
    ({"hh_size": 3}, "write '3'"),
    ({"hh_size": 3.5}, "write '3.5'"),
    ({"hh_size": True}, "stored as text"),
    ({"hh_size": {"$gt": 5}}, "stored as text"),
    ({"hh_size": {"$in": ["1", 2]}}, "stored as text"),
    ({"members": {"$elemMatch": {"members/member_age": 5}}}, "stored as text"),
    ({"hh_size": ["1", "2"]}, r"\$in"),
    ({"_idle": 3}, "stored as text"),
    # _id is an integer
    ({"_id": None}, "_id null"),
    ({"_id": "x"}, "matches nothing"),
    ({"_id": 1.5}, "matches nothing"),
    ({"_id": True}, "matches nothing"),
    ({"_id": [1, 2]}, r"\$in"),
    ({"_id": {"$gt": "100"}}, "integer"),
    ({"_id": {"$in": [1, "2"]}}, "integer"),
    ({"_id": {"$ne": None}}, "_id null"),
    ({"_id": {"$regex": "^1"}}, "integer"),
    # times are text in one spelling
    ({"_submission_time": "2026-11-21T00:20:00Z"}, "without zone"),
    ({"_submission_time": {"$gte": "2026-11-21T00:20:00+02:00"}}, "without zone"),
    ({"_submission_time": {"$gte": "2026-11-21T00:20:00-05:00"}}, "without zone"),
    ({"_submission_time": {"$gte": "2026-11-21T00:20:00.5"}}, "without zone"),
    ({"_submission_time": {"$gte": "2026-11-21 00:20:00"}}, "without zone"),
    ({"_submission_time": {"$gte": "21/11/2026"}}, "without zone"),
    ({"_submission_time": {"$in": ["2026-11-21T00:20:00Z"]}}, "without zone"),
    ({"_submission_time": {"$gte": datetime(2026, 11, 21, tzinfo=UTC)}}, "dates as text"),
    ({"_submission_time": {"$date": 0}}, r"\$date matches nothing"),
    ({"_submission_time": {"$gt": 0}}, "stored as text"),
    ({"visit": date(2026, 11, 21)}, "dates as text"),
    # shapes that end in an error page, or in nothing
    ("region", "JSON object"),
    ([1], "JSON object"),
    (5, "JSON object"),
    ({1: "x"}, "names are text"),
    ({"a": {1: "x"}}, "names are text"),
    ({"$or": []}, r"\$or takes a list"),
    ({"$or": {"a": "1"}}, r"\$or takes a list"),
    ({"$and": [None]}, "JSON object"),
    ({"$and": [Unchecked({"a": 1})]}, "JSON object"),
    ({"$and": ["x"]}, "JSON object"),
    ({"members": {"$elemMatch": None}}, "JSON object"),
    ({"members": {"$elemMatch": "x"}}, "JSON object"),
    ({"a": {"$in": "north"}}, r"\$in takes a list"),
    ({"a": {"$not": "north"}}, r"\$not takes"),
    ({"a": {"$exists": "false"}}, r"\$exists takes"),
    ({"a": {"$regex": 5}}, r"\$regex takes"),
    ({"a": {"$options": 5}}, r"\$options takes"),
    ({"a": {"$or": [{"b": "1"}]}}, r"\$or .*beside"),
]


@pytest.mark.parametrize(("query", "reason"), REFUSED, ids=str)
def test_what_the_server_would_answer_with_silence_is_refused(query: Any, reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        checked(query)


@pytest.mark.parametrize("query", [query for query, _ in REFUSED if isinstance(query, dict)])
def test_whoever_knows_better_may_send_anything(query: dict[str, Any]) -> None:
    assert checked(Unchecked(query)) is query


def test_no_query_is_no_query() -> None:
    assert checked(None) is None


def test_any_mapping_is_a_query() -> None:
    query = MappingProxyType({"region": "north"})

    assert checked(query) is query


def test_a_query_is_one_text_however_it_is_written() -> None:
    text = '{"a":"1","b":{"$in":["2"]}}'
    one = {"b": {"$in": ["2"]}, "a": "1"}
    assert canonical(one) == canonical(MappingProxyType(one)) == canonical(Unchecked(one)) == text
    assert canonical(None) == canonical({}) == ""
    with pytest.raises(QueryError):
        canonical({"a": {"$eq": "1"}})


def test_two_queries_are_joined_so_that_both_must_fit() -> None:
    assert both({"a": "1"}, {"_id": {"$gt": 5}}) == {"$and": [{"a": "1"}, {"_id": {"$gt": 5}}]}
    assert both({}, {"_id": 5}) == {"_id": 5}
    assert both(None, {"_id": 5}) == {"_id": 5}


NAMES = st.text(st.characters(exclude_characters=".$", exclude_categories=["Cs"]), min_size=1)
ANSWERS = st.text() | st.none()
PLAIN_NAMES = NAMES.filter(lambda name: not name.startswith("_"))
CONDITIONS = st.one_of(
    ANSWERS,
    st.fixed_dictionaries({}, optional={"$gt": st.text(), "$lt": st.text(), "$ne": ANSWERS}),
    st.fixed_dictionaries({"$in": st.lists(ANSWERS)}),
    st.fixed_dictionaries({"$exists": st.booleans()}),
    st.fixed_dictionaries({"$regex": st.text()}, optional={"$options": st.just("i")}),
    st.fixed_dictionaries({"$not": st.fixed_dictionaries({"$gte": st.text()})}),
)
QUERIES = st.recursive(
    st.dictionaries(PLAIN_NAMES, CONDITIONS)
    | st.fixed_dictionaries({"_id": st.integers() | st.fixed_dictionaries({"$gt": st.integers()})}),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"$and": st.lists(inner, min_size=1)}),
        st.fixed_dictionaries({"$or": st.lists(inner, min_size=1)}),
        st.dictionaries(PLAIN_NAMES, st.fixed_dictionaries({"$elemMatch": inner})),
    ),
    max_leaves=8,
)


@given(QUERIES)
def test_every_query_made_of_what_the_server_understands_passes(query: dict[str, Any]) -> None:
    assert checked(query) is query


@given(QUERIES, PLAIN_NAMES, st.from_regex(r"\$[a-zA-Z]{1,10}", fullmatch=True))
def test_one_unknown_operator_anywhere_spoils_the_query(
    query: dict[str, Any], name: str, operator: str
) -> None:
    if operator in OPERATORS:
        return
    with pytest.raises(QueryError, match="matches nothing"):
        checked({"$and": [query, {name: {operator: "x"}}]})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.text() | st.sampled_from([*OPERATORS, "_id", "_submission_time"]), inner
            )
        ),
    )
)
def test_a_query_passes_or_is_refused_and_nothing_else_happens(query: Any) -> None:
    with contextlib.suppress(QueryError):
        assert checked(query) is query
