"""Small forms, written as a server stores them."""

from __future__ import annotations

from typing import Any


def content(choices: tuple[str, ...] = (), **questions: str) -> dict[str, Any]:
    """Return the content of a form with these questions, all with the same choices."""
    return {
        "survey": [
            {
                "type": type_,
                "name": name,
                "$autoname": name,
                "$xpath": name,
                "$kuid": f"k{name}",
                "select_from_list_name": "list",
            }
            for name, type_ in questions.items()
        ],
        "choices": [{"list_name": "list", "name": name, "$autovalue": name} for name in choices],
    }
