"""`kobo-async fake-server`: a KoboToolbox server to try things on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli.connection import debug_option
from kobo_async.cli.runner import run
from kobo_async.cli.terminal import json_line, plain

if TYPE_CHECKING:
    from kobo_async.testing import FakeForm, FakeKobo


@click.command("fake-server")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port; any free one by default."
)
@click.option(
    "--rows", type=click.IntRange(0), help="Submissions of a made-up form.  [default: 1000]"
)
@click.option(
    "--form",
    "folders",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Serve a real form: asset.json, versions.json, submissions.jsonl.gz. Repeatable.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Makes tokens and rows.")
@click.option(
    "--latency", type=click.FloatRange(0), default=0.0, help="Seconds before each answer."
)
@click.option("--json", "as_json", is_flag=True, help="Print what it serves as one line of JSON.")
@debug_option
def command(
    host: str,
    port: int,
    rows: int | None,
    folders: tuple[Path, ...],
    seed: int,
    latency: float,
    as_json: bool,  # noqa: FBT001 - click's way
) -> None:
    """Serve a fake KoboToolbox server until Ctrl-C or SIGTERM.

    It answers as a real server does, unhelpful answers included. URL, a working token and the uid
    of the form are printed when it is ready.
    """
    from kobo_async.testing import FakeKobo  # noqa: PLC0415 - slow to import

    fake = FakeKobo(seed=seed)
    fake.latency = latency
    forms = [_load(fake, folder) for folder in folders]
    if rows is not None or not forms:
        forms.append(fake.add_form("Household survey", rows=1000 if rows is None else rows))
    with suppress(KeyboardInterrupt):
        run(lambda: _serve(fake, forms, host, port, as_json=as_json))


def _load(fake: FakeKobo, folder: Path) -> FakeForm:
    try:
        return fake.load_form(folder)
    except (OSError, ValueError, LookupError, TypeError) as error:
        text = f"{folder} does not hold a form: {type(error).__name__}: {error}"
        raise click.BadParameter(text, param_hint="--form") from error


async def _serve(
    fake: FakeKobo, forms: Sequence[FakeForm], host: str, port: int, *, as_json: bool
) -> None:
    import anyio  # noqa: PLC0415 - slow to import

    from kobo_async.testing import serve  # noqa: PLC0415

    async with serve(fake, host=host, port=port) as url:
        served = [_describe(fake, form) for form in forms]
        if as_json:
            click.echo(json_line({"url": url, **served[0], "forms": served}))
        else:
            _print(url, served)
        await anyio.sleep_forever()


def _describe(fake: FakeKobo, form: FakeForm) -> dict[str, Any]:
    owner = fake.users[form.owner]
    return {
        "token": owner.token,
        "username": owner.username,
        "uid": form.uid,
        "name": form.name,
        "rows": len(form.rows),
    }


def _print(url: str, served: Sequence[dict[str, Any]]) -> None:
    for form in served:
        click.echo(plain(f"url    {url}"))
        click.echo(plain(f"token  {form['token']}  ({form['username']})"))
        click.echo(plain(f"uid    {form['uid']}  ({form['name']}, {form['rows']:,} rows)"))
        click.echo("")
    first = served[0]
    click.echo("Try, in another terminal:", err=True)
    click.echo(f"  export KOBO_URL={url} KOBO_TOKEN={first['token']}", err=True)
    click.echo(plain(f"  kobo-async pull {first['uid']} -o rows.jsonl"), err=True)
    click.echo("Ctrl-C stops the server.", err=True)
