"""The HTML and text that KPI answers where a client hopes for JSON (observed §0)."""

from __future__ import annotations

from html import escape
from typing import Any

import orjson

_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
  </head>
  <body>
    {content}
  </body>
</html>
"""


def page(title: str, content: str) -> bytes:
    """Return a small HTML page."""
    return _PAGE.format(title=escape(title), content=content).encode()


NOT_FOUND_PAGE = page(
    "KoboToolbox",
    "<h1>Page not found (404)</h1>\n    This page does not exist on the server.",
)
NOT_FOUND_TEXT = b"Resource not found (404)"
CRASH_PAGE = page(
    "KoboToolbox",
    "<h1>Server error (500)</h1>\n    Something went wrong with your request.",
)
CRASH_JSON = b'{"error":"Server Error (500)"}'
OPENROSA_SLASH = (
    b"OpenRosa endpoints do not accept a trailing slash. Retry the request at /submission"
)


def browsable(content: Any) -> bytes:
    """Return the page a browser gets in place of JSON."""
    text = orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()
    return page("KoboToolbox API", f"<h1>KoboToolbox API</h1>\n    <pre>{escape(text)}</pre>")


GONE_PAGE = browsable({"detail": "The V1 API has been removed. Please read the migration article."})


def proxy_page(status: int, phrase: str) -> bytes:
    """Return the page of a web server in front of KPI."""
    title = f"{status} {phrase}"
    return page(title, f"<center><h1>{title}</h1></center><hr><center>nginx</center>")
