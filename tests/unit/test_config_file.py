"""The settings file: where it lies, who may read it, and what must stand in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kobo_async.config import config_path, load
from kobo_async.errors import ConfigError
from tests.unit.files import FILE, File, loaded, token


def test_a_missing_default_file_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no server"):
        load(environ={"XDG_CONFIG_HOME": str(tmp_path)})


@pytest.mark.parametrize("how", ["argument", "environment", "profile"])
def test_a_file_that_was_asked_for_must_be_there(how: str, tmp_path: Path) -> None:
    path = tmp_path / "kobo-async" / "config.toml"
    ways: dict[str, dict[str, Any]] = {
        "argument": {"config": path, "environ": {}},
        "environment": {"environ": {"KOBO_CONFIG": str(path)}},
        "profile": {"profile": "work", "environ": {"XDG_CONFIG_HOME": str(tmp_path)}},
    }

    with pytest.raises(ConfigError, match="cannot be read"):
        load(**ways[how])


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(file: File, mode: int) -> None:
    with pytest.raises(ConfigError, match="chmod 600"):
        loaded(config=file.holding(FILE, mode))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not toml [", "not valid TOML"),
        ('default = "none"', "has no profile 'none'; it has none"),
        (FILE.replace('default = "work"', 'default = "home"'), "it has work, lan, bare"),
        ('default = "x"\nprofiles = "y"', "has no profile 'x'"),
        ('default = "x"\nprofiles.x = "y"', "has no profile 'x'"),
        ("[profiles.work]", "no server"),
        ('default = "w"\n[profiles.w]\nserver = "eu"', "no credentials"),
        ('default = "w"\n[profiles.w]\nserver = "eu"\nusername = "a"', "no credentials"),
        ('default = "w"\n[profiles.w]\nserver = "eu"\ntoken = 5', "text, not int"),
        ('default = "w"\n[profiles.w]\nserver = 5\ntoken = "t"', "server is an address"),
        ('default = "w"\n[profiles.w]\nserver = "eu"\nusername = 5\npassword = "p"', "user name"),
        ('default = "w"\n[profiles.w]\nserver = "eu"\ntoken_file = 5', "cannot be read"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(file: File, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        loaded(config=file.holding(text))


def test_a_file_that_is_no_text_is_refused(file: File) -> None:
    file.holding("")
    file.path.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="cannot be read"):
        loaded(config=file.path)


def test_a_token_may_stand_in_a_file_of_its_own(file: File, tmp_path: Path) -> None:
    own = tmp_path / "token"
    own.write_text(" file-token\n")
    own.chmod(0o600)
    file.holding(f'[profiles.w]\nserver = "eu"\ntoken = "unused"\ntoken_file = "{own}"')

    assert token(loaded(profile="w", config=file.path)) == "file-token"

    own.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        loaded(profile="w", config=file.path)


def test_the_file_lies_in_the_folder_for_settings(tmp_path: Path) -> None:
    assert config_path({"KOBO_CONFIG": "~/x.toml"}) == Path("~/x.toml").expanduser()
    assert config_path({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "kobo-async/config.toml"
    assert config_path({"APPDATA": str(tmp_path)}) == tmp_path / "kobo-async/config.toml"
    assert config_path({}) == Path("~/.config/kobo-async/config.toml").expanduser()
