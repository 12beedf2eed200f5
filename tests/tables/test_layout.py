"""Which form the tables of a project are made for."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, get_type_hints

import attrs
import pytest

from kobo_async import KoboClient
from kobo_async.errors import ConfigError, NotFound
from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.tables.project import TableFields
from kobo_async.testing import FakeForm, FakeKobo

pytestmark = pytest.mark.anyio


def paths(layout: Layout) -> set[str]:
    return {column.path for column in layout.tables[0].columns}


def save(form: FakeForm, *added: str, without: str = "") -> None:
    """Save a new version of the form."""
    content: dict[str, Any] = deepcopy(form.asset["content"])
    content["survey"] = [row for row in content["survey"] if row.get("name") != without]
    content["survey"] += [{"type": "text", "name": name, "label": [name, name]} for name in added]
    form.rewrite(content, None)


def fetched(fake: FakeKobo) -> list[str]:
    """Return the paths of versions that were fetched whole."""
    paths = [request.path for request in fake.requests]
    return [path for path in paths if "/versions/" in path and not path.endswith("/versions/")]


async def test_questions_of_all_deployed_versions_have_columns(client: KoboClient, form: FakeForm):
    save(form, "religion")
    form.deploy(None)
    save(form, "shoes", without="religion")
    form.deploy(None)

    every, newest = [
        paths(await client.tables.layout(form.uid, all_versions=wanted)) for wanted in (True, False)
    ]
    assert {"religion", "shoes"} <= every
    assert "shoes" in newest
    assert "religion" not in newest


@pytest.mark.parametrize("all_versions", [True, False])
async def test_a_draft_does_not_count(client: KoboClient, form: FakeForm, *, all_versions: bool):
    save(form, "religion")

    layout = await client.tables.layout(form.uid, all_versions=all_versions)

    assert "religion" not in paths(layout)
    assert "income" in paths(layout)


async def test_a_form_that_was_never_deployed_has_the_tables_of_its_draft(
    client: KoboClient, fake: FakeKobo
):
    draft = fake.add_form("Draft", deployed=False)
    assert "income" in paths(await client.tables.layout(draft.uid))


async def test_the_same_content_is_fetched_once_and_that_of_the_asset_never(
    client: KoboClient, fake: FakeKobo, form: FakeForm
):
    save(form, "religion")
    saved = deepcopy(form.asset["content"])
    save(form, "shoes")
    other = deepcopy(form.asset["content"])
    for content in (saved, other, saved):
        form.rewrite(deepcopy(content), None)
        form.deploy(None)
    deployed = [one["content_hash"] for one in form.versions if one["date_deployed"]]

    await client.tables.layout(form.uid)

    assert (len(deployed), len(set(deployed))) == (4, 3)
    assert len(fetched(fake)) == 2


async def test_options_are_given_by_name(client: KoboClient, form: FakeForm):
    layout = await client.tables.layout(form.uid, labels="fr", headers="label", offsets=False)

    names = [column.name for column in layout.tables[0].columns]
    assert "Revenu mensuel" in names
    assert layout.options == TableOptions(labels="fr", headers="label", offsets=False)


def test_every_option_of_tables_has_a_name_and_the_same_type():
    fields = {field.name for field in attrs.fields(TableOptions)}
    expected = {k: v for k, v in get_type_hints(TableOptions).items() if k in fields}
    assert get_type_hints(TableFields) == expected


async def test_what_is_not_there_is_an_error(client: KoboClient, form: FakeForm):
    with pytest.raises(NotFound):
        await client.tables.layout("aNoSuchProject00000000")
    with pytest.raises(ConfigError, match="language 'de'"):
        await client.tables.layout(form.uid, labels="de")
