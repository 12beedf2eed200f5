"""A headless Chromium, told what to do through its debugging pipe.

It has no window, a folder of its own, and talks to nobody by itself.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import attrs

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--remote-debugging-pipe", "--font-render-hinting=none"),
)
PIPES = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1'
"""The debugging pipe of Chromium is made of the files 3 and 4."""
DRAWN = """new Promise((done) => {
  const look = () => (document.documentElement.dataset.drawn ? done() : setTimeout(look, 10));
  look();
})"""


def installed() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started(program: str, folder: Path) -> Iterator[Chromium]:
    command = ["sh", "-c", PIPES, "sh", program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own command
        chromium = Chromium(process)
        try:
            yield chromium
            chromium.ask("Browser.close")
        finally:
            process.kill()


class Chromium:
    """Answers to commands, and events that come in between."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin
        assert process.stdout
        self._in, self._out = process.stdin, process.stdout
        self._numbers = count(1)
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._in.write(json.dumps(message).encode() + b"\0")
        self._in.flush()
        while (answer := self._read()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._out.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            text += byte
        return json.loads(text)

    def tab(self, *, width: int = 1280, dark: bool = False) -> Tab:
        """Open a tab with a width in pixels, in the light or in the dark."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            tab.ask(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        tab.ask("Emulation.setEmulatedMedia", features=[scheme])
        tab.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        return tab


@attrs.frozen
class Tab:
    """One tab."""

    chromium: Chromium
    session: str

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return self.chromium.ask(method, self.session, **params)

    def open(self, path: Path) -> None:
        """Open a report, and wait until all of its charts are drawn."""
        self.ask("Page.bringToFront")
        self.ask("Page.navigate", url=path.as_uri())
        loaded = "new Promise((done) => addEventListener('load', done))"
        self.run(f"document.readyState === 'complete' || {loaded}")
        self.run(DRAWN)

    def run(self, script: str) -> Any:
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _told(self, *methods: str) -> list[dict[str, Any]]:
        mine = (one for one in self.chromium.events if one.get("sessionId") == self.session)
        return [one["params"] for one in mine if one["method"] in methods]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """What stands in the console: errors, warnings, what was forbidden."""
        return self._told("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")

    @property
    def requests(self) -> list[str]:
        """What was asked for, the page itself included."""
        return [one["request"]["url"] for one in self._told("Network.requestWillBeSent")]

    def screenshot(self, path: Path) -> None:
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.ask(
            "Page.captureScreenshot",
            captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1},
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self) -> bytes:
        return base64.b64decode(self.ask("Page.printToPDF", printBackground=True)["data"])
