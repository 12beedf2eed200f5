"""XForms and XLSForms of the content of an asset, as far as pyxform and openpyxl are there."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

from kobo_async.testing.standardize import flattened

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm

_SHEETS = ("survey", "choices", "settings")


class FormError(Exception):
    """Content that makes no form."""


class MissingLibraryError(Exception):
    """What was asked for needs a library that is not installed."""


def check_form(content: dict[str, Any], name: str, uid: str) -> None:
    """Refuse content that cannot be deployed.

    Raises:
        FormError: for a name used twice, and for whatever pyxform refuses if it is installed.
    """
    seen: set[str] = set()
    for row in content.get("survey", []):
        field = row.get("$autoname")
        if field in seen:
            raise FormError(
                f"asset.content improperly formatted for XLS export: Duplicate name error: {field}"
            )
        if field:
            seen.add(field)
    if find_spec("pyxform") is not None:
        make_xform(content, name, uid)


def make_xform(
    content: dict[str, Any], name: str, uid: str, settings: dict[str, str] | None = None
) -> str:
    """Return the XForm of the content; its root is named after the asset.

    Raises:
        FormError: for content that pyxform refuses.
        MissingLibraryError: without pyxform.
    """
    convert = _needed("pyxform.xls2xform").convert
    sheets = {name: [_sheet_row(row) for row in rows] for name, rows in flattened(content).items()}
    sheets["settings"][0] = {
        "id_string": uid,
        **sheets["settings"][0],
        "form_title": name,
        **(settings or {}),
    }
    for sheet in _SHEETS:
        sheets.setdefault(sheet, [])
    try:
        return str(convert(sheets, pretty_print=True, form_name=uid).xform)
    except Exception as error:
        raise FormError(str(error)) from error


def make_deployed_xform(form: FakeForm) -> str:
    """Return the XForm that clients download: it names the form and its version.

    Raises:
        FormError: for content that pyxform refuses.
        MissingLibraryError: without pyxform.
    """
    version = str(form.raw_asset["deployed_version_id"])
    row = {"type": "calculate", "name": "__version__", "calculation": f"'{version}'"}
    content = {**form.content, "survey": [*form.content.get("survey", []), row]}
    settings = {"id_string": form.uid, "version": form.form_version}
    xform = make_xform(content, form.name, form.uid, settings)
    path = f'nodeset="/{form.uid}/formhub/uuid"'
    bind = f'  <bind {path} type="string" calculate="\'{form.form_uuid}\'"/>\n    </model>'
    xform = xform.replace("</model>", bind, 1)
    xform = re.sub(rf"(<{form.uid} [^>]*>)", r"\1<formhub><uuid/></formhub>", xform, count=1)
    return xform.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>', 1)


def _needed(module: str) -> Any:
    """Return a module of an optional library."""
    if find_spec(module.partition(".")[0]) is None:
        raise MissingLibraryError(module)
    return import_module(module)


def _sheet_row(row: dict[str, Any]) -> dict[str, str]:
    """Return a row as it would stand in a sheet."""
    return {name: str(value) for name, value in row.items() if name[0] != "$" and value is not None}


def make_xlsx(content: dict[str, Any]) -> bytes:
    """Return the XLSForm of the content.

    Raises:
        MissingLibraryError: without openpyxl.
    """
    sheets = {
        name: [_sheet_row(row) for row in rows] for name, rows in flattened(content).items() if rows
    }
    return write_xlsx({name: table_of(rows) for name, rows in sheets.items()})


def table_of(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Return a header and the rows below it."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def write_xlsx(sheets: dict[str, list[list[Any]]]) -> bytes:
    """Write sheets of cells.

    Raises:
        MissingLibraryError: without openpyxl.
    """
    book = _needed("openpyxl").Workbook(write_only=True)
    for title, table in sheets.items():
        sheet = book.create_sheet(title[:31])
        for line in table:
            sheet.append(line)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read_xlsx(data: bytes) -> dict[str, Any]:
    """Return the sheets of an XLSForm as content that is not yet standardized.

    Raises:
        FormError: for what is no workbook.
        MissingLibraryError: without openpyxl.
    """
    load = _needed("openpyxl").load_workbook
    try:
        book = load(BytesIO(data), read_only=True, data_only=True)
    except Exception as error:
        raise FormError("Unsupported format, or corrupt file") from error
    try:
        return {
            sheet.title.strip().lower(): list(_rows_of(sheet.iter_rows(values_only=True)))
            for sheet in book.worksheets
        }
    finally:
        book.close()


def _rows_of(lines: Any) -> Any:
    header: list[str] | None = None
    for line in lines:
        if header is None:
            header = [str(cell).strip() if cell is not None else "" for cell in line]
            continue
        row = {
            column: _cell(cell)
            for column, cell in zip(header, line, strict=False)
            if column and cell is not None and str(cell).strip()
        }
        if row:
            yield row


def _cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
