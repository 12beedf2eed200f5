"""What is logged: events with their fields, and no secrets whoever logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
import structlog

from kobo_async import KoboClient, KoboError, events
from kobo_async.config import Anonymous, Password, Secret, Settings, Token
from kobo_async.observability.describing import SENTENCES, level
from kobo_async.observability.logs import JsonLines, Logs, Redacting
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from kobo_async.webhook import events as received
from tests.hostile.canaries import PASSWORD, TOKEN, assert_clean

EVENTS: list[Any] = [
    events.Replied("GET /x/", 200, 0.5, "GET /{a}/"),
    events.Replied("GET /x/", None, 0.5),
    events.Retrying("GET /x/", KoboError("busy"), 1, 2.0),
    events.Paused(30),
    events.LimitChanged(5),
    events.BreakerChanged(open=True),
    events.BreakerChanged(open=False),
    events.DownloadBegan(1, "a1"),
    events.DownloadEnded(1, "a1", 5, complete=True, seconds=0.5),
    events.DownloadEnded(1, "a1", 5, complete=False, seconds=0.5),
    events.DownloadEnded(1, "a1", 5, complete=False, seconds=0.5, error="NotFound"),
    received.Received("a1", known=True),
    received.Refused(401),
    received.Worked("a1", "run", 3, 1.0, 2.0),
    received.Worked("a1", "run", 3, 1.0, 2.0, "ServerBusy"),
    received.SetAside("a1", "u", "ValueError"),
]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("kobo_async.test")
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.handlers.clear()


@pytest.fixture
def handler(logger: logging.Logger) -> logging.StreamHandler[io.StringIO]:
    handler = logging.StreamHandler(io.StringIO())
    logger.addHandler(handler)
    return handler


def lines(handler: logging.StreamHandler[io.StringIO]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in handler.stream.getvalue().splitlines()]


def fail(logger: logging.Logger, why: str, **extra: Any) -> None:
    try:
        raise_it(ValueError(why))
    except ValueError:
        logger.exception("it broke, %s", why, extra=extra)


def raise_it(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_every_event_is_one_record_with_its_fields(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture, event: Any
):
    Logs(logger)(event)
    (record,) = caplog.records
    assert record.levelno == level(event)
    assert (
        record.kobo_event in {"replied", "retrying", "paused"}
        or "_" in record.kobo_event
        or (record.kobo_event in {"received", "refused", "worked"})
    )
    for name in type(event).__attrs_attrs__:
        value = getattr(event, name.name)
        shown = type(value).__name__ if isinstance(value, Exception) else value
        assert getattr(record, f"kobo_{name.name}") == shown


def test_there_is_a_sentence_for_every_event():
    assert set(SENTENCES) == {*get_args(events.Event), *get_args(received.Event)}
    assert {type(event) for event in EVENTS} == set(SENTENCES)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (EVENTS[0], "GET /x/ answered 200 after 0.50 s"),
        (EVENTS[1], "GET /x/ brought no reply after 0.50 s"),
        (EVENTS[2], "GET /x/ failed, KoboError; attempt 2 in 2.0 s"),
        (EVENTS[5], "requests are held back"),
        (EVENTS[9], "download of a1 ended, not read to its end: 5 rows in 0.5 s"),
        (EVENTS[10], "download of a1 ended, NotFound: 5 rows in 0.5 s"),
        (EVENTS[14], "run for a1: ended by ServerBusy in 2.0 s"),
    ],
)
def test_messages_say_what_happened(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture, event: Any, said: str
):
    Logs(logger)(event)
    assert caplog.messages == [said]


def test_what_nobody_listens_to_is_not_put_into_words(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
):
    logger.setLevel(logging.INFO)
    Logs(logger)(EVENTS[0])
    assert caplog.records == []


def test_lines_of_json_hold_the_fields_and_the_traceback(
    logger: logging.Logger, handler: logging.StreamHandler[io.StringIO]
):
    handler.setFormatter(JsonLines())
    Logs(logger)(EVENTS[0])
    fail(logger, "no\nmore", where=["here"], when=1 + 2j)
    first, second = lines(handler)
    assert first["event"] == "replied"
    assert (first["status"], first["operation"], first["level"]) == (200, "GET /{a}/", "debug")
    assert first["time"].endswith("+00:00")
    assert second["message"] == "it broke, no\nmore"
    assert (second["where"], second["when"]) == (["here"], "(1+2j)")
    assert second["exception"].endswith("ValueError: no\nmore")


def test_structlog_takes_the_fields(
    logger: logging.Logger, handler: logging.StreamHandler[io.StringIO]
):
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    Logs(logger)(EVENTS[8])
    (line,) = lines(handler)
    assert line["event"] == "download of a1 ended, complete: 5 rows in 0.5 s"
    assert (line["kobo_event"], line["kobo_delivered"]) == ("download_ended", 5)
    assert line["level"] == "info"


SETTINGS = Settings(server="https://kobo.example", credentials=Token(TOKEN))


@pytest.mark.parametrize("formatter", [logging.Formatter(), JsonLines()])
def test_a_secret_that_somebody_logs_is_masked_wherever_it_stands(
    logger: logging.Logger,
    handler: logging.StreamHandler[io.StringIO],
    formatter: logging.Formatter,
):
    handler.setFormatter(formatter)
    handler.addFilter(Redacting(SETTINGS))
    logger.warning("sent %s", {"authorization": TOKEN}, extra={"headers": [{"a": TOKEN}]})
    fail(logger, TOKEN)
    text = handler.stream.getvalue()
    assert_clean(text)
    assert text.count("***") >= 3
    assert "ValueError: ***" in text


def test_harmless_tracebacks_are_left_to_the_formatter(logger: logging.Logger):
    record = logger.makeRecord(
        "x", logging.ERROR, "f", 1, "m", (), (ValueError, ValueError(), None)
    )
    assert Redacting(SETTINGS).filter(record)
    assert record.exc_info is not None


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Token {TOKEN}",
        f"authorization: bearer {TOKEN}",
        f"[(b'Authorization', b'Basic {TOKEN}=')]",
        f"/?auth=Token%20{TOKEN}",
    ],
)
def test_headers_are_masked_also_where_the_secret_is_not_known(
    logger: logging.Logger, handler: logging.StreamHandler[io.StringIO], text: str
):
    handler.addFilter(Redacting(Settings(server="eu", credentials=Anonymous())))
    logger.warning(text)
    assert_clean(handler.stream.getvalue())
    assert "***" in handler.stream.getvalue()


@pytest.mark.parametrize("text", ["Token authentication failed", "the token expired yesterday"])
def test_sentences_about_tokens_stay_as_they_are(
    logger: logging.Logger, handler: logging.StreamHandler[io.StringIO], text: str
):
    handler.addFilter(Redacting())
    logger.warning(text)
    assert handler.stream.getvalue() == f"{text}\n"


def test_a_filter_learns_of_further_clients(
    logger: logging.Logger, handler: logging.StreamHandler[io.StringIO]
):
    handler.addFilter(redacting := Redacting())
    redacting.add(Settings(server="eu", credentials=Password("alice", Secret(PASSWORD))))
    logger.warning("it is %s", PASSWORD)
    assert handler.stream.getvalue() == "it is ***\n"


@pytest.mark.anyio
async def test_everything_that_is_logged_of_a_job_with_troubles_holds_no_token(
    fake: FakeKobo, clock: FakeClock, form: FakeForm, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    for fault in (Fault.status(503, retry_after=1, times=1), Fault.reset(times=1)):
        fake.faults.add(fault)
    observed = {"clock": clock, "on_event": Logs()}
    async with (
        KoboClient("http://localhost", token=fake.token, app=fake, **observed) as client,
        client.submissions.stream(form.uid) as rows,
    ):
        await rows.all()
    told = {record.kobo_event for record in caplog.records if hasattr(record, "kobo_event")}
    assert {"replied", "retrying", "download_began", "download_ended"} <= told
    assert fake.token not in caplog.text
    assert fake.token not in repr([vars(record) for record in caplog.records])


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 401, 500])
async def test_a_server_that_echoes_the_token_does_not_get_it_into_the_logs(
    clock: FakeClock, status: int
):
    def echo(request: httpx.Request) -> httpx.Response:
        told = {"detail": request.headers["authorization"], "results": 5}
        return httpx.Response(status, json=told, headers={"X-Echo": str(request.headers)})

    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    async with KoboClient(
        "https://kobo.example",
        token=TOKEN,
        transport=httpx.MockTransport(echo),
        clock=clock,
        on_event=Logs(),
    ) as client:
        handler.addFilter(Redacting(client.settings))
        root = logging.getLogger()
        root.addHandler(handler)
        before, _ = root.level, root.setLevel(logging.DEBUG)
        try:
            with pytest.raises(KoboError) as caught:
                await client.assets.list().all()
            logging.getLogger("program").error("it failed", exc_info=caught.value)
        finally:
            root.setLevel(before)
            root.removeHandler(handler)
    assert "it failed" in handler.stream.getvalue()
    assert_clean(handler.stream.getvalue())
