"""`kobo-async sync`: one project, many projects, and again and again."""

from __future__ import annotations

import gc
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import attrs
import orjson
import pytest
from click.testing import Result

from kobo_async.cli.sync import Teller
from kobo_async.cli.syncing import Outcome, Project
from kobo_async.cli.watching import repeat
from kobo_async.sync.report import SyncReport
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from tests.sinks.mongod import mongod

from .running import Invoke, Server, lines, process, run, serving

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def count(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as base:
        (found,) = base.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608
        return int(found)


def test_a_project_is_copied_and_followed(invoke: Invoke, small: FakeForm, tmp_path: Path):
    target = f"sqlite:///{tmp_path / 'wells.db'}"
    first = invoke("sync", small.uid, "-o", target)
    assert first.exit_code == 0
    assert first.stdout == ""
    assert first.stderr.startswith(f"{small.uid}: 5 new, 0 edited, 0 validated, 0 deleted")
    small.insert(2)
    small.edit(1, comment="new")
    assert "2 new, 1 edited" in invoke("sync", small.uid, "-o", target).stderr
    assert count(tmp_path / "wells.db", "Wells") == 7


def test_the_report_goes_to_stdout_as_json(invoke: Invoke, small: FakeForm, tmp_path: Path):
    told = invoke("sync", small.uid, "-o", f"{tmp_path / 'wells'}/", "--json")
    (report,) = lines(told.stdout)
    assert (report["asset"], report["strategy"], report["new"]) == (small.uid, "load", 5)
    assert told.stderr == ""
    assert (tmp_path / "wells" / "state.json").exists()


# The driver forgets the socket of a monitor that is stopped while it connects.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_rows_go_to_a_collection(invoke: Invoke, small: FakeForm):
    with mongod() as store:
        told = invoke("sync", small.uid, "-o", f"{store.url}#wells", "--prefix", "my_")
        assert told.exit_code == 0, told.stderr
        found = store.data["survey"]["my_wells"].find()
        assert [row["_id"] for row in found] == [*small.rows]
    gc.collect()


def test_a_filter_and_a_strategy_are_passed_on(invoke: Invoke, small: FakeForm, tmp_path: Path):
    arguments = ["sync", small.uid, "-o", f"{tmp_path / 'wells'}/", "--json"]
    where = ["--where", '{"_id": {"$gt": 2}}']
    (report,) = lines(invoke(*arguments, *where).stdout)
    assert report["new"] == 3
    (report,) = lines(invoke(*arguments, *where, "--strategy", "sweep").stdout)
    assert (report["strategy"], report["unchanged"]) == ("sweep", 3)
    told = invoke(*arguments)
    assert told.exit_code == 2
    assert "a mirror of its own" in told.stderr


def test_it_stops_before_too_much_is_deleted(invoke: Invoke, small: FakeForm, tmp_path: Path):
    arguments = ["sync", small.uid, "-o", f"sqlite:///{tmp_path / 'wells.db'}", "--hard-deletes"]
    invoke(*arguments)
    small.delete(2)
    told = invoke(*arguments)
    assert told.exit_code == 1
    assert "max_delete_fraction=0.05" in told.stderr
    assert "1 deleted" in invoke(*arguments, "--max-delete-fraction", "0.5").stderr
    assert count(tmp_path / "wells.db", "Wells") == 4


def test_tables_can_be_named_and_labelled(invoke: Invoke, small: FakeForm, tmp_path: Path):
    path = tmp_path / "wells.db"
    options = ["--prefix", "my_", "--labels", "English (en)"]
    assert invoke("sync", small.uid, "-o", f"sqlite:///{path}", *options).exit_code == 0
    assert count(path, "my_Wells") == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["uid", "-o", "rows.csv"], "cannot be a mirror: name sqlite:///"),
        (["uid", "-o", "s3://me:secret@bucket/x/"], "cannot be a mirror"),
        (["uid", "-o", "folder/", "--labels", "English"], "labels is for tables"),
        (["uid"], "name UID and -o TARGET, or --config FILE"),
        (["-o", "folder/"], "name UID and -o TARGET, or --config FILE"),
        (["uid", "-o", "folder/", "--watch", "5"], "'5' is not a time such as 30s"),
        (["uid", "-o", "folder/", "--watch", "0s"], "'0s' is not a time such as 30s"),
    ],
)
def test_what_cannot_be_meant_is_refused(invoke: Invoke, arguments: list[str], message: str):
    told = invoke("sync", *arguments)
    assert told.exit_code == 2
    assert message in told.stderr
    assert "secret" not in told.stderr


