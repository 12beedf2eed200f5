"""Which tables a form has, how their columns are called, how they join, what is kept aside."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Batch, Layout, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.rows import rows_of
from kobo_async.forms.schema import Form
from kobo_async.forms.tabulate import EXAMPLES, Tabulator

SURVEY = """
begin_group g
text name
geopoint place
image photo
begin_repeat kids
text kid
begin_group more
image face
begin_repeat toys
image toy
end_repeat
end_group
end_repeat
end_group
integer size
"""
LABELS = {"g": "Group", "name": "Name", "place": "Place", "kids": "Children", "kid": "Child"}
BARE = TableOptions(system=())
ROWS = [
    {
        "_id": 7,
        "g/name": "Ana",
        "g/kids": [
            {"g/kids/kid": "a", "g/kids/more/toys": [{}, {"g/kids/more/toys/toy": "x.jpg"}]},
            {"g/kids/kid": "b", "g/kids/more/toys": [{"g/kids/more/toys/toy": "y.jpg"}]},
        ],
    },
    {"_id": 9, "size": "0"},
    {"_id": 8, "g/kids": [{"g/kids/kid": "c"}]},
]


def form(survey: str = SURVEY, name: str = "Families") -> Form:
    rows = []
    for type_, *names in (line.split() for line in survey.strip().split("\n")):
        label = [LABELS[name] for name in names if name in LABELS]
        rows.append(
            {"type": type_, **({"name": names[0]} if names else {})}
            | ({"label": label} if label else {})
        )
    return read_form({"survey": rows, "translations": ["English (en)"]}, name)


def tables(
    rows: Sequence[Mapping[str, Any]], options: TableOptions = BARE, of: Form | None = None
) -> tuple[list[dict[str, list[Any]]], Tabulator]:
    """Tabulate rows in one page: the columns of each table by name."""
    tabulator = Tabulator(lay_out(of or form(), options))
    return [by_name(batch) for batch in tabulator.add(rows)], tabulator


def by_name(batch: Batch) -> dict[str, list[Any]]:
    names = (column.name for column in batch.table.columns)
    return dict(zip(names, batch.cells, strict=True))


def names_of(layout: Layout) -> list[list[str]]:
    return [[column.name for column in table.columns] for table in layout.tables]


def test_a_repeat_is_a_table_that_knows_the_one_around_it():
    layout = lay_out(form(), BARE)
    assert [(table.name, table.path, table.parent) for table in layout.tables] == [
        ("Families", "", None),
        ("kids", "g/kids", "Families"),
        ("toys", "g/kids/more/toys", "kids"),
    ]


def test_keys_join_through_all_tables_and_pages():
    tabulator = Tabulator(lay_out(form(), BARE))
    first, second = tabulator.add(ROWS[:1]), tabulator.add(ROWS[1:])
    root, kids, toys = ([by_name(one) for one in pair] for pair in zip(first, second, strict=True))
    assert [page["_index"] for page in root] == [[1], [2, 3]]
    assert [page["_index"] for page in kids] == [[1, 2], [3]]
    assert [page["_parent_index"] for page in kids] == [[1, 1], [3]]
    assert [page["_submission__id"] for page in kids] == [[7, 7], [8]]
    assert toys[0]["_parent_index"] == [1, 1, 2]
    assert toys[0]["_parent_table_name"] == ["kids"] * 3
    assert toys[0]["g/kids/more/toys/toy"] == [None, "x.jpg", "y.jpg"]


def test_numbers_within_the_submission_stay_whatever_else_is_there():
    options = TableOptions(system=["_id"], numbering="submission")
    (root, kids, toys), _ = tables(ROWS, options)
    assert "_index" not in root
    assert kids["_index"] == [1, 2, 1]
    assert kids["_parent_index"] == [None] * 3
    assert (toys["_index"], toys["_parent_index"]) == ([1, 2, 3], [1, 1, 2])
    (_, alone, _), _ = tables(ROWS[2:], options)
    assert alone["_index"] == kids["_index"][2:]


def test_repeats_carry_their_submission_when_asked():
    options = TableOptions(system=["_id", "_status"], repeat_system=True)
    rows = [{**row, "_status": f"s{row['_id']}"} for row in ROWS]
    (_, kids, toys), _ = tables(rows, options)
    assert list(kids)[-3:] == ["_submission__id", "_submission__status", "_extra"]
    assert kids["_submission__status"] == ["s7", "s7", "s8"]
    assert toys["_submission__status"] == ["s7"] * 3


@pytest.mark.parametrize(
    ("options", "first"),
    [
        (BARE, ["g/name", "g/place", "g/_place_latitude"]),
        (attrs.evolve(BARE, group_sep="."), ["g.name", "g.place", "g._place_latitude"]),
        (attrs.evolve(BARE, headers="name"), ["name", "place", "_place_latitude"]),
        (
            attrs.evolve(BARE, headers="label"),
            ["Group/Name", "Place", "Group/_Place_latitude"],
        ),
        (
            attrs.evolve(BARE, headers="label", group_sep=" - ", labels="en"),
            ["Group - Name", "Place", "Group - _Place_latitude"],
        ),
    ],
)
def test_headers_are_paths_names_or_labels(options: TableOptions, first: list[str]):
    assert names_of(lay_out(form(), options))[0][:3] == first


def test_columns_and_tables_that_would_be_called_alike_are_numbered():
    survey = """
