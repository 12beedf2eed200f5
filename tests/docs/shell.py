"""A shell for examples.

What differs from others: pip finds what is there and fetches nothing, ports are free ones, and what
runs until Ctrl-C gets that as soon as it is at work, but for a server, which goes on to the end of
the page.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs

from tests.cli.running import environment

from .pages import PAGES, ROOT, blocks
from .programs import Ended, in_clone, in_process, pip_install, run, served, until_ctrl_c

NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
"""Keeps processes from the network."""
PORT = re.compile(r"--port (\d+)")


def typed(text: str) -> list[str]:
    """Return the lines that are typed, without those that say nothing to a shell."""
    lines = text.replace("\\\n", "").splitlines()
    return [line for line in lines if shlex.split(line, comments=True)]


def piped(line: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the words of each program of a line, and the files behind `<` and `>`."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    words: list[str] = []
    files: dict[str, str] = {}
    for word in lexer:
        if word == "|":
            yield words, files
            words, files = [], {}
        elif word in {"<", ">"}:
            files[word] = next(lexer)
        else:
            words.append(word)
    yield words, files


@cache
def installed_by_pages() -> frozenset[str]:
    """Collect what all pages install: pip starts once for all, which takes a second."""
    texts = (block.text for page in PAGES for block in blocks(page) if block.kind == "sh")
    lines = (shlex.split(line, comments=True) for text in texts for line in typed(text))
    return frozenset(one for words in lines if words[:2] == ["pip", "install"] for one in words[2:])


@attrs.define
class Shell:
    """Runs lines in a folder, with the variables of this process.

    Attributes:
        url: tells the address of the server for other processes.
        types: what somebody types in where a command asks.
        stands_for: gets the address of a server that the page starts.
        stack: ends that server.
        code: how the last line ended.
    """

    folder: Path
    url: Callable[[], str]
    types: str
    stands_for: MutableMapping[str, Any]
    stack: ExitStack
    code: int = 0

    def run(self, text: str) -> str:
        """Run lines, and return what they print; none but the last may fail."""
        printed, self.code = "", 0
        for line in typed(text):
            assert self.code == 0, printed
            printed += self._line(line)
        return printed

    def _line(self, line: str) -> str:
        ended = Ended(out=self.types.encode())
        for words, files in piped(line):
            stdin = (self.folder / files["<"]).read_bytes() if "<" in files else ended.out
            ended = self._program(words, stdin)
            if ">" in files:
                (self.folder / files[">"]).write_bytes(ended.out)
                ended = Ended(ended.code)
        self.code = ended.code
        return ended.shown

    def _program(self, words: Sequence[str], stdin: bytes) -> Ended:
        match words:
            case ["export", *variables]:
                os.environ.update(one.split("=", 1) for one in variables)
            case ["unset", *variables]:
                for name in variables:
                    os.environ.pop(name, None)
            case ["sh", "dev/run", "tests"]:  # is what runs now: .ci/run does no more than that
                assert (ROOT / ".ci/run").read_text().endswith("\nexec sh dev/run tests\n")
            case ["sh", "dev/run", _]:
                return in_clone(" ".join(words))
            case [".", script]:
                return in_clone(f". {script} && command -v kobo-async && command -v python")
            case ["pip", "install", *what]:
                return pip_install(*sorted({*what, *installed_by_pages()}))
            case ["kobo-async", *arguments]:
                return self._command(arguments, stdin)
            case _:
                return run(words, stdin, self.folder, self._variables())
        return Ended()

    def _command(self, arguments: list[str], stdin: bytes) -> Ended:
        if arguments[0] == "fake-server":
            return self._serve(arguments)
        if arguments[0] == "receive" or "--watch" in arguments:
            return until_ctrl_c(_free(arguments))
        if arguments[0] == "mcp":  # which takes stdin away from its process
            return run(["kobo-async", *arguments], b"", self.folder, self._variables())
        return in_process(arguments, stdin)

    def _serve(self, arguments: list[str]) -> Ended:
        said = self.stack.enter_context(served(_free(arguments), self._variables()))
        for port in PORT.findall(" ".join(arguments)):
            self.stands_for[f"http://127.0.0.1:{port}"] = said.split()[1]
        return Ended(shown=said)

    def _variables(self) -> dict[str, str]:
        """Return the variables of processes, which ask the same server on a socket."""
        server = {"KOBO_URL": self.url()} if "KOBO_URL" in os.environ else {}
        return environment() | server | NOWHERE


def _free(arguments: Sequence[str]) -> list[str]:
    """Ask for any free port instead of the one that stands there."""
    return ["0" if name == "--port" else one for name, one in pairwise(["", *arguments])]
