"""What there is to read about one asset: its content, counts and reports (observed §3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any, Final

from kobo_async.testing.downloads import download
from kobo_async.testing.messages import (
    DRF_VARY,
    HTML,
    NOT_FOUND,
    PLAIN_VARY,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.reports import questions_of, report, report_by
from kobo_async.testing.standardize import flattened
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.views_assets import check_asset
from kobo_async.testing.views_assetwrites import detail_of
from kobo_async.testing.views_data import check_rows
from kobo_async.testing.xlsform import table_of

_DAYS: Final = 31


def _wrapped(kind: str, data: Callable[[dict[str, Any]], Any]) -> Handler:
    def handle(asked: Asked) -> Reply:
        form = asked.existing
        return json_reply({"kind": kind, "uid_asset": form.uid, "data": data(form.content)})

    return handle


def _table(asked: Asked) -> Reply:
    """Answer with the sheets of the form as a page."""
    parts = []
    for name, rows in flattened(asked.existing.content).items():
        lines = [" | ".join(map(str, line)) for line in table_of(rows)]
        parts.append(f"#{name}\n\n" + "\n".join(f"| {line} |" for line in lines))
    text = escape("\n\n".join(parts))
    body = f"<!doctype html>\n<html><body><code><pre>{text}</pre></code></body></html>"
    return Reply(200, body.encode(), HTML)


def _xform(asked: Asked) -> Reply:
    xform = download(asked, "xml").body.decode()
    title = "<title>kobo xform export preview</title>"
    page = f"<!doctype html>\n<html>\n<head>\n  {title}\n</head>\n"
    return Reply(200, f"{page}<body><pre>{escape(xform)}</pre></body></html>".encode(), HTML)


def _counts(asked: Asked) -> Reply:
    """Count the submissions of the latest days; days without any are left out."""
    form = asked.existing
    try:
        days = int(asked.info.query.get("days", _DAYS))
    except ValueError:
        raise RefusedError(400, ["`days` parameter must be an integer"]) from None
    first = f"{asked.fake.now() - timedelta(days=days):%Y-%m-%d}"
    dates = (str(form.store[number]["_submission_time"])[:10] for number in form.store)
    counts = Counter(date for date in dates if date >= first)
    seen = detail_of(asked, form)
    total = seen["deployment__submission_count"]
    return json_reply({"daily_submission_counts": counts, "total_submission_count": total})


def _reports(asked: Asked) -> Reply:
    form, query = asked.existing, asked.info.query
    if not form.deployed:
        raise RefusedError(404, NOT_FOUND)
    rows = [form.store[number] for number in form.store]
    questions = questions_of(form.content)
    split = next((one for one in questions if one["$autoname"] == query.get("split_by")), None)
    if split is not None and split["type"] != "select_one":
        raise RefusedError(400, {"detail": "Cannot split by this question"})
    names = query["names"].split(",") if query.get("names") else None
    chosen = [one for one in questions if one is not split and _named(one, names)]
    reports = [report_by(one, split, rows) if split else report(one, rows) for one in chosen]
    url = f"{asked.info.base}{asked.info.path}"
    return json_reply({"url": url, "count": len(reports), "list": reports})


def _named(question: dict[str, Any], names: list[str] | None) -> bool:
    return names is None or question["$autoname"] in names


def _view(
    handler: Handler, check: Callable[[Asked], None] = check_asset, vary: str = DRF_VARY
) -> View:
    return View(allow="GET, HEAD, OPTIONS", handlers={"GET": handler}, check=check, vary=vary)


CONTENT = _view(_wrapped("asset.content", flattened))
VALID_CONTENT = _view(_wrapped("asset.valid_content", dict))
TABLE = _view(_table, vary=PLAIN_VARY)
XFORM = _view(_xform, vary=PLAIN_VARY)
COUNTS = _view(_counts, check_rows)
REPORTS = _view(_reports, check_rows)
