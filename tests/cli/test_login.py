"""A token that goes into the keyring without passing the shell's history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from keyring.backends.fail import Keyring as NoKeyring

from kobo_async.config.keyring import SERVICE
from tests.hostile.canaries import TOKEN
from tests.unit.keyrings import Memory, using

from .running import Server, run


@pytest.fixture
def ring() -> Iterator[Memory]:
    memory = Memory()
    with using(memory):
        yield memory


def test_a_token_that_works_is_kept_and_used(server: Server, ring: Memory):
    login = run("login", "-s", server.url, says=f"{server.fake.token}\n")
    assert login.exit_code == 0, login.stderr
    assert login.stderr == f"the token of alice for {server.url} is in the keyring\n"
    assert ring.kept == {(SERVICE, server.url): server.fake.token}
    assert run("assets", env={"KOBO_URL": server.url}).exit_code == 0
    assert server.fake.token not in login.output


def test_a_token_that_does_not_work_is_not_kept(server: Server, ring: Memory):
    login = run("login", "-s", server.url, says=f"{TOKEN}\n")
    assert login.exit_code == 3
    assert not ring.kept
    assert TOKEN not in login.output


def test_of_a_password_the_token_is_kept(server: Server, ring: Memory):
    password = server.fake.users["alice"].password
    login = run("login", "-s", server.url, "--username", "alice", says=f"{password}\n")
    assert login.exit_code == 0, login.stderr
    assert ring.kept == {(SERVICE, server.url): server.fake.token}


@pytest.mark.usefixtures("ring")
def test_logging_out_forgets_the_token(server: Server):
    run("login", "-s", server.url, says=f"{server.fake.token}\n")
    assert run("logout", "-s", server.url).stderr.endswith("is no longer in the keyring\n")
    assert run("logout", "-s", server.url).stderr.endswith("is not in the keyring\n")
    assert run("assets", env={"KOBO_URL": server.url}).exit_code == 2


def test_without_a_keyring_it_says_what_to_do_instead(server: Server):
    with using(NoKeyring()):
        login = run("login", "-s", server.url, says=f"{server.fake.token}\n")
    assert login.exit_code == 2
    assert "token_file" in login.stderr


@pytest.mark.parametrize("command", ["login", "logout"])
def test_no_secret_is_taken_as_an_argument(command: str):
    assert "--token" not in run(command, "--help").stdout
    assert run(command, "--token", TOKEN).exit_code == 2


def test_the_help_of_other_commands_discourages_the_argument():
    told = " ".join(run("assets", "list", "--help").stdout.split())
    assert "ends up in the history of the shell and in the list of processes" in told
