"""Submitting to a server."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import httpx

from kobo_async.testing import FakeForm

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
THREE = "33333333-3333-4333-8333-333333333333"
PNG = b"\x89PNG\r\n\x1a\n--boundary\r\n"


def xml(form: FakeForm, answers: str = "", uuid: str = ONE, meta: str = "", **root: str) -> str:
    attributes = {"id": form.uid, "version": "1", **root}
    text = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    formhub = f"<formhub><uuid>{form.form_uuid}</uuid></formhub>"
    meta = f"<meta><instanceID>uuid:{uuid}</instanceID>{meta}</meta>"
    return f"<{form.uid} {text}>{formhub}{answers}{meta}</{form.uid}>"


async def post(
    client: httpx.AsyncClient, text: str, *files: tuple[str, bytes], path: str = "/submission"
) -> httpx.Response:
    parts: list[Any] = [("xml_submission_file", ("s.xml", text.encode(), "text/xml"))]
    parts += [(name, (name, content, "image/png")) for name, content in files]
    return await client.post(path, files=parts)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - what the fake server wrote


def said(reply: httpx.Response) -> str:
    return next(iter(parsed(reply.text))).text or ""
