"""Rows from a seed: answers for any form content, made when they are asked for.

A form has `TEMPLATES` different rows. A row is its template with its own `_id`, uuid, attachment
uid and submission time filled in, so a form of any size costs no memory and a row some
microseconds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import orjson

from kobo_async.testing.attachments import entry_of
from kobo_async.testing.identity import UuidSequence
from kobo_async.testing.paths import BASE

TEMPLATES: Final = 64
EPOCH: Final = datetime(2024, 1, 1, 8, tzinfo=UTC)
_STEP: Final = timedelta(seconds=40)
_ID: Final = 987654321987654321
_UUID: Final = "@uuid@"
_ATTACHMENT: Final = "@att@"
_TIME: Final = "@time@"
_WORDS: Final = [
    "José",
    "Ngozi",
    "Владимир",
    "李雷",
    "Amina",
    "Björn",
    "Zoë",
    "Kofi",
    "Fatima",
    "O'Brien",
]
_LOREM: Final = (
    "The road to the market was flooded, the interview took place at the neighbour's house; "
    "la pluie a duré trois jours. "
)
_MEDIA: Final = {"image": "image/png", "audio": "audio/mpeg", "video": "video/mp4"}
_EXTENSIONS: Final = {"image": "png", "audio": "mp3", "video": "mp4"}


@attrs.frozen
class _Template:
    """A row as JSON in pieces, with the places where something of its own goes."""

    parts: tuple[bytes, ...]
    holes: tuple[tuple[int, object], ...]

    @classmethod
    def cut(cls, text: bytes) -> _Template:
        """Cut a row at the marks."""
        marks = {str(mark).encode(): mark for mark in (_ID, _UUID, _ATTACHMENT, _TIME)}
        parts = re.split(b"(" + b"|".join(map(re.escape, marks)) + b")", text)
        holes = ((place, marks[part]) for place, part in enumerate(parts) if part in marks)
        return cls(tuple(parts), tuple(holes))


class Generator:
    """Makes the rows of one form."""

    def __init__(
        self,
        content: dict[str, Any],
        facts: dict[str, str],
        uuids: UuidSequence,
        seed: str,
        row_bytes: int | None = None,
    ) -> None:
        self._content = content
        self._facts = facts
        self._uuids = uuids
        self._seed = seed
        self._row_bytes = row_bytes
        self._templates: dict[int, _Template] = {}
        self.first_id = 1

    def encoded(self, number: int, /) -> bytes:
        """Return the row of an id as JSON."""
        return self.made(number, self.submitted_at(number))

    def made(self, number: int, submitted: datetime) -> bytes:
        """Return the row of an id, submitted at a given moment."""
        kind = number % TEMPLATES
        template = self._templates.get(kind)
        if template is None:
            template = self._templates[kind] = self._template(kind)
        uuid = self._uuids.text(number)
        values = {
            _ID: b"%d" % number,
            _UUID: uuid.encode(),
            _ATTACHMENT: f"att{uuid.replace('-', '')[:21]}".encode(),
            _TIME: submitted.isoformat()[:19].encode(),
        }
        parts = list(template.parts)
        for place, mark in template.holes:
            parts[place] = values[mark]
        return b"".join(parts)

    def submitted_at(self, number: int) -> datetime:
        """Return the submission time of a row that came with the form."""
        return EPOCH + _STEP * (number - self.first_id)

    def owner_of(self, uuid: str, /) -> int | None:
        """Return the id whose row was made with this uuid."""
        return self._uuids.number(uuid)

    def _template(self, kind: int) -> _Template:
        chance = random.Random(f"{self._seed}/{kind}")  # noqa: S311 - test data
        answers, media = Answers(self._content, chance).all()
        row = self._row(answers, media)
        if self._row_bytes is not None:
            _resize(row, answers, self._row_bytes)
        return _Template.cut(orjson.dumps(row))

    def _row(self, answers: dict[str, Any], media: dict[str, str]) -> dict[str, Any]:
        facts = self._facts
        return {
            "_id": _ID,
            "formhub/uuid": facts["form_uuid"],
            **answers,
            "__version__": facts["version"],
            "meta/instanceID": f"uuid:{_UUID}",
            "_xform_id_string": facts["uid"],
            "_uuid": _UUID,
            "meta/rootUuid": f"uuid:{_UUID}",
            "_attachments": [
                self._attachment(path, answers[path], kind) for path, kind in media.items()
            ],
            "_status": "submitted_via_web",
            "_geolocation": geolocation(self._content, answers),
            "_submission_time": _TIME,
            "_validation_status": {},
            "_submitted_by": facts["owner"],
        }

    def _attachment(self, path: str, name: str, kind: str) -> dict[str, Any]:
        facts = self._facts
        url = f"{BASE}/api/v2/assets/{facts['uid']}/data/{_ID}/attachments/{_ATTACHMENT}/"
        folder = f"{facts['owner']}/attachments/{facts['form_uuid']}/{_UUID}"
        return entry_of(url, _ATTACHMENT, f"{folder}/{name}", _MEDIA[kind], path)


class Answers:
    """Walks the content of a form and answers its questions."""

    def __init__(self, content: dict[str, Any], chance: random.Random) -> None:
        self._chance = chance
        self._rows = content.get("survey", [])
        self._choices: dict[str, list[str]] = {}
        for choice in content.get("choices", []):
            self._choices.setdefault(choice["list_name"], []).append(choice["name"])
        self._media: dict[str, str] = {}
        self._moment = EPOCH - timedelta(minutes=chance.randrange(500_000))

    def all(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the answers, and the type of media of those that name a file."""
        answers: dict[str, Any] = {}
        self._fill(answers, 0, len(self._rows), in_repeat=False)
        return answers, self._media

    def _fill(self, answers: dict[str, Any], index: int, stop: int, *, in_repeat: bool) -> None:
        while index < stop:
            row = self._rows[index]
            index += 1
            if row["type"] == "begin_repeat":
                end = end_of_repeat(self._rows, index)
                self._repeat(answers, row["$xpath"], index, end)
                index = end + 1
            elif "$xpath" in row:
                value = self._answer(row, in_repeat=in_repeat)
                if value:
                    answers[row["$xpath"]] = value

    def _repeat(self, answers: dict[str, Any], path: str, start: int, end: int) -> None:
        items = []
        for _ in range(self._chance.randrange(4)):
            item: dict[str, Any] = {}
            self._fill(item, start, end, in_repeat=True)
            items.append(item)
        if items:
            answers[path] = items

    def _answer(self, row: dict[str, Any], *, in_repeat: bool) -> str:
        """Return the text of an answer; '' = unanswered, which leaves no key in the row."""
        kind = row["type"]
        if kind in _MEDIA:
            return "" if in_repeat else self._file(row, kind)
        if kind in {"select_one", "select_multiple"}:
            return self._select(row, kind)
        make = _MAKERS.get(kind)
        return make(self._chance, self._moment) if make else ""

    def _file(self, row: dict[str, Any], kind: str) -> str:
        if self._media or self._chance.random() > 0.2:
            return ""
        self._media[row["$xpath"]] = kind
        return f"{row['name']}_{_ID}.{_EXTENSIONS[kind]}"

    def _select(self, row: dict[str, Any], kind: str) -> str:
        names = self._choices.get(row.get("select_from_list_name", ""), [])
        if not names:
            return ""
        if kind == "select_one":
            return self._chance.choice(names)
        return " ".join(self._chance.sample(names, self._chance.randint(0, len(names))))


