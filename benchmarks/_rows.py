"""Rows as a household survey produces them: 35 keys, two attachments, one repeat, about 2.5 KB.

`counted` ones tell how long the repeat is, as servers did once: pykobo relies on it.
`small` rows have the shape of a short form without repeats, about 0.5 KB. `real-household` and
`real-simple` are submissions that a server once sent, which the maintainers keep in `KOBO_SHARED`.
"""

from __future__ import annotations

import gzip
import os
import random
import uuid
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import orjson

Kind: TypeAlias = Literal["household", "counted", "small", "real-household", "real-simple"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SHARED = Path(os.environ.get("KOBO_SHARED", Path(__file__).parents[2] / "shared"))

DISTINCT = 1000
"""Bodies that differ; after that they come again under other ids."""
ASSET = "aBenchmark0household00"
MEDIA = f"https://kc.example.org/api/v2/assets/{ASSET}/data"
COUNTED = {"members_count": "3"}
WORDS = ("bicycle", "phone", "radio", "television", "fridge", "Владимир", "Aïssatou", "cassava")


def bodies(kind: Kind) -> list[bytes]:
    """Encode the distinct rows, each without its leading `{"_id":…`."""
    chance = random.Random(7)
    match kind:
        case "household":
            rows = [_household(chance, number) for number in range(DISTINCT)]
        case "counted":
            rows = [_household(chance, number) | COUNTED for number in range(DISTINCT)]
        case "small":
            rows = [_small(chance, number) for number in range(DISTINCT)]
        case _:
            rows = _real(kind)
    return [b"," + orjson.dumps(row)[1:] for row in rows]


def kept(kind: Kind) -> Path:
    """Return where the rows of a real project are kept."""
    return SHARED / "kpi" / "data" / kind.removeprefix("real-") / "submissions.jsonl.gz"


def _real(kind: Kind) -> list[dict[str, Any]]:
    lines = gzip.decompress(kept(kind).read_bytes()).splitlines()
    rows = [orjson.loads(line) for line in lines[:: len(lines) // DISTINCT][:DISTINCT]]
    for row in rows:
        del row["_id"]
    return rows


def probe(body: bytes) -> bytes:
    """Reduce an encoded row to what `fields=["_id"]` leaves of it."""
    row = orjson.loads(b"{" + body[1:])
    kept = {name: row[name] for name in ("_uuid", "meta/rootUuid")}
    return b"," + orjson.dumps({**kept, "_validation_status": {}})[1:]


def _household(chance: random.Random, number: int) -> dict[str, Any]:
    place = [round(chance.uniform(-5, 5), 6), round(chance.uniform(-5, 5), 6)]
    members = [_member(chance, number, index) for index in range(3)]
    return {
        "formhub/uuid": _hex(chance),
        "start": "2026-01-07T08:00:00.000+02:00",
        "end": "2026-01-07T08:06:30.000+02:00",
        "today": "2026-01-07",
        "username": f"collector{number % 40}",
        "deviceid": f"ee.example.org:{_hex(chance)[:16]}",
        "general/hh_name": f"{chance.choice(WORDS)} {number}",
        "general/region": chance.choice(("north", "east", "south", "west")),
        "general/assets_owned": " ".join(chance.sample(WORDS, 4)),
        "general/gps": f"{place[0]} {place[1]} 343.0 3.0",
        "general/visit/visit_date": "2026-01-07",
        "general/visit/visit_dt": "2026-01-07T06:15:00.000+01:00",
        "general/visit/visit_time": "06:15:00.000+01:00",
        "general/remarks": " ".join(chance.choices(WORDS, k=10)),
        "hh_size": str(len(members)),
        "income": f"{chance.uniform(100, 5000):.2f}",
        "members": members,
        "path": f"{place[0]} {place[1]} 0 0;{place[1]} {place[0]} 0 0",
        "photo": f"photo_{number}.jpg",
        "signature": f"signature_{number}.png",
        "satisfaction": str(chance.randint(1, 10)),
        "size_x2": str(2 * len(members)),
        "__version__": "vpkhoCjzeZyxd5rBWZ7bea",
        "meta/instanceName": f"{number}-west",
        **_metadata(chance, place),
        "_attachments": [_attachment(chance, number, name) for name in ("photo", "signature")],
    }


def _member(chance: random.Random, number: int, index: int) -> dict[str, str]:
    return {
        "members/member_name": f"m{index} of {number}",
        "members/member_age": str(chance.randint(0, 90)),
        "members/member_sex": chance.choice("mf"),
        "members/health/member_conditions": chance.choice(("none", "malaria flu")),
    }


def _attachment(chance: random.Random, number: int, name: str) -> dict[str, Any]:
    link = f"{MEDIA}/{number}/attachments/att{_hex(chance)[:18]}"
    return {
        "download_url": f"{link}/",
        "download_large_url": f"{link}/large/",
        "mimetype": "image/jpeg",
        "filename": f"owner/attachments/{_hex(chance)}/{name}_{number}.jpg",
        "media_file_basename": f"{name}_{number}.jpg",
        "uid": f"att{_hex(chance)[:18]}",
        "is_deleted": False,
        "question_xpath": name,
    }


def _small(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "formhub/uuid": _hex(chance),
        "name": f"name {number}",
        "n": str(chance.randint(0, 99)),
        "color": chance.choice(("red", "green", "blue")),
        "__version__": "v4QCR4VuUzDko8fuweW9hY",
        **_metadata(chance, [None, None]),
        "_attachments": [],
    }


def _metadata(chance: random.Random, place: list[Any]) -> dict[str, Any]:
    current = str(uuid.UUID(_hex(chance)))
    return {
        "meta/instanceID": f"uuid:{current}",
        "meta/rootUuid": f"uuid:{current}",
        "_xform_id_string": ASSET,
        "_uuid": current,
        "_status": "submitted_via_web",
        "_geolocation": place,
        "_submission_time": "2026-11-21T00:16:21",
        "_validation_status": {},
        "_submitted_by": "alice",
    }


def _hex(chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"
