"""Forms of a real server: every key of every submission is known."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kobo_async.forms.content import read_form
from kobo_async.forms.schema import Form
from kobo_async.forms.versions import merged

SERVERS = {"__version__", "formhub/uuid"}
STRAY = {"sandbox": {"nope", "zzz"}}
"""What bulk edits wrote there: the server stores any name (`observed §5`)."""


def unknown(row: Mapping[str, Any], form: Form, repeat: str = "") -> Iterator[str]:
    known = {question.path for question in form.questions if question.repeat == repeat}
    for key, value in row.items():
        if key in form.repeats:
            for item in value:
                yield from unknown(item, form, key)
        elif key not in known | SERVERS and not key.startswith(("_", "meta/")):
            yield key


@pytest.mark.parametrize("name", ["household", "simple", "sandbox", "empty"])
def test_every_key_of_every_submission_is_known(name: str, shared: Path):
    folder = shared / "kpi" / "data" / name
    asset = json.loads((folder / "asset.json").read_text("utf-8"))
    versions = json.loads((folder / "versions.json").read_text("utf-8"))["detail"]
    form = merged([version["content"] for version in versions], asset["name"])
    assert read_form(asset["content"], asset["name"]) == form
    with gzip.open(folder / "submissions.jsonl.gz", "rt", encoding="utf-8") as file:
        found = {key for line in file for key in unknown(json.loads(line), form)}
    assert found == STRAY.get(name, set())


def test_every_content_that_was_ever_recorded_is_read_whole(shared: Path):
    files = sorted((shared / "kpi" / "recordings").glob("*.json"))
    found = [one for file in files for one in contents(json.loads(file.read_text("utf-8")))]
    assert len(found) > len("a few")
    for content in found:
        named = [row for row in content["survey"] if row.get("name") or row.get("$autoname")]
        asked = {q.name for q in read_form(content).questions}
        assert asked == {row["name"] for row in named if not row["type"].startswith("begin")}


def contents(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping) and isinstance(value.get("survey"), list):
        yield value
    elif isinstance(value, (Mapping, list)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from contents(one)


def test_both_forms_of_a_recorded_content_are_the_same_form(shared: Path):
    """One keeps labels in lists, the other in columns named by the language."""
    texts = [
        (shared / "kpi" / "recordings" / f"asset_{name}.json").read_text("utf-8")
        for name in ("content", "valid_content")
    ]
    flat, whole = (read_form(next(contents(json.loads(text)))) for text in texts)
    assert flat.languages == whole.languages
    assert [(q.path, q.kind, q.choices) for q in flat.questions] == [
        (q.path, q.kind, q.choices) for q in whole.questions
    ]
