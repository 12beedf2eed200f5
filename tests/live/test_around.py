"""What can be done to a project besides its life, in one that is made for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4

import anyio
import attrs
import pytest
import pytest_asyncio

from kobo_async import ExportOptions, Filled, KoboClient, NotFound, Upload
from tests.live.conftest import able_to_submit, load_script
from tests.live.workshop import Workshop

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]
T = TypeVar("T")

PATIENCE: Final = 300.0
PHOTO: Final[bytes] = load_script("project_life").PHOTO
FORM: Final[dict[str, Any]] = {
    "survey": [
        {"type": "text", "name": "village", "label": ["Village"]},
        {"type": "image", "name": "photo", "label": ["Photo"]},
        {"type": "begin_repeat", "name": "wells", "label": ["Wells"]},
        {"type": "decimal", "name": "depth", "label": ["Depth (m)"]},
        {"type": "end_repeat"},
    ],
    "translations": [None],
    "translated": ["label"],
}


@attrs.frozen
class Made:
    """A project with three submissions."""

    uid: str
    rows: list[dict[str, Any]]


async def until(look: Callable[[], Awaitable[T]], right: Callable[[T], bool]) -> T:
    """Look until what is there is right: a server may show a moment later what it did."""
    with anyio.fail_after(PATIENCE):
        while True:
            found = await look()
            if right(found):
                return found
            await anyio.sleep(2)


@pytest_asyncio.fixture
async def made(client: KoboClient, workshop: Workshop) -> Made:
    await able_to_submit(workshop.target)
    asset = await client.forms.create(workshop.title, FORM, deploy=True)
    filled = [
        Filled(
            {"village": f"Village {number}", "photo": "p.png", "wells": [{"wells/depth": number}]},
            [Upload("photo", "p.png", PHOTO, "image/png")],
        )
        for number in range(3)
    ]
    outcomes = await client.submissions.submit_many(asset.uid, filled)
    assert not [outcome for outcome in outcomes if not outcome.done]
    rows = await until(client.submissions.list(asset.uid).all, lambda found: len(found) == 3)
    return Made(asset.uid, rows)


async def test_photos_come_back_as_they_were_sent(client: KoboClient, made: Made):
    for row in made.rows:
        (photo,) = row["_attachments"]
        assert await client.attachments.download(made.uid, row["_id"], photo["uid"]) == PHOTO


async def test_what_is_sent_twice_is_there_once(client: KoboClient, made: Made):
    answers, instance_id = {"village": "Once"}, f"uuid:{uuid4()}"
    first = await client.submissions.submit(made.uid, answers, instance_id=instance_id)
    again = await client.submissions.submit(made.uid, answers, instance_id=instance_id)
    assert (first.duplicate, again.duplicate) == (False, True)
    await until(lambda: client.submissions.count(made.uid), lambda found: found == 4)


async def test_a_copy_is_a_submission_of_its_own(client: KoboClient, made: Made):
    original = made.rows[0]
    copy = await client.submissions.duplicate(made.uid, original["_id"])
    assert copy["village"] == original["village"]
    assert copy["meta/rootUuid"] != original["meta/rootUuid"]
    await until(lambda: client.submissions.count(made.uid), lambda found: found == 4)


async def test_a_status_is_set_and_taken_off(client: KoboClient, made: Made):
    number = made.rows[0]["_id"]
    status = "validation_status_on_hold"
    await client.submissions.set_validation_status(made.uid, number, status=status)
    assert (await client.submissions.validation_status(made.uid, number)).uid == status
    (outcome,) = await client.submissions.set_validation_status_many(made.uid, {number: None})
    assert outcome.done
    where = {"_validation_status.uid": None}
    assert await client.submissions.count(made.uid, where=where) == len(made.rows)


async def test_the_history_tells_what_was_done(client: KoboClient, made: Made):
    edited, deleted, _ = made.rows
    await client.submissions.edit(made.uid, edited["_id"], changes={"wells[1]/depth": 12.5})
    await client.submissions.delete(made.uid, deleted["_id"])
    wanted = {
        ("modify-submission", edited["meta/rootUuid"].removeprefix("uuid:")),
        ("delete-submission", deleted["meta/rootUuid"].removeprefix("uuid:")),
    }

    async def told() -> set[tuple[str, str | None]]:
        changes = await client.history.changes(made.uid).all()
        return {(entry.action, entry.root_uuid) for entry in changes}

    try:
        await until(told, lambda found: wanted <= found)
    except NotFound:
        pytest.skip("an older server, which keeps no history")
    row = await client.submissions.get(made.uid, edited["_id"])
    assert row["wells"] == [{"wells/depth": "12.5"}]


async def test_kept_settings_make_a_file_at_once(client: KoboClient, made: Made, tmp_path: Path):
    options = ExportOptions("csv", lang="_xml")
    kept = await client.export_settings.create(made.uid, name="kobo_async", options=options)
    saved = await client.exports.sync_export(made.uid, kept.uid, path=tmp_path / "wells.csv")
    assert saved.path is not None
    head, *rows = saved.path.read_text(encoding="utf-8-sig").splitlines()
    assert "village" in head
    assert len(rows) == len(made.rows)
    await client.export_settings.delete(made.uid, kept.uid)


async def test_a_service_is_kept_and_deleted(client: KoboClient, made: Made):
    hook = await client.hooks.create(
        made.uid, name="kobo_async", endpoint="https://example.org/", active=False
    )
    assert [one.uid async for one in client.hooks.list(made.uid)] == [hook.uid]
    assert await client.hooks.logs(made.uid, hook.uid).all() == []
    await client.hooks.delete(made.uid, hook.uid)
    assert await client.hooks.list(made.uid).all() == []


async def test_permissions_become_what_a_plan_says(client: KoboClient, made: Made):
    for wanted in (["view_asset"], []):
        plan = await client.permissions.plan(made.uid, {"AnonymousUser": wanted})
        state = await client.permissions.apply(plan)
        assert list(state.of("AnonymousUser")) == wanted


async def test_a_form_that_is_saved_can_be_put_back(
    client: KoboClient, workshop: Workshop, tmp_path: Path
):
    draft = await client.forms.create(workshop.title, FORM)
    path = await client.forms.download_xlsx(draft.uid, tmp_path / "form.xlsx")
    again = await client.forms.replace_content(draft.uid, path)
    assert again.uid == draft.uid
    assert again.content is not None
    names = [row.get("name") or row.get("$autoname") for row in again.content["survey"]]
    assert [name for name in names if name in {"village", "photo", "depth"}] == [
        "village",
        "photo",
        "depth",
    ]


async def test_a_collection_holds_what_is_put_into_it(client: KoboClient, workshop: Workshop):
    collection = await client.library.create_collection(f"{workshop.title} collection")
    item = await client.library.create_item(
        f"{workshop.title} item", asset_type="question", content={"survey": FORM["survey"][:1]}
    )
    await client.library.put(item.uid, collection=collection.uid)
    inside = await client.library.children(collection.uid).all()
    assert [one.uid for one in inside] == [item.uid]
    assert (await client.library.take_out(item.uid)).parent is None
