"""Make docs/images: what the command prints as SVG, and the page of `summary` as PNG.

Everything runs against a fake server of its own. The PNG needs Chromium.
"""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
WIDTH: Final = 100
WINDOW: Final = "1120,900"
"""Width and height in pixels of what is shown of the page."""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
COMMAND: Final = Path(sys.executable).with_name("kobo-async")
FONTS: Final = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace'
SCENES: Final[Mapping[str, Sequence[str]]] = {
    "demo": ["demo -o rows.jsonl"],
    "first-table": ["assets", "pull {uid} -o households.xlsx --labels en --headers label"],
}
"""Names of images, and what is typed for each."""


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """Run the fake server of the tutorial, and tell what it serves."""
    command = [str(COMMAND), "fake-server", "--rows=2500", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def typed(line: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run a command line as in a terminal, and return what is to be read there afterwards."""
    ours, terminal = pty.openpty()
    said = folder / "stderr"
    with said.open("wb") as errors:
        running = subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, *shlex.split(line)],
            cwd=folder,
            env=environment,
            stdout=terminal,
            stderr=errors,  # no terminal: it would show progress, which is gone afterwards
        )
    os.close(terminal)
    printed = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    text = (printed + said.read_bytes()).decode()
    if running.wait():
        raise SystemExit(f"{line} failed: {text}")
    return f"\x1b[1m$ kobo-async {line}\x1b[0m\n{text}"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # nobody holds the other end any more
        return b""


def drawing(text: str, title: str) -> str:
    """Draw what a terminal shows; nothing is loaded from elsewhere, as rich would have it."""
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    form = re.sub(r"font-family: [^;]*;", f"font-family: {FONTS};", form)
    console = Console(record=True, width=WIDTH, file=StringIO(), color_system="standard")
    console.print(Text.from_ansi(text.replace("\r\n", "\n")))
    return console.export_svg(title=title, theme=SVG_EXPORT_THEME, code_format=form)


def photograph(page: Path, image: Path) -> None:
    """Save how a browser shows the upper part of a page."""
    program = next(filter(None, map(shutil.which, BROWSERS)))
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    shot = [f"--screenshot={image}", f"--window-size={WINDOW}", "--virtual-time-budget=20000"]
    subprocess.run([program, *flags, *shot, page.as_uri()], check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - our own


def main() -> None:
    """Make all images."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as name, serving() as served:
        folder = Path(name)
        access = {"KOBO_URL": served["url"], "KOBO_TOKEN": served["token"]}
        environment = {**os.environ, **access, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
        for scene, lines in SCENES.items():
            shown = [typed(line.format_map(served), folder, environment) for line in lines]
            svg = drawing("\n".join(shown), "kobo-async")
            (IMAGES / f"{scene}.svg").write_text(svg, encoding="utf-8")
        typed(f"summary {served['uid']} -o report.html", folder, environment)
        photograph(folder / "report.html", IMAGES / "report.png")


if __name__ == "__main__":
    main()