def test_a_project_that_is_not_there_is_told(invoke: Invoke, tmp_path: Path):
    told = invoke("sync", "aNothing", "-o", f"{tmp_path / 'x'}/", "--json")
    assert told.exit_code == 4
    (failure,) = lines(told.stdout)
    assert (failure["asset"], failure["error"]) == ("aNothing", "NotFound")


@attrs.frozen
class Two:
    """Two servers with projects, and a folder for the file that names them."""

    one: Server
    other: Server
    wells: FakeForm
    pumps: FakeForm
    taps: FakeForm
    folder: Path

    def write(self, text: str) -> Path:
        """Write the file; names in braces are those of attributes."""
        path = self.folder / "mirror.toml"
        path.write_text(text.format_map(self.names))
        return path

    def sync(self, text: str, *options: str, **env: str) -> Result:
        tokens = {"ONE": self.one.fake.token, "OTHER": self.other.fake.token}
        return run("sync", "--config", str(self.write(text)), *options, env=tokens | env)

    @property
    def names(self) -> dict[str, Any]:
        forms = {form.name.lower(): form.uid for form in (self.wells, self.pumps, self.taps)}
        urls = {"one": self.one.url, "other": self.other.url}
        return forms | urls | {"folder": self.folder, "token": self.one.fake.token}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    first, second = FakeKobo(seed=1), FakeKobo(seed=2)
    wells, pumps = first.add_form("Wells", rows=5), first.add_form("Pumps", rows=6)
    taps = second.add_form("Taps", rows=7)
    with serving(first) as one, serving(second) as other:
        yield Two(one, other, wells, pumps, taps, tmp_path)


SERVERS = """
[servers.one]
server = "{one}"
token_env = "ONE"
at_once = 2

[servers.other]
server = "{other}"
token_env = "OTHER"
concurrency = 2
"""
ALL = f"""{SERVERS}
[projects.wells]
server = "one"
uid = "{{wells}}"
target = "sqlite:///{{folder}}/wells.db"
where = {{{{ _id = {{{{ "$gt" = 1 }}}} }}}}
only = ["household"]
prefix = "w_"
sweep_every = "1d"

[projects.pumps]
server = "one"
uid = "{{pumps}}"
target = "{{folder}}/pumps/"
where = '{{{{"_id": {{{{"$gt": 2}}}}}}}}'
max_delete_fraction = 1
hard_deletes = true

[projects.taps]
server = "other"
uid = "{{taps}}"
target = "sqlite:///{{folder}}/wells.db"
headers = "name"
strategy = "sweep"
"""


def test_projects_of_several_servers_are_brought_up_to_date(two: Two):
    told = two.sync(ALL, "--json")
    assert told.exit_code == 0
    reports = {one["project"]: one for one in lines(told.stdout)}
    new = {name: one["new"] for name, one in reports.items()}
    assert new == {"wells": 4, "pumps": 6, "taps": 7}
    assert count(two.folder / "wells.db", "w_Wells") == 4
    assert count(two.folder / "wells.db", "Taps") == 7
    two.pumps.delete(max(two.pumps.rows))
    told = two.sync(ALL)
    assert told.exit_code == 0
    assert f"pumps: {two.pumps.uid}: 0 new, 0 edited, 0 validated, 1 deleted" in told.stderr


def test_a_project_that_fails_does_not_stop_the_others(two: Two):
    two.one.fake.faults.add(Fault.status(403, match=two.wells.uid))
    told = two.sync(ALL)
    assert told.exit_code == 1
    assert "wells was not brought up to date" in told.stderr
    assert f"pumps: {two.pumps.uid}: 6 new" in told.stderr
    assert f"taps: {two.taps.uid}: 7 new" in told.stderr
    assert told.stderr.endswith("2 of 3 projects are up to date, not: wells\n")


