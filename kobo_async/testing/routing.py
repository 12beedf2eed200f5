"""From a path to a view, and from a view to a reply."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import attrs
import orjson

from kobo_async.testing import routes_data, routes_projects, views_account, views_assets
from kobo_async.testing.auth import authenticate
from kobo_async.testing.messages import (
    HTML,
    JSON,
    PLAIN_VARY,
    XML,
    CrashError,
    PageMissingError,
    RefusedError,
    Reply,
    RequestInfo,
    UnseenError,
    json_reply,
    not_allowed,
)
from kobo_async.testing.negotiation import (
    AS_HTML,
    AS_JSON,
    AS_XML,
    Renderer,
    accepts_html,
    negotiate,
)
from kobo_async.testing.pages import (
    CRASH_JSON,
    CRASH_PAGE,
    GONE_PAGE,
    NOT_FOUND_PAGE,
    NOT_FOUND_TEXT,
    OPENROSA_SLASH,
    browsable,
)
from kobo_async.testing.paths import ASSET, SLASH, SUFFIX, V2
from kobo_async.testing.render import xml_error
from kobo_async.testing.views import Asked, View
from kobo_async.testing.xlsform import MissingLibraryError

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

ROUTES: Final[tuple[tuple[re.Pattern[str], View], ...]] = tuple(
    (re.compile(pattern), view)
    for pattern, view in (
        (rf"{V2}/assets{SUFFIX}", views_assets.LIST),
        *routes_data.PATHS,
        *routes_projects.PATHS,
        (rf"{ASSET}/versions{SUFFIX}", views_assets.VERSIONS),
        (rf"{ASSET}/versions/(?P<version>[^/.]+){SUFFIX}", views_assets.VERSION),
        (rf"{V2}/environment{SUFFIX}", views_account.ENVIRONMENT),
        (rf"/me{SLASH}", views_account.ME),
        (rf"/token{SLASH}", views_account.TOKEN),
        (rf"{ASSET}{SUFFIX}", views_assets.DETAIL),
    )
)
_UNBUILT: Final = re.compile(
    rf"""{V2}/(?:
          scim/v2/.+
        | stripe/.+
        | asset_snapshots/[^/]+/(?:formList|manifest|submission|xform/|xml_with_disclaimer/)
        )
    | /me/(?:emails|social-accounts)/.*
    | /collector/.+""",
    re.VERBOSE,
)
"""What a real server may have and nobody has recorded."""
_GONE: Final = re.compile(r"/(?:api/v1|assets|exports|imports|users)(?:/|$)")
_OPENROSA: Final = re.compile(r"(?:/[^/]+)?/submission/$")
_REDIRECT_VARY: Final = "Accept-Language, Cookie, origin"
_COOKIE_AGE: Final = timedelta(days=7)
_GONE_VARY: Final = "Accept, origin, Accept-Language"
_OPENROSA_VARY: Final = "Accept-Language, origin"
_TRANSLATIONS: Final = {"fr": {"Not found.": "Non trouvé."}}


def respond(fake: FakeKobo, info: RequestInfo) -> Reply:
    """Answer a request."""
    try:
        found = _find(info.path)
        if found is not None:
            return _inside(fake, info, *found)
        if _UNBUILT.fullmatch(info.path):
            return _unbuilt(info)
        reply = _outside(info)
    except PageMissingError:
        is_html = accepts_html(info.headers.get("accept", ""))
        reply = Reply(404, NOT_FOUND_PAGE if is_html else NOT_FOUND_TEXT, HTML)
    return _stamped(fake, reply, attrs.evolve(info, user=None), PLAIN_VARY, None)


def _find(path: str) -> tuple[View, dict[str, str], str | None] | None:
    for pattern, view in ROUTES:
        match = pattern.fullmatch(path)
        if match:
            params = {name: value for name, value in match.groupdict().items() if value}
            return view, params, params.pop("suffix", None)
    return None


def _outside(info: RequestInfo) -> Reply:
    """Answer what is not part of the API: removed paths, forgotten slashes, anything else."""
    if _GONE.match(info.path):
        return Reply(410, GONE_PAGE, HTML, {"allow": "OPTIONS", "vary": _GONE_VARY})
    if _OPENROSA.fullmatch(info.path):
        return Reply(404, OPENROSA_SLASH, HTML, {"vary": _OPENROSA_VARY})
    if not info.path.endswith("/") and _find(f"{info.path}/") is not None:
        query = f"?{urlencode(info.pairs)}" if info.pairs else ""
        location = f"{quote(info.path, safe='/:')}/{query}"
        return Reply(301, b"", HTML, {"location": location, "vary": _REDIRECT_VARY})
    raise PageMissingError


def _inside(
    fake: FakeKobo, info: RequestInfo, view: View, params: dict[str, str], suffix: str | None
) -> Reply:
    form = fake.forms.get(params.get("asset", ""))
    if form is None and view.outside:
        raise PageMissingError
    accept = info.headers.get("accept", "")
    renderer = AS_JSON
    info = attrs.evolve(info, user=None)
    try:
        if view.negotiated:
            renderer = negotiate(view.renderers, accept, suffix or info.query.get("format"))
        info = attrs.evolve(info, user=authenticate(fake, info.headers.get("authorization", "")))
        asked = Asked(fake, info, params, suffix, form, renderer)
        reply = _dress(_called(view, asked), renderer)
    except RefusedError as refusal:
        written = view.refuse(refusal) if view.refuse and renderer is not AS_JSON else None
        reply = written or _refusal(refusal, renderer, info)
    except (MissingLibraryError, UnseenError):
        reply = _unbuilt(info)
    except CrashError:
        is_html = accepts_html(accept)
        reply = Reply(500, CRASH_PAGE, HTML) if is_html else Reply(500, CRASH_JSON, JSON)
        return _stamped(fake, reply, info, PLAIN_VARY, None)
    return _stamped(fake, reply, info, view.vary, view.allow)


def _called(view: View, asked: Asked) -> Reply:
    if view.check is not None:
        view.check(asked)
    method = "GET" if asked.info.method == "HEAD" else asked.info.method
    handler = view.handlers.get(asked.info.method) or view.handlers.get(method)
    if handler is not None:
        return handler(asked)
    if method in view.allow.split(", "):
        return _unbuilt(asked.info)
    raise not_allowed(asked.info.method)


def _unbuilt(info: RequestInfo) -> Reply:
    """Say that the real server answers this and the fake one does not."""
    text = f"FakeKobo does not implement {info.method} {info.path}"
    return json_reply({"detail": text}, 501)


def _dress(reply: Reply, renderer: Renderer) -> Reply:
    """Turn JSON into the page a browser asked for."""
    if renderer is AS_HTML and reply.content_type == JSON:
        return attrs.evolve(reply, body=browsable(orjson.loads(reply.body)), content_type=HTML)
    return reply


def _refusal(refusal: RefusedError, renderer: Renderer, info: RequestInfo) -> Reply:
    content = _translated(refusal.content, _language(info))
    if renderer is AS_XML:
        return Reply(refusal.status, xml_error(content), XML, refusal.headers)
    reply = Reply(refusal.status, orjson.dumps(content), JSON, refusal.headers)
    return _dress(reply, renderer)


def _language(info: RequestInfo) -> str:
    first = info.headers.get("accept-language", "en").split(",")[0].split(";")[0].strip()
    language = first.split("-")[0].lower()
    return language if language in _TRANSLATIONS else "en"


def _translated(content: object, language: str) -> object:
    texts = _TRANSLATIONS.get(language)
    if texts is None or not isinstance(content, dict):
        return content
    return {name: texts.get(value, value) for name, value in content.items()}


def _stamped(
    fake: FakeKobo, reply: Reply, info: RequestInfo, vary: str, allow: str | None
) -> Reply:
    """Add the headers that every reply of the site carries."""
    language = _language(info)
    expires = format_datetime(fake.now().astimezone(UTC) + _COOKIE_AGE, usegmt=True)
    cookie = f"django_language={language}; expires={expires}; Max-Age=604800; Path=/"
    headers = {"content-language": language, "set-cookie": cookie, "vary": vary, **reply.headers}
    if allow:
        headers["allow"] = allow
    if info.user is not None and not reply.nameless:
        headers["x-kobonaut"] = info.user
    return attrs.evolve(reply, headers=headers)
