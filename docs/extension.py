"""What the documentation needs of Sphinx: docstrings as reStructuredText, and a look for gaps."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

import kobo_async
from kobo_async.api import Api, Lazy
from kobo_async.models.convert import Model

ROOT: Final = Path(kobo_async.__file__).parent
NOTES: Final = re.compile(
    r"\s*(?:\(`?(?:{0}) §[^`)]*`?\)|`(?:{0}) §[^`]*`\.?)".format("api-facts|observed|models")
)
"""Sections of the maintainers' notes, which readers do not have."""
CODE: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
DEFAULT: Final = re.compile(r"attr_dict\['(\w+)'\]\.default")
SECTION: Final = re.compile(r"[A-Z][a-z]+:$")
IMPORT: Final = re.compile(r"^from (kobo_async[\w.]*) import (.+)$", re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it all."""
    app.add_lexer("powerquery", TextLexer)  # nobody has written one
    app.connect("autodoc-process-docstring", as_restructured_text, priority=100)
    app.connect("autodoc-process-signature", without_innards)
    app.connect("env-check-consistency", look_for_gaps)
    app.connect("html-page-context", in_its_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def in_its_language(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:  # noqa: ARG001 - Sphinx's signature
    """Name the language of a page that is not in English, as its head says."""
    context["language"] = (context.get("meta") or {}).get("language", context.get("language"))


def as_restructured_text(
    app: Sphinx,  # noqa: ARG001 - Sphinx's signature
    what: str,
    name: str,  # noqa: ARG001
    thing: object,
    options: object,  # noqa: ARG001
    lines: list[str],
) -> None:
    """Mark indented examples as such, and leave out what only maintainers can look up."""
    told = CODE.sub(r"``\1``", NOTES.sub("", "\n".join(lines)))
    if what == "data" and "\n".join(lines).strip() in _of_kind(thing):
        told = ""
    lines[:] = list(_with_examples(told.splitlines()))


def without_innards(
    app: Sphinx,  # noqa: ARG001 - Sphinx's signature
    what: str,
    name: str,  # noqa: ARG001
    thing: Any,
    options: object,  # noqa: ARG001
    signature: str | None,
    returns: str | None,
) -> tuple[str, str | None] | None:
    """Show how to make what readers make, and with which defaults."""
    if what != "class" or not signature or not attrs.has(thing):
        return None
    fields = attrs.fields_dict(thing)
    if "_sender" in fields or issubclass(thing, Model):
        return "", returns
    shown = DEFAULT.sub(lambda found: repr(fields[found[1]].default), signature)
    return shown.replace("= NOTHING", "= ..."), returns


def _of_kind(thing: object) -> set[str | None]:
    """Return what any value of its type says, such as any dict."""
    return {inspect.getdoc(type(thing)), inspect.getdoc(getattr(thing, "__origin__", None))}


def _with_examples(lines: list[str]) -> Iterator[str]:
    before, inside = "", False
    for line in lines:
        indented = line.startswith("    ")
        if indented and not inside and not SECTION.match(before) and not before.endswith("::"):
            yield from ("::", "")
        inside = (inside or indented) if indented or not line else False
        yield line
        before = line or before


def look_for_gaps(app: Sphinx, environment: BuildEnvironment) -> None:
    """Warn of every public name that has no place in the reference."""
    known = environment.domains.python_domain.objects
    docs = Path(app.srcdir)
    for name in sorted({*exported(), *methods(), *models(), *told(docs)}):
        if not any(one in known for one in names_of(name)):
            getLogger(__name__).warning("%s is public, and not in the reference", name)


def exported() -> Iterator[str]:
    """Yield what the package and those of its modules that say so have for everybody."""
    for file in ROOT.rglob("*.py"):
        if "\n__all__ = " in file.read_text(encoding="utf-8"):
            place = file.relative_to(ROOT.parent).with_suffix("")
            module = ".".join(part for part in place.parts if part != "__init__")
            names = {*importlib.import_module(module).__all__} - {"__version__"}
            names |= {one for one in vars(kobo_async)["_MODULES"] if module == "kobo_async"}
            yield from (f"{module}.{one}" for one in names)


def methods() -> Iterator[str]:
    """Yield what can be called on the attributes of a client."""
    for name, made in vars(Api).items():
        if isinstance(made, Lazy):
            module = importlib.import_module(f"kobo_async.{made._module or f'resources.{name}'}")  # noqa: SLF001
            kind = getattr(module, made._kind)  # noqa: SLF001
            public = (one for one, _ in inspect.getmembers(kind, callable) if one[0] != "_")
            yield from (f"{module.__name__}.{kind.__name__}.{one}" for one in public)


def models() -> Iterator[str]:
    """Yield the classes of what the server sends."""
    for file in sorted((ROOT / "models").glob("[!_]*.py")):
        module = importlib.import_module(f"kobo_async.models.{file.stem}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{module.__name__}.{name}"


def told(docs: Path) -> Iterator[str]:
    """Yield what the pages tell readers to import."""
    for page in docs.rglob("*.md"):
        for module, names in IMPORT.findall(page.read_text(encoding="utf-8")):
            yield from (f"{module}.{one.split()[0]}" for one in names.split(","))


def names_of(name: str) -> Iterator[str]:
    """Yield the names under which a thing can stand in the reference."""
    module, _, last = name.rpartition(".")
    yield name
    try:
        thing = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError):  # a method, or what a page makes up
        return
    if getattr(kobo_async, last, None) is thing:
        yield f"kobo_async.{last}"
    where, called = getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
    yield thing.__name__ if inspect.ismodule(thing) else f"{where}.{called}"
