"""Names of files that stay in their folder, whatever the server calls them.

A name is a relative path with `/` between its parts. Every part is one that Linux, macOS and
Windows take for the name of a file and for nothing else: no `..`, no drive, no device, no control
character, at most 255 bytes. Two names that differ only in case, or in how an accent is encoded,
are the same file on some systems, and so they have the same `key`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from string import Formatter
from typing import Final

from kobo_async.errors import ConfigError
from kobo_async.sinks.names import JOINERS, SHORT, as_seen, no_device

FIELDS: Final = frozenset(
    {"question_xpath", "question", "_id", "root_uuid", "uid", "stem", "ext", "name"}
)
DEFAULT: Final = "{question_xpath}/{_id}{ext}"
LONGEST_PART: Final = 240
"""Bytes; what is left of 255 is for numbers of names that are taken."""
LONGEST_PATH: Final = 900
MOST_PARTS: Final = 30
EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,16}\Z")
BLANKS: Final = f" {JOINERS}"
UNFIT: Final = frozenset('<>:"/\\|?*')
UNFIT_KINDS: Final = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})


def part(text: str, longest: int = LONGEST_PART) -> str:
    """Make one part of a name out of any text."""
    composed = SHORT.sub("_", unicodedata.normalize("NFC", text))
    kept = "".join(char if _fits(char) else "_" for char in composed)
    name = _cut(kept.strip(BLANKS), longest - 1).strip(BLANKS).rstrip(f"{BLANKS}.")
    if name.startswith("."):
        name = f"_{name[1:]}"
    return no_device(name) or "_"


def path(text: str) -> str:
    """Make a name out of any text, in which `/` separates the parts."""
    parts = [one for one in text.split("/") if one] or [""]
    if len(parts) > MOST_PARTS:
        parts[MOST_PARTS - 1 :] = ["_".join(parts[MOST_PARTS - 1 :])]
    longest = min(LONGEST_PART, LONGEST_PATH // len(parts))
    return "/".join(part(one, longest) for one in parts)


def numbered(name: str, number: int) -> str:
    """Put a number into a name that is taken: `photo/7.jpg` becomes `photo/7-2.jpg`."""
    folder, slash, last = name.rpartition("/")
    stem, ext = split(last)
    return f"{folder}{slash}{stem}-{number}{ext}"


def key(name: str) -> str:
    """Return what is equal for all names that are one file on some system."""
    folded = unicodedata.normalize("NFD", as_seen(name)).casefold()
    return unicodedata.normalize("NFC", folded)


def split(name: str) -> tuple[str, str]:
    """Return a name without its extension, and the extension with its dot."""
    found = EXTENSION.search(name, 1)
    return (name[: found.start()], found[0]) if found else (name, "")


def _fits(char: str) -> bool:
    if char in UNFIT:
        return False
    return char in JOINERS or unicodedata.category(char) not in UNFIT_KINDS


def _cut(name: str, longest: int) -> str:
    """Shorten a name to so many bytes, and leave it its extension."""
    if len(name.encode()) <= longest:
        return name
    stem, ext = split(name)
    return stem.encode()[: longest - len(ext)].decode(errors="ignore") + ext


class Template:
    """How names are made from what is known of an attachment.

    Raises:
        ConfigError: for a pattern that cannot be filled.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            named = [(field, spec) for _, field, spec, _ in Formatter().parse(text)]
            if unknown := {field for field, _ in named if field is not None} - FIELDS:
                raise ConfigError(
                    f"there is no field {min(unknown)!r}: {', '.join(sorted(FIELDS))}"
                )
            if any("{" in (spec or "") for _, spec in named):
                raise ConfigError("a format cannot have fields of its own")
            self.fill(dict.fromkeys(FIELDS - {"_id"}, "x"), 1)
        except (ValueError, LookupError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"the name {text!r} cannot be filled: {error}") from error

    def fill(self, texts: Mapping[str, str], submission: int) -> str:
        """Return the name of one file. Only `question_xpath` may make folders."""
        flat = {
            name: text if name == "question_xpath" else text.replace("/", "_")
            for name, text in texts.items()
        }
        return path(self._text.format_map({**flat, "_id": submission}))
