"""The whole life of a project: made from an XLSForm, filled, checked, shared, exported, removed.

    KOBO_URL=… KOBO_TOKEN=… python project_life.py

Everything it makes is deleted at the end, and after a failure, too.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from openpyxl import Workbook

from kobo_async import KoboClient
from kobo_async.call import Upload
from kobo_async.models.export import ExportOptions
from kobo_async.verbs.submissions import Filled

PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
SURVEY: list[list[str | None]] = [
    ["type", "name", "label::English (en)", "label::Français (fr)"],
    ["text", "village", "Village", "Village"],
    ["integer", "people", "People", "Personnes"],
    ["select_one source", "water", "Source of water", "Source d'eau"],
    ["image", "photo", "Photo", "Photo"],
    ["begin_repeat", "wells", "Wells", "Puits"],
    ["decimal", "depth", "Depth (m)", "Profondeur (m)"],
    ["end_repeat", None, None, None],
]
CHOICES: list[list[str | None]] = [
    ["list_name", "name", "label::English (en)", "label::Français (fr)"],
    ["source", "well", "Well", "Puits"],
    ["source", "tap", "Tap", "Robinet"],
]
PATIENCE = 300.0
"""Seconds in which a busy server should show what it has stored."""


def xlsform(title: str) -> bytes:
    """Make the form, as it would come from a spreadsheet program."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets = {"survey": SURVEY, "choices": CHOICES, "settings": [["form_title"], [title]]}
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def answers(number: int) -> dict[str, Any]:
    """Fill in the form."""
    return {
        "village": f"Village {number}",
        "people": 40 + number % 300,
        "water": "well" if number % 3 else "tap",
        "photo": f"photo_{number}.png",
        "wells": [{"wells/depth": 4.5}, {"wells/depth": 7}],
    }


async def prepare(client: KoboClient, uid: str, folder: Path) -> None:
    """Give the form a media file, and deploy it."""
    media = folder / "media"
    media.mkdir()
    (media / "legend.png").write_bytes(PHOTO)
    await client.files.sync(uid, media)
    await client.forms.deploy(uid)
    await client.forms.wait_deployed(uid)


async def wait_counted(
    client: KoboClient, uid: str, expected: int, where: dict[str, Any] | None = None
) -> None:
    """Wait until the server shows so many submissions, a moment after it has stored them."""
    with anyio.fail_after(PATIENCE):
        while (found := await client.submissions.count(uid, where=where)) != expected:
            assert found < expected, "nothing is doubled"
            await anyio.sleep(2)


async def fill(client: KoboClient, uid: str, rows: int) -> list[int]:
    """Submit many at once, each with a photo, and read their ids back."""

    def filled(number: int) -> Filled:
        photo = Upload("photo", f"photo_{number}.png", PHOTO, "image/png")
        return Filled(answers(number), [photo])

    outcomes = await client.submissions.submit_many(uid, map(filled, range(rows)))
    assert not [outcome for outcome in outcomes if not outcome.done]
    await wait_counted(client, uid, rows)
    async with client.submissions.stream(uid) as submitted:
        ids = [row["_id"] async for row in submitted]
    assert len(ids) == rows, "nothing is lost or doubled"
    return ids


async def check(client: KoboClient, uid: str, ids: list[int]) -> None:
    """Approve the first ten, and correct some answers."""
    approved = dict.fromkeys(ids[:10], "validation_status_approved")
    outcomes = await client.submissions.set_validation_status_many(uid, approved)  # type: ignore[arg-type]
    assert not [outcome for outcome in outcomes if not outcome.done]
    where = {"_validation_status.uid": "validation_status_approved"}
    await wait_counted(client, uid, len(approved), where)

    corrections = {number: {"people": 7} for number in ids[:3]}
    outcomes = await client.submissions.edit_many(uid, corrections)
    assert not [outcome for outcome in outcomes if not outcome.done]
    await client.submissions.edit(uid, ids[3], changes={"wells[2]/depth": 8.25})
    row = await client.submissions.get(uid, ids[3])
    assert [well["wells/depth"] for well in row["wells"]] == ["4.5", "8.25"]


async def share(client: KoboClient, uid: str, other: str | None) -> None:
    """Let a colleague see the data, or, where none is named, everybody the form; then undo it."""
    if other is not None:
        await client.permissions.grant(uid, other, "view_submissions")
        await client.permissions.revoke(uid, other, "view_submissions", "view_asset")
        return
    await client.permissions.make_public(uid, form=True)
    await client.permissions.make_public(uid, form=False)


async def live(
    client: KoboClient,
    folder: Path,
    *,
    title: str = "Wells",
    rows: int = 500,
    other: str | None = None,
    say: Callable[[str], object] = print,
) -> None:
    """Go through it all."""
    made = [(await client.forms.import_xlsform(xlsform(title))).uid]
    try:
        (uid,) = made
        await prepare(client, uid, folder)
        say(f"deployed {uid}")
        ids = await fill(client, uid, rows)
        say(f"submitted {len(ids)}")
        await check(client, uid, ids)
        say("validated and edited")
        await share(client, uid, other)
        options = ExportOptions("xls", lang="English (en)")
        await client.exports.run(uid, options, path=folder / "wells.xlsx")
        say(f"exported {(folder / 'wells.xlsx').stat().st_size} bytes")
        clone = await client.forms.clone(uid, name=f"{title}, next year")
        made.append(clone.uid)
        await client.submissions.delete_many(uid, ids[:5])
        assert await client.submissions.count(uid) == rows - 5
        await client.forms.archive(uid)
        say(f"archived, and cloned as {clone.uid}")
    finally:
        with anyio.CancelScope(shield=True):
            for asset in made:
                await client.assets.delete(asset)
    say("deleted")


async def main() -> None:
    """Run against the server in the environment."""
    with TemporaryDirectory() as folder:
        async with KoboClient.from_env() as client:
            await live(client, Path(folder), other=next(iter(sys.argv[1:]), None))


if __name__ == "__main__":
    anyio.run(main)
