"""Which renderer answers: the rules of the framework KPI is written in."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kobo_async.testing.messages import HTML, JSON, NOT_FOUND, XML, RefusedError


@attrs.frozen
class Renderer:
    """One way to write a reply."""

    format: str
    media_type: str
    content_type: str


AS_JSON = Renderer("json", "application/json", JSON)
AS_GEOJSON = Renderer("geojson", "application/json", "application/json; charset=utf-8")
AS_XML = Renderer("xml", "application/xml", XML)
AS_HTML = Renderer("api", "text/html", HTML)
AS_XFORM = Renderer("xml", "application/xml", XML)
AS_XLSFORM = Renderer("xls", "application/vnd.ms-excel", "application/vnd.ms-excel")

DEFAULT = (AS_JSON, AS_HTML)
ASSET = (*DEFAULT, AS_XFORM, AS_XLSFORM)
DATA_LIST = (AS_JSON, AS_GEOJSON, AS_XML, AS_HTML)


def negotiate(renderers: Sequence[Renderer], accept: str, wanted: str | None) -> Renderer:
    """Choose by format first, then by Accept, most specific media types first; `q=` is ignored.

    `?format=xml` with `Accept: application/json` matches nothing: 406.
    """
    if wanted:
        renderers = [one for one in renderers if one.format == wanted]
        if not renderers:
            raise RefusedError(404, NOT_FOUND)
    ranges = _ranges(accept)
    for precedence in (2, 1, 0):
        for renderer in renderers:
            if any(p == precedence and _fits(m, renderer.media_type) for m, p in ranges):
                return renderer
    raise RefusedError(406, {"detail": "Could not satisfy the request Accept header."})


def accepts_html(accept: str) -> bool:
    """Tell whether an error page of the site may be HTML."""
    return any(_fits(media, "text/html") for media, _ in _ranges(accept))


def _ranges(accept: str) -> list[tuple[str, int]]:
    media = [part.split(";")[0].strip().lower() for part in (accept or "*/*").split(",")]
    return [(one, 0 if one == "*/*" else 1 if one.endswith("/*") else 2) for one in media]


def _fits(media_range: str, media_type: str) -> bool:
    main, _, sub = media_range.partition("/")
    wanted_main, _, wanted_sub = media_type.partition("/")
    return main in {"*", wanted_main} and sub in {"*", wanted_sub}