def end_of_repeat(survey: list[dict[str, Any]], index: int) -> int:
    """Return the place of the row that ends the repeat which begins before `index`."""
    depth = 1
    while depth:
        kind = survey[index]["type"]
        depth += (kind == "begin_repeat") - (kind == "end_repeat")
        index += 1
    return index - 1


def geolocation(content: dict[str, Any], answers: dict[str, Any]) -> list[float | None]:
    """Return `[lat, lon]` of the first geopoint of the form, or two nulls."""
    for row in content.get("survey", []):
        if row["type"] == "geopoint":
            point = answers.get(row["$xpath"])
            if isinstance(point, str) and point:
                return [float(part) for part in point.split()[:2]]
            break
    return [None, None]


def _resize(row: dict[str, Any], answers: dict[str, Any], target: int) -> None:
    """Bring a row near a size: drop its last answers, or write more into its last text."""
    for path in reversed(list(answers)):
        if len(orjson.dumps(row)) <= target:
            break
        del row[path]
        row["_attachments"] = [a for a in row["_attachments"] if a["question_xpath"] != path]
    missing = target - len(orjson.dumps(row)) - len('"comment":"",')
    texts = [path for path, value in answers.items() if isinstance(value, str)]
    path = "comment" if "comment" in answers or not texts else texts[-1]
    if missing > 0:
        row[path] = (
            (_LOREM * (missing // len(_LOREM) + 1)).encode()[:missing].decode(errors="ignore")
        )


def _point(chance: random.Random) -> str:
    return f"{chance.uniform(-12, 12):.6f} {chance.uniform(10, 35):.6f} {chance.randrange(900)}.0 5"


def _line(chance: random.Random) -> str:
    return ";".join(_point(chance) for _ in range(3))


def _shape(chance: random.Random) -> str:
    line = _line(chance)
    return f"{line};{line.split(';')[0]}"


_MAKERS: Final[dict[str, Callable[[random.Random, datetime], str]]] = {
    "start": lambda _, moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000+02:00",
    "end": lambda _, moment: f"{moment + timedelta(minutes=9):%Y-%m-%dT%H:%M:%S}.000+02:00",
    "today": lambda _, moment: f"{moment:%Y-%m-%d}",
    "username": lambda chance, _: f"collector{chance.randrange(20)}",
    "deviceid": lambda chance, _: f"ee.example:{chance.randrange(20)}",
    "text": lambda chance, _: f"{chance.choice(_WORDS)} {_ID}",
    "integer": lambda chance, _: str(chance.randrange(1, 100)),
    "decimal": lambda chance, _: f"{chance.uniform(0, 5000):.2f}",
    "range": lambda chance, _: str(chance.randrange(11)),
    "date": lambda _, moment: f"{moment:%Y-%m-%d}",
    "time": lambda _, moment: f"{moment:%H:%M:%S}.000+01:00",
    "datetime": lambda _, moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000+01:00",
    "geopoint": lambda chance, _: _point(chance) if chance.random() < 0.8 else "",
    "geotrace": lambda chance, _: _line(chance),
    "geoshape": lambda chance, _: _shape(chance),
    "acknowledge": lambda chance, _: chance.choice(["OK", ""]),
    "barcode": lambda chance, _: str(chance.randrange(10**12)),
}
