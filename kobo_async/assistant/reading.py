"""What a language model may look at.

Each public method is a tool; its docstring is what the model is told of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias

import attrs

from kobo_async.api import Api
from kobo_async.assistant.bounds import LONGEST_LIST, fitting, limited, shortened
from kobo_async.assistant.queries import understood
from kobo_async.call import OMIT
from kobo_async.errors import QueryError
from kobo_async.forms.columns import Layout, Table
from kobo_async.forms.tabulate import Tabulator
from kobo_async.models.asset import Asset
from kobo_async.pages import Page
from kobo_async.q import field, surveys
from kobo_async.query import both
from kobo_async.report.summary import Summary
from kobo_async.resources.submissions import Row

Answer: TypeAlias = dict[str, Any]
Query: TypeAlias = dict[str, Any] | None
LEFT_OUT: Final = ("content", "deployment__links", "files")


@attrs.frozen
class Reading:
    """Tools that change nothing."""

    _api: Api

    async def list_projects(self, search: str = "", limit: int = 50) -> Answer:
        """List the projects that this account can see, those changed last first.

        `search` is a part of the name, whatever its case. `more` tells whether there are others.
        """
        wanted = surveys() & field("name").contains(search) if search else surveys()
        pages = self._api.assets.list(
            q=wanted, ordering="-date_modified", exclude=LEFT_OUT, page_size=limited(limit)
        )
        page = await anext(pages.by_page())
        projects = fitting(map(_project, page.items))
        return {"projects": projects, "more": page.more or len(projects) < len(page.items)}

    async def describe_project(self, uid: str) -> Answer:
        """Describe a project: its state, languages, number of submissions, your permissions."""
        asset = await self._api.assets.get(uid, exclude=LEFT_OUT)
        held = sorted({one["codename"] for one in asset.effective_permissions or ()})
        languages = [name for name in asset.summary.get("languages") or () if name]
        count = await self._api.submissions.count(uid) if asset.has_deployment else 0
        facts = _project(asset) | {"languages": languages, "you_may": held, "submissions": count}
        return dict(shortened(facts))

    async def describe_columns(
        self, uid: str, table: str = "", search: str = "", labels: str | None = None
    ) -> Answer:
        """Describe what a project asks: tables, and their columns with types and choices.

        The first table holds the submissions, each other one a repeat. A column's `path` is what
        queries and `fields` name. `search` is a part of a path or label, `labels` a language of
        the form.
        """
        layout = await self._api.tables.layout(
            uid, labels=labels, select_multiple="list", offsets=False
        )
        tables = [_table(layout, table)] if table else layout.tables
        found = [one for one in _columns(tables) if _speaks_of(one, search)]
        kept = fitting(found)
        names = [{"table": one.name, "path": one.path, "parent": one.parent} for one in tables]
        return {"tables": names, "columns": kept, "left_off": len(found) - len(kept)}

    async def count_submissions(self, uid: str, where: Query = None) -> Answer:
        """Count the submissions of a project that match a query, or all of them.

        A query is a MongoDB query: `{"group/question": "answer"}`. Answers are texts, also those
        that are numbers; several choices stand with spaces between them. `$in`, `$ne`, `$regex`,
        `$exists`, `$and`, `$or` and `$elemMatch` in repeats are known. `_submission_time` is UTC:
        `{"_submission_time": {"$gte": "2026-11-21"}}`.
        """
        checked = await understood(self._api, uid, where)
        return {"count": await self._api.submissions.count(uid, where=checked)}

    async def get_submissions(
        self,
        uid: str,
        where: Query = None,
        fields: list[str] | None = None,
        after: int = 0,
        limit: int = 20,
        order: Literal["oldest", "newest"] = "oldest",
    ) -> Answer:
        """Get some submissions of a project as the server keeps them: texts under their paths.

        For `where` see `count_submissions`; `fields` are paths. Go on with `next_after` as
        `after` until it is null, the oldest first. `count` is the number of all from `after` on.
        """
        page = await self._page(uid, where, fields, after, limit, newest=order == "newest")
        rows = fitting(page.items)
        onward = None if order == "newest" else _onward(page, len(rows))
        return {"count": page.count, "submissions": rows, "next_after": onward}

    async def get_submission(self, uid: str, id: int) -> Answer:
        """Get one submission by its `_id`."""
        (row,) = fitting([await self._api.submissions.get(uid, id)])
        return dict(row)

    async def export_rows(
        self,
        uid: str,
        table: str = "",
        where: Query = None,
        fields: list[str] | None = None,
        labels: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Answer:
        """Export the rows of a table with typed values: numbers, dates, truths, lists of choices.

        Without `table` it is that of the submissions. `fields` are paths of questions or groups,
        `labels` is a language whose choices are shown. `limit` counts submissions: go on with
        `next_after` as `after` until it is null.
        """
        layout = await self._api.tables.layout(
            uid,
            labels=labels,
            select_multiple="list",
            numbering="submission",
            offsets=False,
            only=fields or (),
        )
        wanted = _narrow(_table(layout, table))
        page = await self._page(uid, where, None, after, limit)
        parts = fitting(_rows_of(wanted, layout, row) for row in page.items)
        return {
            "table": wanted.name,
            "columns": [column.name for column in wanted.columns],
            "rows": [row for part in parts for row in part],
            "next_after": _onward(page, len(parts)),
        }

    async def summarise(self, uid: str, where: Query = None, labels: str | None = None) -> Answer:
        """Summarise all submissions of a project: counts, missing answers, distributions.

        It downloads them, which takes a while where there are many. Of texts that people wrote
        only how many differ is told, and places to a kilometre.
        """
        checked = await understood(self._api, uid, where)
        layout = await self._api.tables.layout(uid, select_multiple="list", offsets=False)
        summary = Summary(layout, labels)
        async with self._api.tables.batches(uid, layout, where=checked) as batches:
            async for made in batches:
                summary.add(made)
        facts = summary.facts(batches.bad.count).as_dict()
        asked = [{"table": one["name"], **q} for one in facts["tables"] for q in one["questions"]]
        kept = fitting(asked)
        rows = {one["name"]: one["rows"] for one in facts.pop("tables")}
        return dict(shortened(facts)) | {
            "rows_of_tables": rows,
            "questions": kept,
            "left_off": len(asked) - len(kept),
        }

    async def _page(
        self,
        uid: str,
        where: Query,
        fields: list[str] | None,
        after: int,
        limit: int,
        *,
        newest: bool = False,
    ) -> Page[Row]:
        checked = await understood(self._api, uid, where)
        return await self._api.submissions.page(
            uid,
            where=both(checked, {"_id": {"$gt": after}}),
            fields=OMIT if fields is None else ["_id", *fields],
            sort={"_id": -1 if newest else 1},
            limit=limited(limit),
        )


def _project(asset: Asset) -> Answer:
    return {
        "uid": asset.uid,
        "name": asset.name,
        "status": asset.deployment_status,
        "submissions": asset.deployment__submission_count,
        "owner": asset.owner__username,
        "modified": asset.date_modified,
    }


def _table(layout: Layout, name: str) -> Table:
    tables = {table.name: table for table in layout.tables}
    if name and name not in tables:
        raise QueryError(f"there is no table {name!r}; there are {', '.join(tables)}")
    return tables[name] if name else layout.tables[0]


def _narrow(table: Table) -> Table:
    if len(table.columns) > LONGEST_LIST:
        raise QueryError(f"{table.name} has {len(table.columns):,} columns: name `fields`")
    return table


def _columns(tables: list[Table] | tuple[Table, ...]) -> Iterator[Answer]:
    for table in tables:
        for column in table.columns:
            facts = attrs.asdict(column) | {"holds": column.holds.value}
            yield {"table": table.name, **{key: one for key, one in facts.items() if one}}


def _speaks_of(column: Answer, search: str) -> bool:
    return search.casefold() in f"{column['path']}\n{column.get('label')}".casefold()


def _rows_of(table: Table, layout: Layout, row: Row) -> list[list[Any]]:
    """Return what one submission adds to a table."""
    batches = Tabulator(layout).add([row])
    return [list(cells) for batch in batches if batch.table is table for cells in batch.rows()]


def _onward(page: Page[Row], kept: int) -> int | None:
    """Return what to go on after; None if that was all."""
    if not kept or kept == len(page.items) == page.count:
        return None
    return int(page.items[kept - 1]["_id"])
