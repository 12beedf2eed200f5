"""Forms as files (observed §3)."""

from __future__ import annotations

from typing import Final

from kobo_async.testing.messages import XML, CrashError, Reply
from kobo_async.testing.views import Asked
from kobo_async.testing.xlsform import FormError, make_xform, make_xlsx

_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; charset=utf-8"


def download(asked: Asked, form_format: str) -> Reply:
    """Answer `/assets/{uid}.xls` (which is XLSX) and `.xml`; a broken form crashes."""
    form = asked.existing
    try:
        if form_format == "xls":
            return _attached(make_xlsx(form.content), _SHEET, f"{form.uid}.xlsx")
        xform = make_xform(form.content, form.name, form.uid)
    except FormError:
        raise CrashError from None
    return _attached(xform.encode(), XML, f"{form.uid}.xml")


def _attached(body: bytes, content_type: str, filename: str) -> Reply:
    headers = {"content-disposition": f"attachment; filename={filename}"}
    return Reply(200, body, content_type, headers)
