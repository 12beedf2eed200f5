"""JSON to models and back: strict about types, open to what is new, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import UnexpectedShape
from kobo_async.models.account import AccountToken, Environment, Me
from kobo_async.models.asset import Asset
from kobo_async.models.convert import Model, structure, structure_all, unstructure


@attrs.frozen(kw_only=True)
class Part(Model):
    name: str


@attrs.frozen(kw_only=True)
class Thing(Model):
    text: str = ""
    number: int = 0
    ratio: float = 0.0
    flag: bool = False
    moment: datetime | None = None
    anything: Any = None
    words: Sequence[str] = attrs.field(factory=list)
    parts: Sequence[Part] = attrs.field(factory=list)
    table: Mapping[str, Any] = attrs.field(factory=dict)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 5),
        ("text", b"x"),
        ("number", "12"),
        ("number", 1.0),
        ("number", True),
        ("ratio", "1.5"),
        ("ratio", True),
        ("flag", 1),
        ("flag", "true"),
        ("moment", 1_790_000_000),
        ("moment", "yesterday"),
        ("moment", ""),
        ("words", "abc"),
        ("words", {"a": 1}),
        ("words", 5),
        ("words", ["a", 5]),
        ("parts", [{"name": 5}]),
        ("parts", [[]]),
        ("parts", ["x"]),
        ("table", []),
        ("table", "x"),
        ("table", [["a", 1]]),
    ],
)
def test_a_value_of_another_type_is_not_bent_into_shape(field: str, value: Any) -> None:
    with pytest.raises(UnexpectedShape, match=f"not a Thing: .*{field}"):
        structure({field: value}, Thing, "GET /thing/")


@pytest.mark.parametrize("field", ["text", "number", "ratio", "flag", "words", "parts", "table"])
def test_null_for_what_a_model_can_do_without_is_as_good_as_left_out(field: str) -> None:
    thing = structure({field: None}, Thing)

    assert getattr(thing, field) == getattr(Thing(), field)
    assert unstructure(thing) == {field: None}


def test_null_for_what_a_model_needs_is_an_error() -> None:
    with pytest.raises(UnexpectedShape, match="name"):
        structure({"name": None}, Part)


def test_an_error_names_request_and_fields_but_shows_no_long_values() -> None:
    with pytest.raises(UnexpectedShape) as caught:
        structure({"number": "x" * 500, "flag": 1}, Thing, "GET /thing/")

    assert str(caught.value).startswith("GET /thing/: not a Thing: ")
    assert "number" in str(caught.value)
    assert "flag" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_what_is_no_object_is_no_model(body: Any) -> None:
    with pytest.raises(UnexpectedShape, match="not a Thing"):
        structure(body, Thing)


def test_a_required_key_must_be_there() -> None:
    with pytest.raises(UnexpectedShape, match="name"):
        structure({}, Part)


def test_whole_numbers_are_ratios_too() -> None:
    assert structure({"ratio": 2}, Thing).ratio == 2.0


def test_keys_that_no_model_knows_are_kept() -> None:
    thing = structure({"text": "x", "new": {"a": [1]}, "extra": 5, "_absent": None}, Thing)

    assert thing.extra == {"new": {"a": [1]}, "extra": 5, "_absent": None}


def test_keys_the_server_left_out_stay_out() -> None:
    body = {"text": "x", "parts": [{"name": "y", "color": "red"}], "new": None}

    thing = structure(body, Thing)

    assert (thing.number, thing.parts[0].name) == (0, "y")
    assert unstructure(thing) == body
    assert unstructure(Thing(text="x"))["number"] == 0


def test_models_that_hold_the_same_are_equal_whatever_was_left_out() -> None:
    assert structure({"text": "x"}, Thing) == Thing(text="x")
    assert structure({"text": "x", "new": 1}, Thing) != Thing(text="x")


@pytest.mark.parametrize(
    "spelling", ["2026-11-21T00:16:02.500122Z", "2026-11-21T00:12:50Z", "2026-11-21T00:12:50+02:00"]
)
def test_times_come_back_in_the_spelling_of_the_server(spelling: str) -> None:
    thing = structure({"moment": spelling}, Thing)

    assert unstructure(thing) == {"moment": spelling}


def test_a_time_without_a_zone_is_utc() -> None:
    assert structure({"moment": "2026-11-21T00:16:20"}, Thing).moment == datetime(
        2026, 11, 21, 0, 16, 20, tzinfo=UTC
    )


@pytest.mark.parametrize("kind", [Any, object, bytes, type(None)])
def test_what_has_no_model_is_handed_through(kind: Any) -> None:
    body = object()

    assert structure(body, kind) is body


@pytest.mark.parametrize(("kind", "body"), [(dict, {"a": 1}), (list, [1])])
def test_plain_objects_and_lists_are_checked_but_not_copied(kind: type[Any], body: Any) -> None:
    assert structure(body, kind) is body
    assert structure_all([body, body], kind) == [body, body]
    others: list[Any] = [None, "x", 5, {}, []]
    for other in others:
        if not isinstance(other, kind):
            with pytest.raises(UnexpectedShape, match=f"not a {kind.__name__}"):
                structure(other, kind)
            with pytest.raises(UnexpectedShape, match=f"not a {kind.__name__}"):
                structure_all([body, other], kind)


def test_every_item_of_a_page_is_structured() -> None:
    assert structure_all([{"name": "a"}, {"name": "b"}], Part) == [Part(name="a"), Part(name="b")]
    assert structure_all([1, None], object) == [1, None]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1)).map(lambda m: m.isoformat() + "Z")  # noqa: DTZ001 - the zone is written
THINGS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(),
        "number": st.integers(),
        "ratio": st.floats(allow_nan=False),
        "flag": st.booleans(),
        "moment": st.none() | MOMENTS,
        "anything": JSON,
        "words": st.lists(st.text()),
        "parts": st.lists(st.fixed_dictionaries({"name": st.text()}, optional={"x": JSON})),
        "table": st.dictionaries(st.text(), JSON),
        "unknown": JSON,
        "extra": JSON,
    },
)


@given(THINGS)
def test_what_comes_in_goes_out_again(body: dict[str, Any]) -> None:
    assert unstructure(structure(body, Thing)) == body


@given(JSON)
def test_any_json_is_a_model_or_an_error(body: Any) -> None:
    try:
        thing = structure(body, Thing)
    except UnexpectedShape:
        return
    assert unstructure(thing) == body


# Recordings of a real server


def recordings(shared: Path, pattern: str) -> Iterator[tuple[str, str, Any]]:
    """Yield name, path and body of the successful JSON replies whose names fit."""
    for file in sorted((shared / "kpi" / "recordings").glob(pattern)):
        recorded = json.loads(file.read_bytes())
        request, response = recorded.get("request", {}), recorded.get("response", {})
        if 200 <= response.get("status", 0) < 300 and response.get("body_type") == "json":
            yield file.stem, f"{request['method']} {request['path'].rstrip('/')}", response["body"]


def round_trips(bodies: list[Any], kind: type[Any]) -> int:
    for body in bodies:
        assert unstructure(structure(body, kind)) == body
    return len(bodies)


def test_recorded_accounts_tokens_and_environments_come_back_whole(shared: Path) -> None:
    found: dict[str, list[Any]] = {"/me": [], "/token": [], "/api/v2/environment": []}
    for _, request, body in recordings(shared, "*.json"):
        method, _, path = request.partition(" ")
        if path in found and method in {"GET", "POST", "PATCH"}:
            found[path].append(body)

    assert round_trips(found["/me"], Me) >= 2
    assert round_trips(found["/token"], AccountToken) >= 2
    assert round_trips(found["/api/v2/environment"], Environment) >= 2


def test_recorded_assets_come_back_whole(shared: Path) -> None:
    items: list[Any] = []
    details: list[Any] = []
    for _, request, body in recordings(shared, "*.json"):
        if " /api/v2/assets" in request and isinstance(body, dict):
            if body.get("kind") == "asset":
                details.append(body)
            for item in body.get("results", ()):
                if isinstance(item, dict) and item.get("kind") == "asset":
                    items.append(item)  # noqa: PERF401 - two levels

    assert round_trips(items, Asset) >= 50
    assert round_trips(details, Asset) >= 10


def test_an_asset_tells_what_it_allows_where_the_reply_does(shared: Path) -> None:
    recorded = shared / "kpi" / "recordings" / "asset_retrieve.json"
    asset = structure(json.loads(recorded.read_bytes())["response"]["body"], Asset)

    assert asset.allows("view_submissions") is True
    assert asset.allows("fly") is False


# Models


def test_an_asset_of_a_list_does_not_tell_what_it_allows() -> None:
    asset = structure({"uid": "a1", "name": "", "asset_type": "survey"}, Asset)

    assert asset.allows("view_submissions") is None
    assert asset.content is None


def test_an_asset_allows_what_the_server_counts_up() -> None:
    asset = Asset(
        uid="a1", name="", asset_type="survey", effective_permissions=[{"codename": "view_asset"}]
    )

    assert asset.allows("view_asset") is True
    assert asset.allows("change_asset") is False


def test_personal_details_and_tokens_do_not_show_themselves() -> None:
    me = Me(username="alice", server_time=datetime.now(UTC) - timedelta(1), email="canary@x")

    assert "alice" in repr(me)
    assert "canary" not in repr(me)
    assert "canary" not in repr(AccountToken(token="canary"))
