"""Imports of XLSForms (`/api/v2/imports/`).

The server takes every import, even one without a file, and tells only later what became of it:
`create` and its like return a task, to be fetched with `get` until it is `finished`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Call, Omit, Op, Paging, Upload, given
from kobo_async.models.arguments import as_base64
from kobo_async.models.imports import ImportTask
from kobo_async.models.links import asset_link
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/imports/", ImportTask, paging=Paging.COUNTED)
CREATE = Op("POST", LIST.path, ImportTask, repeatable=False)
GET = Op("GET", "/api/v2/imports/{uid_import}/", ImportTask)

ImportedType: TypeAlias = Literal["survey", "template", "block", "question"]


@attrs.frozen
class Imports:
    """Imports of XLSForms into one server. It keeps the tasks for 90 days."""

    _sender: Sender

    def list(self, *, page_size: int = 1000) -> Pages[ImportTask]:
        """List the caller's imports, the oldest first.

        Releases of 2026 answer 500 whatever is there (`observed §10`): keep the uid of an import.

        Permission: any account. Errors: ServerError.
        """
        return self._sender.pages(LIST.at(query={"limit": page_size}))

    async def create(
        self,
        *,
        content: bytes,
        filename: str,
        library: bool = False,
        desired_type: ImportedType | Omit = OMIT,
    ) -> ImportTask:
        """Start to import an XLS or XLSX file as a new project, or with `library` as an item.

        The project is named by `form_title` in the file's settings, not by `filename`. Other
        formats, CSV among them, end as an error of the task.

        Permission: any account. Errors: AuthenticationFailed. `api-facts §4.4`.
        """
        form = _form(filename, library=library, desired_type=desired_type)
        return await self._sender.send(_uploaded(form, filename, content))

    async def create_from_url(
        self,
        *,
        url: str,
        filename: str | Omit = OMIT,
        library: bool = False,
        desired_type: ImportedType | Omit = OMIT,
    ) -> ImportTask:
        """Start an import of a file that the server itself fetches.

        The server must be able to reach `url`; what goes wrong there is an error of the task.
        Permission and errors: see `create`.
        """
        form = _form(filename, library=library, desired_type=desired_type)
        return await self._sender.send(CREATE.at(form={**form, "url": url}))

    async def create_from_base64(
        self,
        *,
        encoded: str,
        filename: str,
        library: bool = False,
        desired_type: ImportedType | Omit = OMIT,
    ) -> ImportTask:
        """Start an import of a file that is at hand as base64 or as a `data:` URL.

        The server accepts no more than 10 MiB this way. Permission and errors: see `create`.
        """
        form = _form(filename, library=library, desired_type=desired_type)
        form["base64Encoded"] = as_base64(encoded)
        return await self._sender.send(CREATE.at(form=form))

    async def replace(self, *, destination: str, content: bytes, filename: str) -> ImportTask:
        """Start to replace the whole form of an asset, named by uid or URL, by that of a file.

        What the file leaves out is gone from the form; the versions before keep it. Deploy again
        for it to take effect. A collection cannot be replaced.

        Permission: `change_asset`; without it the task ends in an error. Errors: see `create`.
        """
        form = {"name": filename, "library": "false", "destination": asset_link(destination)}
        return await self._sender.send(_uploaded(form, filename, content))

    async def get(self, uid_import: str) -> ImportTask:
        """Fetch an import, to see whether it is `finished`, and what it made.

        Permission: the caller's own imports. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_import))


def _form(
    filename: str | Omit, *, library: bool, desired_type: ImportedType | Omit
) -> dict[str, str]:
    """Return the fields of the form: the server takes an absent `library` for true."""
    word = "true" if library else "false"
    return given(name=filename, library=word, desired_type=desired_type)


def _uploaded(form: dict[str, str], filename: str, content: bytes) -> Call[ImportTask]:
    return CREATE.at(form=form, files=[Upload("file", filename, content)])
