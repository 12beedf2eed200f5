"""What an account uses, and what was done to a project."""

from __future__ import annotations

from typing import Any

from kobo_async.testing import FakeForm

from .running import Invoke, lines, rows
from .telling import Teller, page

SERVICE: dict[str, Any] = {
    "total_nlp_usage": {"asr_seconds_current_period": 2, "asr_seconds_all_time": 20},
    "total_storage_bytes": 1000,
    "total_submission_count": {"current_period": 5, "all_time": 50},
    "balances": {
        "submission": {
            "effective_limit": 100,
            "balance_value": 95,
            "balance_percent": 5,
            "exceeded": False,
        }
    },
}


def test_the_use_of_a_plan_is_shown(ask: Invoke, told: Teller):
    told.on("GET", "/api/v2/service_usage/", SERVICE)
    table = {row[0]: row[1:] for row in rows(ask("usage").stdout)}
    assert table["submissions"] == ["5", "50", "100", "95"]
    assert table["storage bytes"] == ["", "1000", "", ""]
    assert table["seconds transcribed"] == ["2", "20", "", ""]
    assert lines(ask("usage", "--json").stdout) == [SERVICE]


def test_the_use_of_each_project_is_shown(ask: Invoke, told: Teller):
    use = {"asset": "http://server/api/v2/assets/aOne/", "asset__name": "One", "storage_bytes": 7}
    told.on("GET", "/api/v2/asset_usage/", page(use))
    assert rows(ask("usage", "--projects").stdout) == [["aOne", "One", "0", "0", "7"]]


def test_submissions_count(invoke: Invoke, small: FakeForm):
    result = invoke("usage", "--projects", "--json")
    assert lines(result.stdout)[0]["submission_count_all_time"] == len(small.rows)


def test_history_is_shown_the_newest_first(invoke: Invoke, small: FakeForm):
    one, two, *_ = small.rows
    uuid = small.rows[two]["meta/rootUuid"].removeprefix("uuid:")
    small.delete(one, by="alice")
    small.delete(two, by="alice")
    result = invoke("history", small.uid, "--action", "delete-submission", "-n", "1")
    ((_, user, action, about),) = rows(result.stdout)
    assert (user, action, about) == ("alice", "delete-submission", uuid)
    assert len(rows(invoke("history", small.uid).stdout)) >= 2


def test_history_has_bounds(invoke: Invoke, small: FakeForm):
    small.delete(min(small.rows), by="alice")
    deletions = ("history", small.uid, "--action", "delete-submission", "--json")
    assert len(lines(invoke(*deletions, "--since", "2020-01-01").stdout)) == 1
    assert not lines(invoke(*deletions, "--since", "2999-01-01T00:00:00+02:00").stdout)
    assert not lines(invoke(*deletions, "--until", "2020-01-01").stdout)


def test_a_time_is_given_as_iso_8601(invoke: Invoke, small: FakeForm):
    result = invoke("history", small.uid, "--since", "yesterday")
    assert result.exit_code == 2
    assert "2026-11-21" in result.stderr
