"""Settings files, and settings loaded from nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kobo_async.config import Settings, Token, load

OWN = "https://own.example"
ENV = {"KOBO_URL": "https://env.example", "KOBO_TOKEN": "env-token"}
FILE = """
default = "work"

[profiles.work]
server = "https://work.example"
token = "work-token"
openrosa = "https://kc.work.example/"

[profiles.lan]
server = "http://lan.example"
username = "alice"
password = "lan-password"
allow_http = true

[profiles.bare]
token = "bare-token"
"""


class File:
    """A settings file that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.toml"

    def holding(self, text: str, mode: int = 0o600) -> Path:
        self.path.write_text(text, encoding="utf-8")
        self.path.chmod(mode)
        return self.path


def token(settings: Settings) -> str:
    assert isinstance(settings.credentials, Token)
    return settings.credentials.secret.reveal()


def loaded(*args: Any, **kwargs: Any) -> Settings:
    return load(*args, **{"environ": {}, **kwargs})
