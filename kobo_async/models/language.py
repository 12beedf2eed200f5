"""Languages, and services that transcribe and translate them (`models §5`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Region(Model):
    """A region where a language is spoken in its own way."""

    code: str
    name: str


@attrs.frozen(kw_only=True)
class Language(Model):
    """A language.

    `transcription_services` and `translation_services` map codes of services to the codes they use
    for the language. Lists have `url` instead of `regions`.
    """

    name: str
    code: str
    featured: bool = False
    url: str = ""
    regions: Sequence[Region] | None = None
    transcription_services: Any = attrs.field(default=None, repr=False)
    translation_services: Any = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class LanguageService(Model):
    """A service that transcribes or translates."""

    name: str
    code: str
