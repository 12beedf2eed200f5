"""What a dry run shows, and what it does not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from kobo_async.call import Call, Op, Upload
from kobo_async.cli import progress, terminal
from kobo_async.cli.plans import Planned, described, show_plan
from kobo_async.cli.secrets import masked, shown_address

from .test_terminal import Screen

POST: Op[Any] = Op("POST", "/api/v2/things/{uid}/", object)


def test_secrets_do_not_show():
    call = POST.at("a", query={"token": "s"}, json={"settings": {"password": "s", "name": "n"}})
    shown = described(call)
    assert shown["query"] == {"token": "•••"}
    assert shown["json"] == {"settings": {"password": "•••", "name": "n"}}


def test_secrets_in_lists_do_not_show():
    assert masked([{"Secret": ["s"], "x": ("y", 1), "token": ""}]) == [
        {"Secret": "•••", "x": ["y", 1], "token": ""}
    ]
    assert masked({"endpoint": None}) == {"endpoint": None}


def test_an_address_loses_what_may_open_it():
    assert shown_address("https://a:b@host/path?key=s#x") == "https://•••@host/path?•••"
    assert shown_address("https://host/path") == "https://host/path"


def test_files_are_named_and_not_shown():
    call: Call[Any] = POST.at(
        "a", form={"description": "d"}, files=[Upload("content", "a.csv", b"\x1b[2J")]
    )
    assert described(call)["files"] == [{"name": "a.csv", "bytes": 4}]


def test_the_number_of_requests_is_told(capsys: pytest.CaptureFixture[str]):
    show_plan(Planned((), whole=True), as_json=False)
    show_plan(Planned((POST.at("a"), POST.at("b")), whole=False), as_json=False)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "method\tpath\tquery\tbody",
        "POST\t/api/v2/things/a/\t\t",
        "POST\t/api/v2/things/b/\t\t",
    ]
    none, two = err.splitlines()
    assert none == "dry run: 0 requests would be sent, none was"
    assert two.startswith("dry run: 2 requests would be sent, none was; what follows")


def test_somebody_can_be_asked_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", Screen())
    monkeypatch.setattr(sys, "stderr", Screen())
    assert terminal.can_ask()
    monkeypatch.undo()
    assert not terminal.can_ask()


def test_waiting_shows_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress.waiting("exporting [b]x\x1b"):
        pass
    assert "exporting [b]x\\x1b" in screen.getvalue()
