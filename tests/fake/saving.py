"""Writing a form down as `load_form` reads it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from kobo_async.testing import FakeForm


def save(form: FakeForm, folder: Path) -> None:
    (folder / "asset.json").write_text(json.dumps(form.asset))
    (folder / "versions.json").write_text(json.dumps({"detail": form.versions}))
    lines = "\n".join(json.dumps(row) for row in form.rows.values())
    (folder / "submissions.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
