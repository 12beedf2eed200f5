"""Names that are safe on every system, whatever they are made from."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kobo_async.attachments.catalog import Catalog
from kobo_async.attachments.names import FIELDS, Template, key, numbered, part, path, split

DEVICES = re.compile(r"CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\xb9\xb2\xb3]", re.IGNORECASE)
HOSTILE = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),
    st.lists(
        st.sampled_from(
            [
                *"/\\.: ",
                "..",
                "CON",
                "nul",
                "COM¹",
                "KOBO-A~1",
                "\u200c.kobo-attachments",
                "C:",
                "\x00",
                "\u202e",
                "é",
                "e\u0301",
                "x" * 300,
            ]
        ),
        max_size=12,
    ).map("".join),
)


def is_safe(name: str) -> bool:
    """Tell whether a name is one file below its folder on Linux, macOS and Windows."""
    parts = name.split("/")
    windows = PureWindowsPath(name)
    return (
        len(name.encode()) < 1024
        and not windows.drive
        and not windows.root
        and PurePosixPath(name).parts == tuple(parts)
        and windows.parts == tuple(parts)
        and all(_is_safe_part(one) for one in parts)
    )


def _is_safe_part(text: str) -> bool:
    seen = text.translate(dict.fromkeys(map(ord, "\u200c\u200d")))  # as HFS+ does
    return (
        0 < len(text.encode()) <= 255
        and seen[:1] not in {".", " ", ""}
        and not re.search("~[0-9]", text)
        and text[-1] not in ". "
        and not DEVICES.fullmatch(text.partition(".")[0].rstrip())
        and not set(text) & set('<>:"/\\|?*\x7f\u202e')
        and min(text) >= " "
    )


@given(HOSTILE)
@example("CON" + " " * 400 + "x")
@example("/" * 2000 + "x")
@example("a/" * 2000)
@example("é" * 400 + ".jpeg")
def test_a_name_never_leaves_its_folder(text: str):
    assert is_safe(path(text))
    assert "/" not in part(text)
    assert path(text) == path(text)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS - {"_id"})), HOSTILE), st.integers(1))
def test_neither_does_what_a_template_makes(texts: dict[str, str], submission: int):
    template = Template("{question_xpath}/{question}{root_uuid}/{uid}{stem}{name}-{_id}{ext}")
    name = template.fill({**dict.fromkeys(FIELDS - {"_id"}, ""), **texts}, submission)
    assert is_safe(name)


@given(st.lists(HOSTILE.map(path), max_size=20))
def test_no_two_files_are_one_on_any_system(bases: list[str]):
    catalog = Catalog()
    names = [catalog.claim(base) for base in bases]
    files = {key(name) for name in names}
    folders = {
        key(str(folder)) for name in names for folder in PurePosixPath(name).parents if folder.name
    }
    assert len(files) == len(names)
    assert not files & folders
    assert all(is_safe(name) for name in names)


def test_what_is_harmless_stays_as_it_is():
    for name in ("members[2]/photo/17.jpg", "صورة/می‌خواهم.png", "a b/écran (1).heic"):
        assert path(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "_"),
        ("..", "_"),
        (".htaccess", "_htaccess"),
        ("a\\..\\b", "a_.._b"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("lpt9 .txt", "_lpt9 .txt"),
        ("photo. . ", "photo"),
        ("e\u0301", "é"),
        ("x" * 300 + ".jpeg", "x" * 234 + ".jpeg"),
    ],
)
def test_what_is_not_is_replaced(text: str, name: str):
    assert part(text) == name


def test_a_number_stands_before_the_ending():
    assert numbered("photo/a.b/7.jpg", 2) == "photo/a.b/7-2.jpg"
    assert numbered("photo/audit", 3) == "photo/audit-3"
    assert split(".hidden") == (".hidden", "")


def test_a_folder_is_not_made_where_a_file_is_and_the_other_way_round():
    catalog = Catalog()
    assert [catalog.claim(one) for one in ("a", "A/b", "a-2", "_deleted/x")] == [
        "a",
        "A-2/b",
        "a-2-2",
        "_deleted-2/x",
    ]


def test_numbers_can_be_padded():
    assert Template("{_id:06d}{ext}").fill(dict.fromkeys(FIELDS - {"_id"}, ""), 17) == "000017"