def test_a_server_that_is_gone_does_not_stop_the_others(two: Two):
    gone = ALL.replace('"{other}"', '"http://127.0.0.1:9"')
    told = two.sync(gone, "--json")
    assert told.exit_code == 1
    reports = {one["project"]: one for one in lines(told.stdout)}
    assert reports["taps"]["error"] == "ConnectFailed"
    assert reports["wells"]["new"] == 4


@pytest.mark.parametrize("accounts", [1, 2])
def test_projects_of_one_server_take_turns(two: Two, accounts: int):
    """They do so, too, where two accounts share a host, and with it a limit on requests."""
    text = ALL.replace("at_once = 2", "")
    if accounts == 2:
        text += '[servers.again]\nserver = "{one}"\ntoken_env = "ONE"\n'
        text = text.replace('server = "one"\nuid = "{pumps}"', 'server = "again"\nuid = "{pumps}"')
    seen: list[str] = []
    forms = {two.wells.uid: "wells", two.pumps.uid: "pumps"}
    two.one.fake.on_request = lambda request: seen.extend(
        name for uid, name in forms.items() if uid in request.path
    )
    told = two.sync(text)
    assert told.exit_code == 0, told.stderr
    assert sorted(seen, reverse=seen[0] == "wells") == seen


ONE = """
[servers.one]
server = "{one}"
%s

[projects.wells]
uid = "{wells}"
target = "{folder}/wells"
"""


def test_a_token_comes_from_a_file_that_others_cannot_read(two: Two):
    path = two.folder / "token"
    path.write_text(two.one.fake.token + "\n")
    path.chmod(0o600)
    text = ONE % 'token_file = "{folder}/token"'
    assert two.sync(text).exit_code == 0
    path.chmod(0o644)
    told = two.sync(text)
    assert told.exit_code == 2
    assert "servers.one: token_file: " in told.stderr
    assert "chmod 600" in told.stderr


def test_a_token_in_the_file_itself_is_warned_of_and_refused_where_others_read_it(two: Two):
    text = ONE % 'token = "{token}"\nallow_http = true'
    path = two.write(text)
    path.chmod(0o644)
    told = two.sync(text)
    assert told.exit_code == 2
    assert "chmod 600" in told.stderr
    path.chmod(0o600)
    told = two.sync(text)
    assert told.exit_code == 0
    assert "holds a token in clear" in told.stderr
    assert two.one.fake.token not in told.stderr


