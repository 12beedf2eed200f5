"""Lists page by page: what is asked next, and what counts as a page."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from kobo_async.call import Call, Op, Paging
from kobo_async.errors import UnexpectedShape
from kobo_async.pages import Page, Pages, following, paged

pytestmark = pytest.mark.anyio


def listing(paging: Paging, **query: Any) -> Call[Any]:
    return Op("GET", "/list/", dict, paging=paging).at(query=query)


class Shelf:
    """Answers calls for pages of numbered rows, as a server does; keeps the calls."""

    def __init__(self, rows: int, cap: int = 1000, *, counts: bool = True) -> None:
        self.ids = [10 * number for number in range(1, rows + 1)]
        self.cap = cap
        self.counts = counts
        self.asked: list[dict[str, Any]] = []
        self.broken = False

    async def __call__(self, call: Call[Any]) -> Page[Any]:
        if self.broken:
            raise ZeroDivisionError
        self.asked.append(dict(call.query))
        ids = [number for number in self.ids if number > after(call.query.get("query"))]
        start, limit = call.query.get("start", 0), min(call.query.get("limit", 100), self.cap)
        rows = [{"_id": number} for number in ids[start : start + limit]]
        left = start + len(rows) < len(ids)
        count = {"count": len(ids)} if self.counts else {}
        link = "http://other.example/?start=999" if left else None
        return paged(call, {**count, "next": link, "previous": None, "results": rows})


def after(query: dict[str, Any] | None) -> int:
    parts = (query or {}).get("$and", [query or {}])
    return int(parts[-1].get("_id", {}).get("$gt", 0))


async def test_a_counted_list_is_read_from_where_the_last_page_ended() -> None:
    shelf = Shelf(7, cap=3)

    got = await Pages(listing(Paging.COUNTED, limit=5, q="x"), shelf).all()

    assert [row["_id"] for row in got] == [10, 20, 30, 40, 50, 60, 70]
    assert shelf.asked == [
        {"limit": 5, "q": "x"},
        {"limit": 5, "q": "x", "start": 3},
        {"limit": 5, "q": "x", "start": 6},
    ]


async def test_a_list_that_begins_in_the_middle_goes_on_from_there() -> None:
    shelf = Shelf(7, cap=3)

    got = await Pages(listing(Paging.COUNTED, start=2), shelf).all()

    assert [row["_id"] for row in got] == [30, 40, 50, 60, 70]
    assert [asked["start"] for asked in shelf.asked] == [2, 5]


async def test_a_list_without_a_count_is_read_until_the_server_names_no_next_page() -> None:
    shelf = Shelf(4, cap=3, counts=False)

    pages = [page async for page in Pages(listing(Paging.UNCOUNTED), shelf).by_page()]

    assert [(len(page.items), page.count, page.more) for page in pages] == [
        (3, None, True),
        (1, None, False),
    ]
    assert shelf.asked == [{}, {"start": 3}]


async def test_a_keyset_list_asks_for_what_comes_after_the_last_id() -> None:
    shelf = Shelf(5, cap=2)

    got = await Pages(listing(Paging.KEYSET, limit=2, query={"a": "1"}), shelf).all()

    assert [row["_id"] for row in got] == [10, 20, 30, 40, 50]
    assert [asked["query"] for asked in shelf.asked] == [
        {"a": "1"},
        {"$and": [{"a": "1"}, {"_id": {"$gt": 20}}]},
        {"$and": [{"a": "1"}, {"_id": {"$gt": 40}}]},
    ]
    assert all("start" not in asked for asked in shelf.asked)


async def test_rows_deleted_between_two_keyset_pages_shift_nothing() -> None:
    shelf = Shelf(6, cap=2)
    got = []
    async for row in Pages(listing(Paging.KEYSET), shelf):
        got.append(row["_id"])
        if row["_id"] == 20:
            shelf.ids.remove(10)
            shelf.ids.remove(20)

    assert got == [10, 20, 30, 40, 50, 60]


@pytest.mark.parametrize("paging", [Paging.COUNTED, Paging.UNCOUNTED, Paging.KEYSET])
async def test_an_empty_list_is_one_request(paging: Paging) -> None:
    shelf = Shelf(0)
    pages = Pages(listing(paging), shelf)

    assert await pages.all() == []
    assert await pages.first() is None
    assert len(shelf.asked) == 2


async def test_only_the_first_page_is_fetched_for_the_first_item() -> None:
    shelf = Shelf(5, cap=2)

    assert await Pages(listing(Paging.COUNTED), shelf).first() == {"_id": 10}
    assert len(shelf.asked) == 1


async def test_a_list_may_be_left_in_the_middle_and_leaves_nothing_behind() -> None:
    shelf = Shelf(5, cap=2)
    async for row in Pages(listing(Paging.KEYSET), shelf):
        if row["_id"] == 30:
            break

    gc.collect()  # where there was something to clean up, trio would complain now
    assert len(shelf.asked) == 2


async def test_a_page_that_fails_may_be_asked_for_again() -> None:
    shelf = Shelf(3, cap=2)
    pages = aiter(Pages(listing(Paging.COUNTED), shelf).by_page())
    await anext(pages)
    shelf.broken = True
    with pytest.raises(ZeroDivisionError):
        await anext(pages)
    shelf.broken = False

    assert (await anext(pages)).items == [{"_id": 30}]
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(pages)


async def test_nothing_is_sent_before_iterating_and_iterating_starts_over() -> None:
    shelf = Shelf(3, cap=2)
    pages = Pages(listing(Paging.KEYSET), shelf)
    assert shelf.asked == []

    assert await pages.all() == await pages.all()
    assert len(shelf.asked) == 4


@pytest.mark.parametrize("paging", [Paging.COUNTED, Paging.KEYSET])
async def test_an_empty_page_ends_the_list_whatever_the_server_says_of_a_next_one(
    paging: Paging,
) -> None:
    call = listing(paging)

    assert following(call, call, Page([], 100, more=True)) is None


async def test_a_server_that_ignores_the_query_does_not_make_an_endless_list() -> None:
    async def same(call: Call[Any]) -> Page[Any]:
        return paged(call, {"count": 9, "next": "x", "results": [{"_id": 1}, {"_id": 2}]})

    with pytest.raises(UnexpectedShape, match="the same page again"):
        await Pages(listing(Paging.KEYSET), same).all()


@pytest.mark.parametrize("item", [{"name": "x"}, {"_id": None}, "x", ["_id"], 5])
async def test_a_row_without_an_id_cannot_be_gone_on_from(item: Any) -> None:
    call = listing(Paging.KEYSET)

    with pytest.raises(UnexpectedShape, match="_id"):
        following(call, call, Page([item], 2, more=True))


def test_a_bare_list_is_one_page() -> None:
    assert paged(listing(Paging.ARRAY), [1, 2]) == Page([1, 2], 2, more=False)


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ({"count": 3, "next": None, "results": [1, 2]}, True),
        ({"count": 2, "next": None, "results": [1, 2]}, False),
        ({"count": 2, "next": "http://x/", "results": [1, 2]}, True),
        ({"next": None, "results": [1, 2]}, False),
        ({"count": None, "results": [1, 2]}, False),
    ],
)
def test_there_is_more_when_the_count_or_the_link_says_so(body: Any, more: bool) -> None:
    assert paged(listing(Paging.COUNTED), body).more is more


def test_the_start_of_a_page_counts_towards_what_is_left() -> None:
    body = {"count": 5, "next": None, "results": [1, 2]}

    assert paged(listing(Paging.COUNTED, start=2), body).more
    assert not paged(listing(Paging.COUNTED, start=3), body).more


@pytest.mark.parametrize(
    ("paging", "body", "reason"),
    [
        (Paging.ARRAY, {"results": []}, "a dict instead of a list"),
        (Paging.COUNTED, [1], "no `results` list"),
        (Paging.COUNTED, {"results": {}}, "no `results` list"),
        (Paging.COUNTED, {}, "no `results` list"),
        (Paging.COUNTED, None, "no `results` list"),
        (Paging.COUNTED, "page", "no `results` list"),
        (Paging.COUNTED, {"count": "5", "results": []}, "count"),
        (Paging.COUNTED, {"count": -1, "results": []}, "count"),
        (Paging.COUNTED, {"count": True, "results": []}, "count"),
        (Paging.COUNTED, {"count": 1.5, "results": []}, "count"),
    ],
)
def test_what_is_no_page_is_an_error(paging: Paging, body: Any, reason: str) -> None:
    with pytest.raises(UnexpectedShape, match=reason) as caught:
        paged(listing(paging), body)
    assert "GET /list/" in str(caught.value)
