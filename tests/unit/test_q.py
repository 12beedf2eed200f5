"""The `q` language: expressions that cannot silently match nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async import q as language
from kobo_async.errors import QueryError
from kobo_async.q import FIELDS, Q, children_of, deployed, field, source, surveys, text

name = field("name")


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (name == "Household", "name:Household"),
        (name == "Household 2", 'name:"Household 2"'),
        (name == 'the "best" form', "name:'the \"best\" form'"),
        (name == "d'Ivoire", 'name:"d\'Ivoire"'),
        (name == "OR", 'name:"OR"'),
        (name == "", 'name:""'),
        (name == "a:b", 'name:"a:b"'),
        (name == "12", "name:12"),
        (name == "-12345678901234567890", "name:-12345678901234567890"),
        (name == "2026-11-01", "name:2026-11-01"),
        (name != "x", "(NOT name:x)"),
        (name.contains("water"), "name__icontains:water"),
        (name.startswith("W ("), 'name__istartswith:"W ("'),
        (field("parent") == None, "parent:null"),  # noqa: E711 - builds an expression
        (field("data_sharing__enabled") == True, "data_sharing__enabled:true"),  # noqa: E712
        (field("date_modified") >= date(2026, 11, 1), "date_modified__gte:2026-11-01"),
        (
            field("date_modified") < datetime(2026, 11, 1, tzinfo=UTC),
            'date_modified__lt:"2026-11-01T00:00:00+00:00"',
        ),
        (field("date_created") > "2026-01-01", "date_created__gt:2026-01-01"),
        (field("date_created") <= "2026-01-01", "date_created__lte:2026-01-01"),
        (field("summary__row_count") >= 5, "summary__row_count__gte:5"),
        (field("settings__country[]__value") == "FRA", "settings__country[]__value:FRA"),
        (surveys(), "asset_type:survey"),
        (deployed(), "_deployment_status:deployed"),
        (children_of("aBc"), "parent__uid:aBc"),
        (text("clean water"), '"clean water"'),
        (text("eau"), "eau"),
        (surveys() & deployed(), "(asset_type:survey AND _deployment_status:deployed)"),
        (
            surveys() & (name.contains("wash") | ~text("nutrition")),
            "(asset_type:survey AND (name__icontains:wash OR (NOT nutrition)))",
        ),
    ],
)
def test_expressions_are_written_in_the_language_of_the_server(expression: Q, written: str) -> None:
    assert source(expression) == str(expression) == written


@pytest.mark.parametrize(
    ("unknown", "hint"),
    [
        ("deployment_status", "use _deployment_status"),
        ("deployment__active", "use _deployment_status"),
        ("has_deployment", "use _deployment_status"),
        ("content", "does not search"),
        ("created_by", "does not search"),
        ("names", "does not search"),
        ("Name", "does not search"),
        ("", "does not search"),
    ],
)
def test_a_field_that_the_server_does_not_know_is_refused(unknown: str, hint: str) -> None:
    with pytest.raises(QueryError, match=hint):
        field(unknown)


@pytest.mark.parametrize("known", sorted(FIELDS))
def test_every_searched_field_may_be_named_with_lookups(known: str) -> None:
    assert field(known).name == known
    assert field(f"{known}__x__icontains").name == f"{known}__x__icontains"


@pytest.mark.parametrize("value", ["007", "1e5", "nan", "-inf", "1.0", "true", "False", "null"])
def test_text_that_the_server_would_take_for_something_else_is_refused(value: str) -> None:
    with pytest.raises(QueryError, match="even in quotes"):
        _ = name == value
    with pytest.raises(QueryError, match="even in quotes"):
        text(value.ljust(3))


def test_a_value_with_both_kinds_of_quotes_is_refused() -> None:
    with pytest.raises(QueryError, match="both kinds of quotes"):
        _ = name == '"it\'s"'


@pytest.mark.parametrize("words", ["", "ho", "  a  "])
def test_words_that_are_too_short_are_refused(words: str) -> None:
    with pytest.raises(QueryError, match="too short"):
        text(words)
    with pytest.raises(QueryError, match="too short"):
        source(words)


def test_python_words_cannot_take_the_place_of_operators() -> None:
    with pytest.raises(TypeError, match="combine"):
        _ = surveys() and deployed()
    with pytest.raises(TypeError, match="combine"):
        _ = not surveys()
    with pytest.raises(TypeError, match="combine"):
        _ = 1 < name < 2


def test_expressions_are_values_and_fields_are_not() -> None:
    assert surveys().source == surveys().source
    assert {surveys(), surveys()} == {surveys()}
    with pytest.raises(TypeError, match="unhashable"):
        hash(name)


@pytest.mark.parametrize(
    "written",
    [
        "asset_type:survey AND _deployment_status:deployed",
        'name__icontains:"a: (b" OR parent__uid:aX',
        "water",
        "name:d'Ivoire",
        "settings__country[]__value:FRA",
        "(name:a)",
        "uid:a AND NOT (name:'x y')",
    ],
)
def test_what_is_written_by_hand_is_sent_as_it_stands(written: str) -> None:
    assert source(written) == written


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("deployment_status:deployed", "use _deployment_status"),
        ("name:x AND has_deployment:true", "does not search"),
        ("foo__bar:1", "does not search"),
        ('name:"x', "quotes"),
        ("(name:x", "parenthes"),
        ("name:x)", "parenthes"),
        (")name:x(", "parenthes"),
        ("ab", "too short"),
    ],
)
def test_what_is_written_by_hand_is_looked_at(written: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        source(written)


@given(st.text())
def test_no_text_breaks_out_of_its_place(value: str) -> None:
    try:
        written = str(name == value)
    except QueryError:
        return
    literal = written.removeprefix("name:")
    if literal[:1] in {'"', "'"}:
        assert literal == f"{literal[0]}{value}{literal[0]}"
        assert literal[0] not in value
    else:
        assert literal == value
        assert not set(value) & set(" :()\"'\t\n")


def test_the_examples_of_the_module_work() -> None:
    assert language.__doc__ is not None
    examples: dict[str, Any] = {"field": field, "text": text, "deployed": deployed}
    lines = [line.strip() for line in language.__doc__.splitlines() if line.startswith("    ")]

    assert len(lines) == 2
    for line in lines:
        assert isinstance(eval(line, examples), Q)  # noqa: S307 - our own docstring
