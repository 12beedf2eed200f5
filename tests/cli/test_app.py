"""The command as a whole: help, versions, and what happens without its extra."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

import kobo_async
from kobo_async import cli
from kobo_async.cli.app import COMMANDS, app
from kobo_async.testing import FakeForm

from .running import Invoke, environment, finished, run


def without(*names: str, arguments: tuple[str, ...] = ("operations",)) -> tuple[int, str, str]:
    """Run the command where some distributions are not installed."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({names!r})); "
        f"sys.argv = ['kobo-async', *{arguments!r}]; from kobo_async.cli import main; main()"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment()
    )
    return done.returncode, done.stdout, done.stderr


def test_the_help_names_every_command_and_every_exit_code():
    result = run("--help")
    assert result.exit_code == 0
    for word in (*COMMANDS, "Exit codes", "130, 143, 141"):
        assert word in result.stdout


def leaves(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, *path, name)
        else:
            yield *path, name


LEAVES = list(leaves(app))


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]):
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert "--debug" in result.stdout


WRITING = {
    *("submit", "edit", "validate", "delete", "export"),
    *("assets import", "assets deploy", "assets clone", "assets archive", "assets unarchive"),
    *("permissions apply", "permissions grant", "permissions revoke"),
    *("files sync", "hooks retry"),
}


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_what_writes_and_only_that_has_a_dry_run(path: tuple[str, ...]):
    shown = run(*path, "--help").stdout
    assert ("--dry-run" in shown) is (" ".join(path) in WRITING)


def test_options_without_a_command_belong_to_the_usual_one(invoke: Invoke, form: FakeForm):
    usual, named = invoke("assets", "--q", "name:x"), invoke("assets", "list", "--q", "name:x")
    assert (usual.output, usual.exit_code) == (named.output, named.exit_code)
    assert form.uid in invoke("assets").stdout
    assert "clone" in invoke("assets", "--help").stdout


@pytest.mark.parametrize("arguments", [["assets", "shw"], ["hooks"], ["assets", "show", ".."]])
def test_what_does_not_exist_is_wrong_usage(arguments: list[str]):
    assert run(*arguments).exit_code == 2


def test_the_version_is_the_version_of_the_package():
    assert kobo_async.__version__ in run("--version").stdout


@pytest.mark.parametrize("arguments", [["pul"], ["pull"], ["pull", "a", "-o", "-", "--after", "x"]])
def test_wrong_usage_ends_with_2(arguments: list[str]):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_help_does_not_import_the_fake_server():
    code = (
        "import sys; from kobo_async.cli.app import app; "
        "app(['--help'], standalone_mode=False); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment()
    )
    assert not {"uvicorn", "kobo_async.testing"} & set(done.stderr.split())


def test_the_module_is_the_same_as_the_command():
    code, out, err = finished("operations")
    assert (code, err) == (0, b"")
    assert b"submissions.list" in out


def test_without_the_extra_it_says_how_to_install_it():
    assert without("click") == (2, "", f"{cli.MISSING}\n")


def test_a_defect_in_an_installed_extra_is_not_hidden():
    code, _, err = without("kobo_async.cli.failures")
    assert code == 1
    assert "kobo_async.cli.failures" in err


def test_a_command_without_its_extra_says_how_to_install_it():
    code, out, err = without("uvicorn", arguments=("demo",))
    assert (code, out) == (2, "")
    assert "pip install 'kobo-async[testing]'" in err


def test_text_that_the_terminal_cannot_show_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    code, _, err = finished("pull", "a", "-o", "é李.txt")
    assert code == 2
    assert "é\\u674e.txt".encode("latin-1") in err


def test_the_package_can_be_run():
    command = [sys.executable, "-m", "kobo_async.cli", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert kobo_async.__version__ in ran.stdout


def test_main_runs_the_command_in_this_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["kobo-async", "--version"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert kobo_async.__version__ in capsys.readouterr().out
