"""The tables of a project and their columns, as the command shows them."""

from __future__ import annotations

from kobo_async.testing import FakeForm

from .running import Invoke, lines, rows


def test_every_column_has_a_line(invoke: Invoke, small: FakeForm):
    result = invoke("schema", small.uid)
    assert result.exit_code == 0
    found = {(table, column): rest for table, column, *rest in rows(result.stdout)}
    assert found["Wells", "hh_size"][:3] == ["integer", "integer", "Household size"]
    assert found["Wells", "_id"][:2] == ["system", "integer"]
    assert found["members", "_parent_index"][:2] == ["key", "integer"]
    assert "north" in found["Wells", "household/region"][3]


def test_labels_are_those_of_a_language(invoke: Invoke, small: FakeForm):
    result = invoke("schema", small.uid, "--labels", "fr")
    assert "Taille du ménage" in result.stdout
    assert "Household size" not in result.stdout


def test_a_language_that_the_form_does_not_have_is_refused(invoke: Invoke, small: FakeForm):
    result = invoke("schema", small.uid, "--labels", "tlh")
    assert result.exit_code == 2
    assert "English" in result.stderr


def test_json_tells_all_of_each_table(invoke: Invoke, small: FakeForm):
    root, members = lines(invoke("schema", small.uid, "--json").stdout)
    columns = {column["name"]: column for column in root["columns"]}
    assert (root["table"], root["parent"], members["parent"]) == ("Wells", None, "Wells")
    assert members["path"] == "members"
    assert columns["hh_size"]["holds"] == "integer"
    assert ["north", "north"] in columns["household/region"]["choices"]


def test_the_deployed_version_alone_has_fewer_columns_or_as_many(invoke: Invoke, small: FakeForm):
    every, latest = (
        rows(invoke("schema", small.uid, option).stdout)
        for option in ("--all-versions", "--latest")
    )
    assert latest
    assert len(latest) <= len(every)


def test_labels_cannot_command_the_terminal(invoke: Invoke, small: FakeForm):
    (size,) = [row for row in small.content["survey"] if row.get("name") == "hh_size"]
    size["label"] = ["\x1b[2J", "\x1b[2J"]
    shown = invoke("schema", small.uid, "--latest").stdout
    assert "\\x1b[2J" in shown
    assert "\x1b" not in shown
