"""Languages, and services for them (`/api/v2/languages/` and others)."""

from __future__ import annotations

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.errors import QueryError
from kobo_async.models.language import Language, LanguageService
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/languages/", Language, paging=Paging.COUNTED)
GET = Op("GET", "/api/v2/languages/{code}/", Language)
TRANSCRIPTION_SERVICES = Op(
    "GET", "/api/v2/transcription-services/", LanguageService, paging=Paging.COUNTED
)
GET_TRANSCRIPTION_SERVICE = Op("GET", "/api/v2/transcription-services/{code}/", LanguageService)
TRANSLATION_SERVICES = Op(
    "GET", "/api/v2/translation-services/", LanguageService, paging=Paging.COUNTED
)
GET_TRANSLATION_SERVICE = Op("GET", "/api/v2/translation-services/{code}/", LanguageService)

SHORTEST_WORD = 2


@attrs.frozen
class Languages:
    """Languages that can be transcribed and translated. `q` has two letters at least."""

    _sender: Sender

    def list(self, *, q: str | Omit = OMIT, page_size: int = 1000) -> Pages[Language]:
        """List languages. Permission: none needed. Errors: QueryError for a `q` too short."""
        return self._sender.pages(LIST.at(query=given(q=_long_enough(q), limit=page_size)))

    async def get(self, code: str) -> Language:
        """Fetch a language by its code, such as `fr`. Permission: none needed."""
        return await self._sender.send(GET.at(code))

    def transcription_services(
        self, *, q: str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[LanguageService]:
        """List services that transcribe. Permission: any account. Errors: QueryError."""
        query = given(q=_long_enough(q), limit=page_size)
        return self._sender.pages(TRANSCRIPTION_SERVICES.at(query=query))

    async def get_transcription_service(self, code: str) -> LanguageService:
        """Fetch a service that transcribes. Permission: any account."""
        return await self._sender.send(GET_TRANSCRIPTION_SERVICE.at(code))

    def translation_services(
        self, *, q: str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[LanguageService]:
        """List services that translate. Permission: any account. Errors: QueryError."""
        query = given(q=_long_enough(q), limit=page_size)
        return self._sender.pages(TRANSLATION_SERVICES.at(query=query))

    async def get_translation_service(self, code: str) -> LanguageService:
        """Fetch a service that translates. Permission: any account."""
        return await self._sender.send(GET_TRANSLATION_SERVICE.at(code))


def _long_enough(q: str | Omit) -> str | Omit:
    if not isinstance(q, Omit) and len(q.strip()) < SHORTEST_WORD:
        raise QueryError(f"{q!r} is too short: the server searches words of two letters up")
    return q
