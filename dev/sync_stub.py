"""Write kobo_async/sync_api.pyi: the types of `Kobo`, from the signatures of `KoboClient`.

Annotations are read from the source and written with the full names of what they mean, so that
classes of the same name in several modules cannot be confused.
"""

from __future__ import annotations

import ast
import builtins
import copy
import importlib
import importlib.util
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import kobo_async
from kobo_async.api import Lazy
from kobo_async.client import KoboClient

STUB = Path(kobo_async.__file__).parent / "sync_api.pyi"
HEAD = """# Written by dev/sync_stub.py: do not edit.
"""
FIXED = """
_T = _typing.TypeVar("_T")

class _Pages(_typing.Generic[_T]):
    def __iter__(self) -> _collections_abc.Iterator[_T]: ...
    def by_page(self) -> _collections_abc.Iterator[kobo_async.pages.Page[_T]]: ...
    def all(self) -> _builtins.list[_T]: ...
    def first(self) -> _T | None: ...
"""
KOBO = """
    @property
    def settings(self) -> kobo_async.config.Settings: ...
    def blocking(
        self, manager: _contextlib.AbstractAsyncContextManager[_T]
    ) -> _contextlib.AbstractContextManager[_T]: ...
    def close(self) -> None: ...
    def __enter__(self) -> _typing.Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: _types.TracebackType | None,
    ) -> None: ...
"""
ASYNC_ONLY = {"aclose", "build", "from_env"}
MARKS = {"property": "property", "overload": "_typing.overload"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Names(ast.NodeTransformer):
    """Writes names as they are seen from outside of their module."""

    def __init__(self, module: str, used: set[str]) -> None:
        self._module = module
        self._origins = origins(module)
        self._used = used

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Write one name in full."""
        if is_variable(self._module, node.id):
            return ast.Name("_T")
        full = self._origins.get(node.id)
        if full is None:
            full = f"builtins.{node.id}" if hasattr(builtins, node.id) else ""
        full = full or f"{self._module}.{node.id}"
        place = full if _is_module(full) else full.rpartition(".")[0]
        self._used.add(place)
        return ast.parse(alias(place) + full.removeprefix(place), mode="eval").body


@cache
def is_variable(module: str, name: str) -> bool:
    """Tell whether a name stands for any type."""
    return isinstance(getattr(importlib.import_module(module), name, None), TypeVar)


def alias(module: str) -> str:
    """Return what the stub calls a module; methods have names such as `collections`, too."""
    return module if module.startswith("kobo_async") else f"_{module.replace('.', '_')}"


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@cache
def tree(module: str) -> ast.Module:
    """Parse a module."""
    return ast.parse(inspect.getsource(importlib.import_module(module)))


@cache
def origins(module: str) -> dict[str, str]:
    """Find what the imports of a module, wherever they stand, call what."""
    found = {}
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {one.asname or one.name.partition(".")[0]: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


class Stub:
    """Collects the classes of the stub, and the modules that their annotations name."""

    def __init__(self) -> None:
        self.used = {"builtins", "collections.abc", "contextlib", "types", "typing"}
        self.used |= {"kobo_async.config", "kobo_async.pages"}
        self._done: dict[type, list[str]] = {}

    def text(self) -> str:
        """Return the stub."""
        facade = [*self._constructors(), *self.members(KoboClient)]
        classes = [line for lines in self._done.values() for line in lines]
        imports = [
            f"import {name}" if name == alias(name) else f"import {name} as {alias(name)}"
            for name in sorted(self.used)
        ]
        body = "\n".join([*imports, FIXED, *classes, "class Kobo:", *facade])
        return HEAD + body + KOBO

    def _constructors(self) -> list[str]:
        (init,) = (one for one in functions(KoboClient) if one.name == "__init__")
        (env,) = (one for one in functions(KoboClient) if one.name == "from_env")
        module = KoboClient.__module__
        return [self._line(init, module), f"    @classmethod\n{self._line(env, module)}"]

    def members(self, kind: type) -> list[str]:
        """Return what is public in a class and those above it, as it is seen by who waits."""
        lines, seen = [], set(ASYNC_ONLY)
        for base in kind.__mro__:
            if not base.__module__.startswith("kobo_async"):
                continue
            for name, told in [*self._attributes(base), *self._methods(base)]:
                if name not in seen and not name.startswith("_"):
                    lines.append(told)
                seen.add(name)
        return lines or ["    ..."]

    def _methods(self, kind: type) -> Iterator[tuple[str, str]]:
        written: dict[str, list[Function]] = {}
        for function in functions(kind):
            written.setdefault(function.name, []).append(function)
        for name, variants in written.items():
            told = [self._line(one, kind.__module__) for one in variants[: len(variants) - 1 or 1]]
            yield name, "\n".join(told)

    def _attributes(self, kind: type) -> Iterator[tuple[str, str]]:
        names = Names(kind.__module__, self.used)
        for target, annotation, value in assigned(kind):
            made = vars(kind).get(target)
            if isinstance(made, Lazy):
                path = f"kobo_async.{made._module or f'resources.{target}'}"  # noqa: SLF001
                told = self.proxy(getattr(importlib.import_module(path), made._kind))  # noqa: SLF001
            elif annotation is not None:
                told = ast.unparse(names.visit(copy.deepcopy(annotation)))
            else:
                told = f"_builtins.{type(ast.literal_eval(value)).__name__}" if value else ""
            if told:
                yield target, f"    {target}: {told}"

    def proxy(self, kind: type) -> str:
        """Return the name of the class that stands for an asynchronous one."""
        name = f"_{kind.__name__}"
        if kind not in self._done:
            self._done[kind] = []
            step = next((one for one in functions(kind) if one.name == "__anext__"), None)
            item, head = self._item(kind, step), f"class {name}{_parameters(kind)}:"
            lines = self.members(kind)
            if item:
                loop = f"    def __iter__(self) -> _collections_abc.Iterator[{item}]: ..."
                lines = [loop, *(line for line in lines if line != "    ...")]
                if step is not None:
                    lines.append(f"    def __next__(self) -> {item}: ...")
            self._done[kind] = [head, *lines, ""]
        return name

    def _item(self, kind: type, step: Function | None) -> str:
        names = Names(kind.__module__, self.used)
        if step is not None and step.returns is not None:
            return ast.unparse(names.visit(copy.deepcopy(step.returns)))
        loop = next((one for one in functions(kind) if one.name == "__aiter__"), None)
        if loop is not None and isinstance(loop.returns, ast.Subscript):
            return ast.unparse(names.visit(copy.deepcopy(loop.returns.slice)))
        return ""

    def _line(self, function: Function, module: str) -> str:
        names = Names(module, self.used)
        arguments = copy.deepcopy(function.args)
        for one in [*arguments.args, *arguments.posonlyargs, *arguments.kwonlyargs]:
            one.annotation = names.visit(one.annotation) if one.annotation else None
        for more in (arguments.vararg, arguments.kwarg):
            if more and more.annotation:
                more.annotation = names.visit(more.annotation)
        arguments.defaults = [ast.Constant(...) for _ in arguments.defaults]
        arguments.kw_defaults = [one and ast.Constant(...) for one in arguments.kw_defaults]
        told = ast.unparse(arguments)
        marks = [ast.unparse(one) for one in function.decorator_list]
        before = "".join(f"    @{MARKS[mark]}\n" for mark in marks if mark in MARKS)
        result = self._result(function, module, managed="asynccontextmanager" in marks)
        return f"{before}    def {function.name}({told}) -> {result}: ..."

    def _result(self, function: Function, module: str, *, managed: bool) -> str:
        returns = function.returns
        assert returns is not None, function.name
        if isinstance(returns, ast.Subscript) and isinstance(returns.value, ast.Name):
            name = returns.value.id
            inner = ast.unparse(Names(module, self.used).visit(copy.deepcopy(returns.slice)))
            if managed or name == "AbstractAsyncContextManager":
                return f"_contextlib.AbstractContextManager[{self._given(returns.slice, module)}]"
            if name == "AsyncIterator":
                return f"_collections_abc.Iterator[{inner}]"
            if name == "Pages":
                return f"_Pages[{inner}]"
        return ast.unparse(Names(module, self.used).visit(copy.deepcopy(returns)))

    def _given(self, node: ast.expr, module: str) -> str:
        """Return the class that stands for what a context manager gives."""
        if isinstance(node, ast.Subscript):
            inner = ast.unparse(Names(module, self.used).visit(copy.deepcopy(node.slice)))
            return f"{self._given(node.value, module)}[{inner}]"
        assert isinstance(node, ast.Name)
        full = origins(module).get(node.id, f"{module}.{node.id}")
        place, _, name = full.rpartition(".")
        return self.proxy(getattr(importlib.import_module(place), name))


def _parameters(kind: type) -> str:
    return "(_typing.Generic[_T])" if getattr(kind, "__parameters__", ()) else ""


def functions(kind: type) -> list[Function]:
    """Return the functions of a class as they are written."""
    return [node for node in body(kind) if isinstance(node, Function)]


def body(kind: type) -> list[ast.stmt]:
    """Return what is written inside a class."""
    found = (node for node in tree(kind.__module__).body if isinstance(node, ast.ClassDef))
    return next((node.body for node in found if node.name == kind.__name__), [])


def assigned(kind: type) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """Yield the attributes that a class declares, or its constructor sets."""
    for node in body(kind):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.annotation, node.value
    for init in (one for one in functions(kind) if one.name == "__init__"):
        for node in ast.walk(init):
            yield from _set(node, init)


def _set(node: ast.AST, init: Function) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
        yield node.target.attr, node.annotation, node.value
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
        taken = {one.arg: one.annotation for one in init.args.args}
        value = node.value
        known = taken.get(value.id) if isinstance(value, ast.Name) else None
        constant = value if isinstance(value, ast.Constant) else None
        yield node.targets[0].attr, known, constant


def stub() -> str:
    """Return the whole stub."""
    return Stub().text()


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