text a
text A
text _id
text _extra
begin_group g
text a
begin_repeat A
text _index
end_repeat
begin_repeat Form
text b
end_repeat
end_group
"""
    options = TableOptions(system=["_id"], headers="name")
    layout = lay_out(form(survey, "Form"), options)
    assert names_of(layout) == [
        ["a", "A_2", "_id_2", "_extra_2", "a_3", "_id", "_index", "_extra"],
        ["_index_2", *names_of(layout)[1][1:]],
        ["b", *names_of(layout)[1][1:]],
    ]
    assert [table.name for table in layout.tables] == ["Form", "A", "Form_2"]
    assert [column.path for column in layout.tables[0].columns[:3]] == ["a", "A", "_id"]


def test_an_unknown_language_is_refused():
    with pytest.raises(ConfigError, match="language 'xx'"):
        lay_out(form(), TableOptions(labels="xx"))


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["g/name"], [["g/name", "_index", "_extra"]]),
        (["size", "g/kids/kid"], [["size", "_index", "_extra"], ["g/kids/kid"]]),
        (["g/kids/more"], [["_index", "_extra"], [], ["g/kids/more/toys/toy"]]),
        (["g/kids"], [["_index", "_extra"], ["g/kids/kid"], ["g/kids/more/toys/toy"]]),
    ],
)
def test_only_what_is_wanted_is_there(only: list[str], expected: list[list[str]]):
    found = names_of(lay_out(form(), TableOptions(system=(), only=only)))
    assert [names[: len(some)] for names, some in zip(found, expected, strict=False)] == expected


def test_what_is_not_wanted_is_not_extra_either():
    options = TableOptions(system=(), only=["size"])
    (root,), tabulator = tables([{**ROWS[0], "_status": "x", "g/photo": "p"}], options)
    assert root == {"size": [None], "_index": [1], "_extra": [None]}
    assert tabulator.bad.count == 0


def test_only_names_what_the_form_has():
    with pytest.raises(ConfigError, match="no question 'nope'"):
        lay_out(form(), TableOptions(only=["nope"]))


def test_keys_that_no_version_knows_are_extra():
    rows = [{"_id": 1, "new": "x", "g/kids": [{"g/kids/new": ["y"], "_id": 3}]}, {"_id": 2}]
    (root, kids, _), tabulator = tables(rows)
    assert root["_extra"] == ['{"new":"x"}', None]
    assert json.loads(kids["_extra"][0]) == {"g/kids/new": ["y"], "_id": 3}
    assert tabulator.bad.count == 0


@pytest.mark.parametrize(
    ("answer", "kids", "reported"),
    [
        ("text", [], 1),
        (3, [], 1),
        ({"g/kids/kid": "a"}, [], 1),
        (["a", {"g/kids/kid": "b"}, None], ["b"], 1),
        ([], [], 0),
        ([{}], [None], 0),
    ],
)
def test_a_repeat_that_is_no_list_of_rows_is_kept_as_it_is(
    answer: Any, kids: list[str | None], reported: int
):
    row = {"_id": 1, "_submitted_by": None, "g/kids": answer}
    (root, found, _), tabulator = tables([row])
    assert found["g/kids/kid"] == kids
    assert root["_extra"] == [
        None if answer == [{}] else json.dumps({"g/kids": answer}, separators=(",", ":"))
    ]
    assert [bad.reason for bad in tabulator.bad.examples] == ["not a list of rows"] * reported
    exact = TableOptions(values="text", system="all")
    tabulator = Tabulator(lay_out(form(), exact))
    assert rows_of(tabulator.add([row]), tabulator.layout) == [row]


def test_numbers_that_json_of_others_cannot_hold_are_kept():
    (root, _, _), _ = tables([{"_id": 2**70, "size": 2**70}], TableOptions(system=["_id"]))
    assert (root["_id"], root["size"]) == ([None], [None])
    assert json.loads(root["_extra"][0]) == {"_id": 2**70, "size": 2**70}


def test_bad_cells_are_counted_all_and_shown_in_part():
    _, tabulator = tables([{"_id": n, "size": "?"} for n in range(EXAMPLES + 5)])
    assert tabulator.bad.count == EXAMPLES + 5
    assert len(tabulator.bad.examples) == EXAMPLES
    assert tabulator.bad.examples[0].submission == 0


def test_the_validation_status_is_its_uid_or_with_labels_its_label():
    status = {
        "timestamp": 1,
        "uid": "validation_status_approved",
        "by_whom": "a",
        "label": "Approved",
    }
    rows = [
        {"_validation_status": status},
        {"_validation_status": {}},
        {},
        {"_validation_status": "?"},
    ]
    (root, *_), tabulator = tables(rows, TableOptions(system=["_validation_status"]))
    assert root["_validation_status"] == ["validation_status_approved", None, None, None]
    assert root["_extra"] == [None, None, None, '{"_validation_status":"?"}']
    assert tabulator.bad.count == 1
    (root, *_), _ = tables(rows, TableOptions(system=["_validation_status"], labels="en"))
    assert root["_validation_status"][0] == "Approved"


def test_all_that_the_server_sends_is_there_when_asked():
    row = {
        "_id": 1,
        "_validation_status": {"uid": "x", "label": "X"},
        "_geolocation": [None, None],
        "_attachments": [],
        "meta/instanceName": "n",
        "_supplementalDetails": {"a": 1},
    }
    (root, *_), _ = tables([row], TableOptions(system="all"))
    assert root["_validation_status_details"] == ['{"uid":"x","label":"X"}']
    assert root["_geolocation"] == ["[null,null]"]
    assert root["_attachments"] == ["[]"]
    assert root["meta/instanceName"] == ["n"]
    assert root["_supplementalDetails"] == ['{"a":1}']
    assert root["_extra"] == [None]


def entry(
    xpath: str | None, name: str, *, deleted: bool | None = False, **more: Any
) -> dict[str, Any]:
    given = {"question_xpath": xpath, "media_file_basename": name, "is_deleted": deleted}
    return {
        "download_url": f"https://x/{name}",
        **{k: v for k, v in given.items() if v is not None},
        **more,
    }


def test_files_have_their_address_and_say_whether_they_were_deleted():
    rows = [
        {"_id": 1, "g/photo": "a.jpg", "_attachments": [entry("g/photo", "a.jpg")]},
        {"_id": 2, "g/photo": "a.jpg", "_attachments": [entry("g/photo", "a.jpg", deleted=True)]},
        {"_id": 3, "g/photo": "lost.jpg", "_attachments": [entry("g/photo", "a.jpg")]},
        {"_id": 4, "g/photo": "a.jpg", "_attachments": [entry("g/other", "a.jpg")]},
        {"_id": 5, "g/photo": "a.jpg", "_attachments": [entry("", "a.jpg")]},
        {"_id": 6, "g/photo": "a.jpg", "_attachments": "?"},
        {"_id": 7, "g/photo": ["a.jpg"], "_attachments": [entry("g/photo", "a.jpg"), 3]},
        {"_id": 8, "_attachments": [entry("g/photo", "a.jpg")]},
        {"_id": 9, "g/photo": "a.jpg"},
    ]
    (root, *_), _ = tables(rows, attrs.evolve(BARE, media=True))
    there = [0, 1, 4]
    assert root["g/photo_URL"] == ["https://x/a.jpg" if n in there else None for n in range(9)]
    assert root["g/photo_deleted"] == [{0: False, 1: True, 4: False}.get(n) for n in range(9)]


def test_files_of_rows_that_are_old_are_found_by_their_file_name():
    old = {"filename": "owner/attachments/a.jpg", "download_url": "u", "question_xpath": "g/photo"}
    rows = [{"g/photo": "a.jpg", "_attachments": [old]}]
    (root, *_), _ = tables(rows, attrs.evolve(BARE, media=True, values="text"))
    assert (root["g/photo_URL"], root["g/photo_deleted"]) == (["u"], ["0"])


def test_files_in_repeats_are_those_of_their_row():
    same = "same.jpg"
    row = {
        "g/kids": [
            {"g/kids/more/face": same, "g/kids/more/toys": [{"g/kids/more/toys/toy": same}]},
            {
                "g/kids/more/face": same,
                "g/kids/more/toys": [
                    {"g/kids/more/toys/toy": same},
                    {"g/kids/more/toys/toy": same},
                ],
            },
        ],
        "_attachments": [
            entry("g/kids[2]/more/face", same, download_url="face 2"),
            entry("g/kids[1]/more/face", same, download_url="face 1"),
            entry("g/kids[2]/more/toys[2]/toy", same, download_url="toy 2 2"),
            entry("g/kids/more/toys/toy", same, download_url="some toy"),
        ],
    }
    (_, kids, toys), _ = tables([{}, row], attrs.evolve(BARE, media=True))
    assert kids["g/kids/more/face_URL"] == ["face 1", "face 2"]
    assert toys["g/kids/more/toys/toy_URL"] == ["some toy", "some toy", "toy 2 2"]


@pytest.mark.parametrize("count", [0, 3])
def test_a_page_may_hold_no_rows_or_only_empty_ones(count: int):
    found, _ = tables([{}] * count, TableOptions(system="all", media=True))
    assert [len(table["_extra"]) for table in found] == [count, 0, 0]


def test_the_collector_of_garbage_is_left_as_it_was():
    assert gc.isenabled()
    tables(ROWS)
    assert gc.isenabled()
    gc.disable()
    try:
        tables(ROWS)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_batch_iterates_over_its_rows():
    tabulator = Tabulator(lay_out(form("text a"), BARE))
    (batch,) = tabulator.add([{"a": "x"}, {"a": "y"}])
    assert list(batch.rows()) == [("x", 1, None), ("y", 2, None)]
    assert len(batch) == 2


def test_the_reference_names_every_option_with_its_default():
    page = Path(__file__).parents[2] / "docs" / "reference" / "tables.md"
    options = page.read_text("utf-8").partition("\n## Options\n")[2].partition("\n## ")[0]
    described = dict(
        re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|as exported) \|", options, re.MULTILINE)
    )
    defaults = {field.name: repr(field.default) for field in attrs.fields(TableOptions)}
    assert described == {**defaults, "system": ""}
