"""A realistic form: the content that `FakeKobo.add_form` gives its forms."""

from __future__ import annotations

import random
from typing import Any

from kobo_async.testing.identity import ALPHABET

_LANGUAGES = ["English (en)", "Français (fr)"]

_SURVEY: list[tuple[str, str, list[str] | None, str | None]] = [
    ("start", "start", None, None),
    ("end", "end", None, None),
    ("today", "today", None, None),
    ("begin_group", "household", ["Household", "Ménage"], None),
    ("text", "head_name", ["Name of the head", "Nom du chef"], None),
    ("select_one", "region", ["Region", "Région"], "region"),
    ("select_multiple", "assets_owned", ["Assets owned", "Biens possédés"], "assets"),
    ("geopoint", "gps", ["Location", "Position"], None),
    ("end_group", "", None, None),
    ("date", "visit_date", ["Date of the visit", "Date de la visite"], None),
    ("datetime", "visit_time", ["Date and time", "Date et heure"], None),
    ("integer", "hh_size", ["Household size", "Taille du ménage"], None),
    ("decimal", "income", ["Monthly income", "Revenu mensuel"], None),
    ("begin_repeat", "members", ["Members", "Membres"], None),
    ("text", "member_name", ["Name", "Nom"], None),
    ("integer", "member_age", ["Age", "Âge"], None),
    ("select_one", "member_sex", ["Sex", "Sexe"], "sex"),
    ("end_repeat", "", None, None),
    ("image", "photo", ["Photo of the house", "Photo de la maison"], None),
    ("text", "comment", ["Comment", "Commentaire"], None),
]

_CHOICES = {
    "region": {"north": ["North", "Nord"], "south": ["South", "Sud"], "east": ["East", "Est"]},
    "assets": {
        "radio": ["Radio", "Radio"],
        "phone": ["Phone", "Téléphone"],
        "bicycle": ["Bicycle", "Vélo"],
        "tv": ["Television", "Télévision"],
    },
    "sex": {"f": ["Female", "Féminin"], "m": ["Male", "Masculin"]},
}


def make_content(chance: random.Random) -> dict[str, Any]:
    """Return the `content` of the built-in form, with its own `$kuid`s."""
    return {
        "schema": "1",
        "survey": _survey(chance),
        "choices": [
            {
                "name": name,
                "$kuid": make_kuid(chance),
                "label": list(label),
                "list_name": list_name,
                "$autovalue": name,
            }
            for list_name, choices in _CHOICES.items()
            for name, label in choices.items()
        ],
        "settings": {"default_language": _LANGUAGES[0]},
        "translated": ["label"],
        "translations": list(_LANGUAGES),
    }


def _survey(chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    path: list[str] = []
    for kind, name, label, list_name in _SURVEY:
        if kind.startswith("end_"):
            path.pop()
            rows.append({"type": kind, "$kuid": make_kuid(chance)})
            continue
        row: dict[str, Any] = {"name": name, "type": kind, "$kuid": make_kuid(chance)}
        row["$xpath"] = "/".join([*path, name])
        row["$autoname"] = name
        if label:
            row["label"] = list(label)
        if list_name:
            row["select_from_list_name"] = list_name
        rows.append(row)
        if kind.startswith("begin_"):
            path.append(name)
    return rows


def make_kuid(chance: random.Random) -> str:
    """Return the stable id of a survey row or a choice."""
    return "".join(chance.choices(ALPHABET, k=9))
