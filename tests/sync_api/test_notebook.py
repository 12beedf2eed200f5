"""The client that waits, in the cells of a real kernel, whose event loop is running."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = (
    """
import asyncio
asyncio.get_running_loop()
from kobo_async.sync_api import Kobo
from kobo_async.testing import FakeKobo
fake = FakeKobo(seed=7)
form = fake.add_form("Wells", rows=1500)
kobo = Kobo("http://localhost", token=fake.token, app=fake)
print([asset.name for asset in kobo.assets.list()])
""",
    """
with kobo.submissions.stream(form.uid) as rows:
    print(sum(1 for row in rows), rows.report.complete)
""",
    """
async def beside():
    await asyncio.sleep(0)
    return kobo.submissions.count(form.uid)
print(await beside())
""",
    """
try:
    kobo.assets.get("nothing")
except Exception as error:
    print(type(error).__name__)
kobo.close()
""",
)


@pytest.mark.filterwarnings("default")  # those of the kernel's own libraries
def test_it_works_in_the_cells_of_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    told = ["".join(one["text"] for one in cell.outputs) for cell in notebook.cells]
    assert told == ["['Wells']\n", "1500 True\n", "1500\n", "NotFound\n"]