def test_a_token_may_come_from_where_it_always_does(two: Two):
    text = '[projects.wells]\nuid = "{wells}"\ntarget = "{folder}/wells/"'
    env = {"KOBO_URL": two.one.url, "KOBO_TOKEN": two.one.fake.token}
    assert two.sync(text, **env).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('strategy = "sweep"', 'strategy = "quick"', "projects.taps: strategy must be auto or"),
        ('strategy = "sweep"', 'stratagy = "sweep"', "projects.taps: there is no key 'stratagy'"),
        ('uid = "{taps}"', "", "projects.taps: uid is missing"),
        ('uid = "{taps}"', "uid = 7", "projects.taps: uid must be a text"),
        ('server = "other"', 'server = "third"', "must be one of the servers, one, other"),
        ('server = "other"', "", "must be one of the servers, one, other"),
        ('headers = "name"', 'only = "x"', "only must be a list of paths"),
        ("{folder}/pumps/", "{folder}/pumps.csv", "projects.pumps: target: "),
        ("{folder}/pumps/", '{folder}/pumps/"\nlabels = "x', "labels is for tables"),
        ("= 1\nhard", "= 5\nhard", "max_delete_fraction must be a number from 0 to 1"),
        ("hard_deletes = true", "hard_deletes = 1", "hard_deletes must be true or false"),
        ('"1d"', '"daily"', "sweep_every must be a time such as 30s"),
        ('"1d"', "1", "sweep_every must be a time such as 30s"),
        ('{{"_id"', '{{"_id', "where must be a MongoDB query"),
        ('{{"$gt": 2}}', '{{"$gtt": 2}}', "where must be a MongoDB query, as a table or as JSON: "),
        ('token_env = "ONE"', 'token_env = "NONE"', "token_env: the environment has no NONE"),
        ('token_env = "ONE"', 'token_env = "ONE"\nprofile = "x"', "not token_env and profile"),
        ("at_once = 2", "at_once = 0", "servers.one: at_once must be a number from 1 to 16"),
        ("[servers.one]", "[servers.one", "is not valid TOML"),
        ("[servers.one]", "[server.one]", "there is no key 'server', only servers, projects"),
        ("[servers.one]", "[x]\n[servers.one]", "there is no key 'x'"),
        ("[servers.one]", "projects.x = 1\n[servers.one]", "projects.x must be a table"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_before_anything_is_sent(
    two: Two, old: str, new: str, message: str
):
    assert old in ALL
    asked: list[object] = []
    two.one.fake.on_request = asked.append
    told = two.sync(ALL.replace(old, new, 1))
    assert told.exit_code == 2, told.stderr
    assert message in told.stderr
    assert "mirror.toml" in told.stderr
    assert asked == []


def test_two_projects_with_one_target_are_refused(two: Two):
    text = ALL.replace('headers = "name"\n', "")
    text = text.replace('sqlite:///{folder}/wells.db"\nstrategy', '{folder}/pumps"\nstrategy')
    told = two.sync(text)
    assert told.exit_code == 2
    assert "projects.taps and projects.pumps have one target" in told.stderr


def test_a_file_that_is_no_text_is_told(two: Two):
    path = two.folder / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    told = run("sync", "--config", str(path))
    assert told.exit_code == 2
    assert "bytes.toml cannot be read" in told.stderr


def test_options_that_stand_in_the_file_are_not_given_beside_it(two: Two):
    told = two.sync(ALL, "--strategy", "sweep")
    assert told.exit_code == 2
    assert "--strategy stands in the file" in told.stderr


def repeated(every: float, takes: float, times: int, chance: Callable[[float, float], float]):
    clock = FakeClock()
    began: list[float] = []

    async def work() -> None:
        began.append(clock.monotonic())
        if len(began) == times:
            scope.cancel()
        await clock.sleep(takes)

    async def main() -> None:
        nonlocal scope
        with anyio.CancelScope() as scope:
            await repeat(work, every, clock, chance)

    scope: anyio.CancelScope
    anyio.run(main)
    return began


def test_work_is_repeated_with_jitter():
    assert repeated(300, 20, 3, lambda low, high: (low + high) / 2) == [0, 300, 600]
    assert repeated(300, 20, 3, lambda _, high: high) == pytest.approx([0, 330, 660])
    assert repeated(300, 20, 3, lambda low, _: low) == pytest.approx([0, 270, 540])


def test_work_never_overlaps():
    assert repeated(300, 1_000, 3, lambda low, _: low) == [0, 1_000, 2_000]


def test_a_project_without_a_name_of_its_own_is_named_once(capsys: pytest.CaptureFixture[str]):
    numbers = dict.fromkeys(("new", "edited", "statuses", "deleted", "unchanged", "requests"), 0)
    report = SyncReport(asset="aWells", strategy="sweep", reason="asked for", seconds=0, **numbers)
    for name in ("aWells", "wells"):
        project = Project(name=name, uid="aWells", target="wells/", options={}, run={})
        Teller(as_json=False, named=True)(Outcome(project, report))
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(": 0 new")[0] for line in told] == ["aWells", "wells: aWells"]


@posix
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_watching_ends_in_good_order(server: Server, small: FakeForm, tmp_path: Path, how: int):
    arguments = ["sync", small.uid, "-o", f"{tmp_path / 'wells'}/", "--watch", "30s", "--json"]
    with process(*arguments, env=server.environment) as command:
        assert command.stdout is not None
        report = orjson.loads(command.stdout.readline())
        command.send_signal(how)
        _, err = command.communicate(timeout=20)
    assert report["new"] == 5
    assert command.returncode == 0
    assert err == b"stopped\n"


@posix
def test_watching_goes_on_after_a_failure(server: Server, small: FakeForm, tmp_path: Path):
    server.fake.faults.add(Fault.status(403, times=1))
    arguments = ["sync", small.uid, "-o", f"{tmp_path / 'wells'}/", "--watch", "0.1s", "--json"]
    with process(*arguments, env=server.environment) as command:
        assert command.stdout is not None
        first, second = (orjson.loads(command.stdout.readline()) for _ in range(2))
        command.send_signal(signal.SIGTERM)
        command.communicate(timeout=20)
    assert first["error"] == "PermissionDenied"
    assert second["new"] == 5
    assert command.returncode == 0
