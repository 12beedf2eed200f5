"""Rows as XML and as GeoJSON (observed §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from kobo_async.testing.form import FakeForm
from kobo_async.testing.generate import end_of_repeat

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'
_UNASKED: Final = frozenset({"begin_group", "end_group", "begin_score", "end_score"})
_GEO: Final = frozenset({"geopoint", "geotrace", "geoshape"})
_POINT_PARTS: Final = ("latitude", "longitude", "altitude", "precision")


def xml_value(content: Any) -> str:
    """Write any value as the server's XML renderer does."""
    if isinstance(content, dict):
        return "".join(f"<{name}>{xml_value(value)}</{name}>" for name, value in content.items())
    if isinstance(content, list):
        return "".join(f"<list-item>{xml_value(value)}</list-item>" for value in content)
    return escape(str(content))


def xml_error(content: Any) -> bytes:
    """Write an error body."""
    return f"{_DECLARATION}<root>{xml_value(content)}</root>".encode()


def xml_list(
    form: FakeForm,
    rows: Iterable[dict[str, Any]],
    count: int,
    following: str | None,
    previous: str | None,
) -> bytes:
    """Write a page of submissions; absent links are the word None."""
    submissions = "".join(xml_submission(form, row) for row in rows)
    links = f"<next>{escape(str(following))}</next><previous>{escape(str(previous))}</previous>"
    results = f"<results>{submissions}</results>"
    return f"{_DECLARATION}<root><count>{count}</count>{links}{results}</root>".encode()


def xml_detail(form: FakeForm, row: dict[str, Any]) -> bytes:
    """Write one submission."""
    return f"<?xml version='1.0' ?>{xml_submission(form, row)}".encode()


def xml_submission(form: FakeForm, row: dict[str, Any]) -> str:
    """Write a submission as a client would have sent it: without what the server adds."""
    tree: dict[str, Any] = {}
    if "formhub/uuid" in row:
        _plant(tree, "formhub/uuid", row["formhub/uuid"])
    survey = form.content.get("survey", [])
    _ask(tree, survey, 0, len(survey), "", row)
    for path, value in row.items():
        if _sent(path) and isinstance(value, str):
            _plant(tree, path, value, again=False)
    attributes = f" id={quoteattr(form.uid)} version={quoteattr(form.form_version)}"
    return f"<{form.uid}{attributes}>{_grown(tree)}</{form.uid}>"


def _sent(path: str) -> bool:
    return path != "meta/rootUuid" and (path == "__version__" or not path.startswith("_"))


def _ask(
    tree: dict[str, Any],
    survey: list[dict[str, Any]],
    index: int,
    stop: int,
    prefix: str,
    answers: dict[str, Any],
) -> None:
    """Put the answers to some questions into a tree; an unanswered question is empty."""
    while index < stop:
        question = survey[index]
        path = question.get("$xpath", "")
        index += 1
        if question["type"] == "begin_repeat":
            end = end_of_repeat(survey, index)
            items: list[dict[str, Any]] = [{} for _ in answers.get(path, ())]
            for item, inner in zip(items, answers.get(path, ()), strict=True):
                _ask(item, survey, index, end, f"{path}/", inner)
            _plant(tree, path.removeprefix(prefix), items)
            index = end + 1
        elif path and question["type"] not in _UNASKED:
            _plant(tree, path.removeprefix(prefix), answers.get(path, ""))


def _plant(tree: dict[str, Any], path: str, value: Any, *, again: bool = True) -> None:
    """Put a value at its place."""
    *groups, name = path.split("/")
    for group in groups:
        tree = tree.setdefault(group, {})
    if again or name not in tree:
        tree[name] = value


def _grown(tree: Any) -> str:
    if not isinstance(tree, dict):
        return escape(str(tree))
    return "".join(_element(name, value) for name, value in tree.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    inner = _grown(value)
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def geojson(form: FakeForm, rows: Iterable[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    """Return a FeatureCollection; rows without an answer to the geo question are dropped.

    `_index` counts the rows of the page, the dropped ones too.
    """
    questions = [one for one in form.content.get("survey", []) if "$xpath" in one]
    geo = next(
        (q for q in questions if q["type"] in _GEO and wanted in {None, q["$autoname"]}), None
    )
    features = [] if geo is None else list(_features(questions, geo, rows))
    return {"type": "FeatureCollection", "name": form.name, "features": features}


def _features(
    questions: list[dict[str, Any]], geo: dict[str, Any], rows: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for index, row in enumerate(rows, start=1):
        answer = row.get(geo["$xpath"])
        if answer:
            properties = _properties(questions, geo, row)
            yield {
                "type": "Feature",
                "geometry": geometry_of(geo["type"], answer),
                "properties": {**properties, "_index": index},
            }


def _properties(
    questions: list[dict[str, Any]], geo: dict[str, Any], row: dict[str, Any]
) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for question in questions:
        path = question["$xpath"]
        answer = row.get(path)
        if not isinstance(answer, str):
            continue
        if question["type"] not in _GEO:
            properties[path] = answer
        elif question is geo and question["type"] == "geopoint":
            group, _, name = path.rpartition("/")
            prefix = f"{group}/" if group else ""
            for part, value in zip(_POINT_PARTS, answer.split(), strict=False):
                properties[f"{prefix}_{name}_{part}"] = value
    return properties


def geometry_of(kind: str, answer: str) -> dict[str, Any]:
    """Return an answer as GeoJSON."""
    points = [_coordinates(point) for point in answer.split(";") if point.strip()]
    if kind == "geopoint":
        return {"type": "Point", "coordinates": points[0]}
    if kind == "geotrace":
        return {"type": "LineString", "coordinates": points}
    return {"type": "Polygon", "coordinates": [points]}


def _coordinates(point: str) -> list[float]:
    """Return longitude, latitude, altitude."""
    latitude, longitude, *rest = (float(part) for part in point.split())
    return [longitude, latitude, *rest[:1]]
