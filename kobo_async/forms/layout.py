"""Lays out the tables of a form: which there are, and how their columns are called.

Columns are in the order of the form, then what the server adds, then the keys. Names follow the
server's own exports: `group/question`, `group/_place_latitude`, `question/choice`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import chain, count
from typing import Final

import attrs

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import ALL, Column, Field, Holds, Layout, Table, TableOptions
from kobo_async.forms.fields import Fields
from kobo_async.forms.schema import Form

REPLACEMENT: Final = "\ufffd"
EXTRA: Final = Column("_extra", "_extra", Holds.JSON, "key")
INDEX: Final = Column("_index", "_index", Holds.INTEGER, "key")
JOIN: Final = (
    INDEX,
    Column("_parent_table_name", "_parent_table_name", Holds.TEXT, "key"),
    Column("_parent_index", "_parent_index", Holds.INTEGER, "key"),
    Column("_submission__id", "_id", Holds.INTEGER, "key"),
)


def lay_out(form: Form, options: TableOptions | None = None) -> Layout:
    """Lay out the tables of a form.

    Raises:
        ConfigError: for a language that the form does not have, and for a path in `only` that
            is none of it.
    """
    wanted = options or TableOptions()
    _check(form, wanted)
    names = _names(form, wanted)
    fields = Fields(form, wanted)
    root = _root(wanted, fields, names[""])
    inherited = _inherited(root, wanted)
    repeats = (_repeat(path, names, fields, inherited) for path in names if path)
    return Layout(form, (root, *repeats), wanted)


def _check(form: Form, options: TableOptions) -> None:
    paths = {question.path for question in form.questions} | form.groups.keys()
    for path in options.only:
        if path not in paths:
            raise ConfigError(f"the form has no question {path!r}")


def _names(form: Form, options: TableOptions) -> dict[str, str]:
    """Name the tables that are wanted by the paths of their repeats."""
    names = {"": free(form.name or "submissions", ())}
    for path in form.repeats:
        inside = [q.path for q in form.questions if _is_in(q.repeat, path)]
        if any(options.wants(one) for one in (path, *inside)):
            names[path] = free(path.rpartition("/")[2], names.values())
    return names


def _is_in(path: str, group: str) -> bool:
    return path == group or path.startswith(f"{group}/")


def _root(options: TableOptions, fields: Fields, name: str) -> Table:
    keys = (INDEX, EXTRA) if options.numbering == "table" else (EXTRA,)
    taken = {key.name.casefold() for key in keys}
    system = tuple(_apart(fields.system(), taken))
    return Table(name, "", None, (*_apart(fields.asked(""), taken), *system), keys)


def _repeat(
    path: str, names: dict[str, str], fields: Fields, inherited: tuple[Column, ...]
) -> Table:
    keys = (*JOIN, *inherited, EXTRA)
    parent = names[parent_of(path, names)]
    found = _apart(fields.asked(path), {key.name.casefold() for key in keys})
    return Table(names[path], path, parent, tuple(found), keys)


def parent_of(path: str, paths: Iterable[str]) -> str:
    """Return the innermost of some repeats around another; empty if there is none."""
    return max((one for one in paths if one and path.startswith(f"{one}/")), key=len, default="")


def known_keys(layout: Layout, table: Table) -> set[str]:
    """Return the keys that the form or the server is known to write into the rows of a table."""
    form = layout.form
    asked = {question.path for question in form.questions if question.repeat == table.path}
    inner = {path for path in form.repeats if parent_of(path, form.repeats) == table.path}
    return asked | inner | ({*ALL} if table.parent is None else set())


def needed_paths(layout: Layout, table: Table) -> list[str]:
    """Return the keys of the rows of a table that its tables are made of."""
    own = (field.path for field in table.fields)
    inner = (other.path for other in layout.tables if other.parent == table.name)
    files = ("_attachments",) if layout.options.media else ()
    system = ("_id", *files) if table.parent is None else ()
    return list(dict.fromkeys((*system, *own, *inner)))


def _inherited(root: Table, options: TableOptions) -> tuple[Column, ...]:
    if not options.repeat_system:
        return ()
    columns = (one for one in root.columns if one.type == "system" and one.path != "_id")
    return tuple(attrs.evolve(one, name=f"_submission_{one.name}") for one in columns)


def free(name: str, taken: Iterable[str]) -> str:
    """Return a name that nothing else has, whatever the case of its letters, and without NUL."""
    return _free(name, {one.casefold() for one in taken})


def _free(name: str, folded: Container[str]) -> str:
    plain = name.replace("\0", REPLACEMENT)
    numbered = (f"{plain}_{number}" for number in count(2))
    return next(one for one in chain((plain,), numbered) if one.casefold() not in folded)


def _apart(fields: Iterable[Field], taken: set[str]) -> Iterator[Field]:
    """Give every column a name of its own; the names that are taken are casefolded."""
    for field in fields:
        columns = []
        for column in field.columns:
            name = _free(column.name, taken)
            taken.add(name.casefold())
            columns.append(attrs.evolve(column, name=name))
        yield attrs.evolve(field, columns=tuple(columns))
