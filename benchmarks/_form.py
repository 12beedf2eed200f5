"""The form that the rows of `_rows.py` answer, as the content of an asset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from _rows import WORDS

LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "region": ("north", "east", "south", "west"),
    "assets": WORDS,
    "sex": ("m", "f"),
    "conditions": ("none", "malaria", "flu"),
}
SURVEY: Final = """
start start
end end
today today
username username
deviceid deviceid
begin_group general
text hh_name
select_one region region
select_multiple assets_owned assets
geopoint gps
begin_group visit
date visit_date
datetime visit_dt
time visit_time
end_group
text remarks
end_group
integer hh_size
decimal income
begin_repeat members
text member_name
integer member_age
select_one member_sex sex
begin_group health
select_multiple member_conditions conditions
end_group
end_repeat
geotrace path
image photo
image signature
range satisfaction
calculate size_x2
"""


def _rows() -> Iterator[dict[str, Any]]:
    for line in SURVEY.split("\n"):
        type_, *named = line.split() or [""]
        if type_:
            names = ("name", "select_from_list_name")
            yield {"type": type_, **dict(zip(names, named, strict=False))}


CONTENT: Final[Mapping[str, Any]] = {
    "schema": "1",
    "survey": list(_rows()),
    "choices": [{"list_name": one, "name": name} for one, names in LISTS.items() for name in names],
    "settings": {},
    "translations": [None],
}
