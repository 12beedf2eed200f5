"""The data list and one submission (observed §4, §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from kobo_async.testing.access import SAFE, signed_in
from kobo_async.testing.analysis import flattened
from kobo_async.testing.bson import QueryError, sort_key
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    JSON,
    NOT_FOUND,
    XML,
    CrashError,
    RefusedError,
    Reply,
)
from kobo_async.testing.mongo import read_field, safe
from kobo_async.testing.negotiation import AS_GEOJSON, AS_XML, DATA_LIST
from kobo_async.testing.paging import links
from kobo_async.testing.params import DataParams, read_params
from kobo_async.testing.permissions import VIEW_ROWS
from kobo_async.testing.render import geojson, xml_detail, xml_list
from kobo_async.testing.store import Row, Selection
from kobo_async.testing.views import Asked, View

_ALWAYS: Final = ("_uuid", "meta/rootUuid", "_id")


def check_rows(asked: Asked) -> None:
    """Hide the data from those without `view_submissions`; some forms have no data at all."""
    form = asked.form
    if form is None or form.row_filters(asked.info.user, superuser=asked.superuser) is None:
        raise RefusedError(404, NOT_FOUND)
    if asked.info.method not in SAFE:
        signed_in(asked)


def check_deployed(form: FakeForm) -> None:
    """Refuse forms that have no data because they were never deployed."""
    if not form.deployed:
        raise RefusedError(400, {"detail": "The specified asset has not been deployed"})


def _list(asked: Asked) -> Reply:
    form = asked.existing
    check_deployed(form)
    params = _params(asked)
    count = select(asked, params.query).count
    if asked.fake.between_count_and_find is not None:
        asked.fake.between_count_and_find()
    ids = _page(form, select(asked, params.query), params)
    body, content_type = _written(asked, params, ids, count)
    form.log("view-data", asked.info.user)
    return Reply(200, body, content_type, seconds=asked.fake.skip_cost * params.start)


def _params(asked: Asked) -> DataParams:
    """Read the parameters; `Accept: application/xml` without `?format=xml` crashes."""
    is_xml = asked.renderer is AS_XML
    if is_xml and _format(asked) != "xml":
        raise CrashError
    fake = asked.fake
    return read_params(asked.info.query, fake.default_page, fake.max_page, is_xml=is_xml)


def _format(asked: Asked) -> str | None:
    return asked.suffix or asked.info.query.get("format")


def select(asked: Asked, query: Mapping[str, Any], permission: str = VIEW_ROWS) -> Selection:
    """Return the rows that match and that the user may treat so; `_userform_id` is overwritten."""
    form = asked.existing
    conditions = {name: value for name, value in query.items() if name != "_userform_id"}
    filters = form.row_filters(asked.info.user, superuser=asked.superuser, permission=permission)
    if filters:
        wanted = filters[0] if len(filters) == 1 else {"$or": filters}
        conditions = {"$and": [conditions, wanted]}
    try:
        return form.store.select(safe(conditions))
    except QueryError:
        raise RefusedError(400, ["Unsupported query"]) from None


def _page(form: FakeForm, found: Selection, params: DataParams) -> Sequence[int]:
    sort = params.sort
    if not sort or sort[0][0] == "_id":
        return found.page(params.start, params.limit, descending=bool(sort) and sort[0][1] < 0)
    rows = [(number, form.store[number]) for number in found.page(0, None)]
    for name, way in reversed(sort):
        rows.sort(key=_by(name), reverse=way < 0)
    stop = None if params.limit is None else params.start + params.limit
    return [number for number, _ in rows[params.start : stop]]


def _by(name: str) -> Callable[[tuple[int, Row]], tuple[int, Any]]:
    return lambda item: sort_key(read_field(item[1], name))


def _written(
    asked: Asked, params: DataParams, ids: Sequence[int], count: int
) -> tuple[bytes, str | None]:
    form = asked.existing
    following, previous = links(asked.info, asked.window, count)
    if asked.renderer is AS_GEOJSON:
        rows = (form.store[number] for number in ids)
        features = geojson(form, rows, asked.info.query.get("geo_question_name"))
        return orjson.dumps(features), AS_GEOJSON.content_type
    if asked.renderer is AS_XML:
        rows = (form.store[number] for number in ids)
        return xml_list(form, rows, count, following, previous), XML
    head = orjson.dumps({"count": count, "next": following, "previous": previous, "results": []})
    results = [encoded(asked, number, params.fields) for number in ids]
    return _joined(head, results), JSON


def _joined(head: bytes, results: list[bytes]) -> bytes:
    """Put rows between the brackets that end a body, copying the megabytes once."""
    if not results:
        return head
    results[0] = head[:-2] + results[0]
    results[-1] += head[-2:]
    return b",".join(results)


def encoded(asked: Asked, number: int, fields: Sequence[str] | None = None) -> bytes:
    """Return a row as JSON, with its links."""
    form = asked.existing
    if fields is None and not form.features:
        return form.relink(form.store.encoded(number), asked.info.base)
    row = form.store[number]
    shown = row if fields is None else _projected(row, fields)
    if form.features:
        supplement = form.supplements.get(row["meta/rootUuid"].removeprefix("uuid:"), {})
        shown["_supplementalDetails"] = flattened(supplement, form.features)
    return form.relink(orjson.dumps(shown), asked.info.base)


def _projected(row: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Keep the fields asked for and those always added; the status is `{}` unless asked for."""
    shown = {name: row[name] for name in (*fields, *_ALWAYS) if name in row}
    return {**shown, "_validation_status": shown.get("_validation_status", {})}


def find_row(asked: Asked, wanted: str) -> int:
    """Return the `_id` of a row the user may see, by `_id`, root uuid or current uuid."""
    form = asked.existing
    number: int | None = None
    if wanted.isdecimal():
        number = int(wanted)
    else:
        number = form.store.find_uuid(wanted.removeprefix("uuid:"))
    if number is None or not select(asked, {"_id": number}).count:
        raise RefusedError(404, NOT_FOUND)
    return number


def _detail(asked: Asked) -> Reply:
    form = asked.existing
    check_deployed(form)
    if _format(asked) == "geojson":
        raise CrashError
    number = find_row(asked, asked.params["row"])
    params = _params(asked)
    matching = {"$and": [{"_id": number}, params.query]} if params.query else {"_id": number}
    if params.start or not select(asked, matching).count:
        raise RefusedError(404, NOT_FOUND)
    if asked.renderer is AS_XML:
        return Reply(200, xml_detail(form, form.store[number]), XML)
    return Reply(200, encoded(asked, number, params.fields))


LIST = View(
    allow="GET, HEAD, OPTIONS",
    handlers={"GET": _list},
    check=check_rows,
    renderers=DATA_LIST,
    outside=True,
)
DETAIL = View(
    allow="GET, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail},
    check=check_rows,
    renderers=DATA_LIST,
    outside=True,
)
