"""What changing permissions would do, worked out without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import QueryError
from kobo_async.models.permission import ANYONE, Assignment
from kobo_async.verbs.permission_plan import (
    CONTRADICTORY,
    IMPLIED,
    PARTIAL,
    State,
    make_plan,
    make_state,
    rights_of,
)

ROWS = {"view_submissions": [{"_submitted_by": "carol"}]}
SURVEY = sorted(rights_of("survey", "bob") - {PARTIAL})


def state(held: dict[str, Any], asset_type: str = "survey") -> State:
    full = {
        user: dict.fromkeys(one) if isinstance(one, list) else one for user, one in held.items()
    }
    return State("aP", asset_type, "alice", full, complete=True)


def test_what_implies_and_excludes_what_is_as_a_real_server_says(shared: Path):
    text = (shared / "kpi/recordings/perm_catalog.json").read_text("utf-8")
    for one in json.loads(text)["response"]["body"]["results"]:
        implied = {url.split("/")[-2] for url in one["implied"]}
        assert set(IMPLIED[one["codename"]]) == implied
        if one["codename"] == PARTIAL:
            assert {url.split("/")[-2] for url in one["contradictory"]} == CONTRADICTORY


def test_what_one_permission_brings_is_not_given_once_more():
    plan = make_plan(state({}), {"bob": ["view_asset", "view_submissions", "change_submissions"]})
    assert [grant.permission for grant in plan.grants] == ["change_submissions"]
    assert {one.permission for one in plan.implied} == {
        "view_asset",
        "view_submissions",
        "add_submissions",
    }
    assert {one.by for one in plan.implied} == {"change_submissions"}


def test_what_depends_on_others_is_taken_before_them():
    held = state({"bob": ["view_asset", "view_submissions", "validate_submissions"]})
    plan = make_plan(held, {"bob": []})
    assert [one.permission for one in plan.removals] == [
        "validate_submissions",
        "view_submissions",
        "view_asset",
    ]
    assert plan.loses_everything == ("bob",)


def test_users_who_are_not_named_are_left_alone_unless_told_otherwise():
    held = state({"bob": ["view_asset"], ANYONE: ["view_asset"]})
    assert make_plan(held, {"bob": ["view_asset"]}).changes == 0
    plan = make_plan(held, {"bob": ["view_asset"]}, remove_others=True)
    assert plan.loses_everything == (ANYONE,)


def test_filters_are_compared_by_what_they_mean():
    seen = {"view_submissions": [{"_submitted_by": "carol"}]}
    done = {"change_submissions": [{"_submitted_by": "carol"}]}
    held = state({"bob": {"view_asset": None, "add_submissions": None, PARTIAL: {**seen, **done}}})
    assert make_plan(held, {"bob": {PARTIAL: done, "add_submissions": None}}).changes == 0
    other = make_plan(held, {"bob": {PARTIAL: seen, "add_submissions": None}})
    assert [grant.filters for grant in other.grants] == [seen]


def test_changing_some_rows_brings_the_right_to_add_any():
    rows = {"change_submissions": [{"_submitted_by": "carol"}]}
    plan = make_plan(state({}), {"bob": {PARTIAL: rows}})
    assert {one.permission for one in plan.implied} == {"view_asset", "add_submissions"}


def test_rights_on_rows_take_the_place_of_those_on_all():
    held = state({"bob": ["view_asset", "view_submissions", "manage_asset"]})
    plan = make_plan(held, {"bob": {PARTIAL: ROWS}})
    assert [one.permission for one in plan.removals] == ["manage_asset", "view_submissions"]
    assert [grant.permission for grant in plan.grants] == [PARTIAL]


@pytest.mark.parametrize(
    ("wanted", "asset_type", "said"),
    [
        ({"alice": []}, "survey", "is the owner"),
        ({"bob": ["see_asset"]}, "survey", "cannot hold 'see_asset'"),
        ({"bob": ["discover_asset"]}, "survey", "cannot hold"),
        ({"bob": ["view_submissions"]}, "block", "cannot hold"),
        ({"bob": ["view_submissions"]}, "collection", "cannot hold"),
        ({ANYONE: ["change_asset"]}, "survey", "cannot hold"),
        ({"bob": {PARTIAL: ROWS, "view_submissions": None}}, "survey", "excludes"),
        ({"bob": [PARTIAL]}, "survey", "filters"),
        ({"bob": "view_asset"}, "survey", "a list"),
        ({"a/b": ["view_asset"]}, "survey", "user name"),
    ],
)
def test_what_cannot_be_held_is_refused(wanted: Any, asset_type: str, said: str):
    with pytest.raises(QueryError, match=said):
        make_plan(state({}, asset_type), wanted)


def test_permissions_of_a_newer_server_are_left_alone():
    held = state({"bob": ["view_asset", "dance_asset"]})
    kept = make_plan(held, {"bob": ["view_asset", "dance_asset", "add_submissions"]})  # type: ignore[list-item]
    assert [grant.permission for grant in kept.grants] == ["add_submissions"]
    assert not kept.removals


def test_a_plan_is_shown_as_text_and_as_json():
    held = state({"bob": ["view_asset", "change_asset"], "eve": ["view_asset"]})
    plan = make_plan(held, {"bob": ["view_submissions"], "eve": [], "dan": {PARTIAL: ROWS}})
    assert str(plan).splitlines() == [
        "aP: 4 changes",
        "  + bob: view_submissions",
        "  + dan: partial_submissions on rows {'view_submissions': [{'_submitted_by': 'carol'}]}",
        "  + dan: view_asset, which partial_submissions brings",
        "  - bob: change_asset",
        "  - eve: view_asset",
        "  ! eve loses everything",
    ]
    assert json.loads(json.dumps(plan.as_dict()))["loses_everything"] == ["eve"]
    assert str(make_plan(held, {})) == "aP: no changes"


def test_the_owner_is_not_among_those_whose_permissions_can_change():
    rows = [
        Assignment(url="/p1/", user="/users/alice/", permission="/permissions/view_asset/"),
        Assignment(url="/p2/", user="/users/bob%20b/", permission="/permissions/view_asset/"),
    ]
    made = make_state("aP", "survey", "alice", rows, complete=True)
    assert made.held == {"bob b": {"view_asset": None}}
    assert made.uids == {("bob b", "view_asset"): "p2"}


@given(held=st.sets(st.sampled_from(SURVEY)), wanted=st.sets(st.sampled_from(SURVEY)))
def test_taking_never_drags_along_what_is_to_stay(held: set[str], wanted: set[str]):
    before = {more for one in held for more in (one, *IMPLIED[one])} - {"discover_asset"}  # type: ignore[index]
    plan = make_plan(state({"bob": sorted(before)}), {"bob": sorted(wanted)})  # type: ignore[dict-item]
    left = set(before)
    for removal in plan.removals:
        dragged = {one for one in left if removal.permission in IMPLIED[one]}  # type: ignore[index]
        assert not dragged
        left.remove(removal.permission)
    for grant in plan.grants:
        left |= {grant.permission, *IMPLIED[grant.permission]} - {"discover_asset"}
    assert left == set(plan.after["bob"])
