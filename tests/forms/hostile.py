"""Contents that no server would store, and some that nearly are."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
COLUMNS = (
    *("type", "name", "$autoname", "$xpath", "label", "label::fr", "parameters", "repeat_count"),
    *("select_from_list_name", "list_name", "_or_other", "kobo--matrix_list"),
)
TYPES = ("begin_repeat", "end_group", "begin_kobomatrix", "select_one yn or_other", "text", "range")
ROWS = st.dictionaries(st.sampled_from(COLUMNS), ANYTHING | st.sampled_from(TYPES))
HOSTILE = ANYTHING | st.fixed_dictionaries(
    {},
    optional={
        "survey": ANYTHING | st.lists(ANYTHING | ROWS, max_size=6),
        "choices": ANYTHING | st.lists(ANYTHING | ROWS, max_size=3),
        "settings": ANYTHING,
        "translations": ANYTHING,
    },
)
