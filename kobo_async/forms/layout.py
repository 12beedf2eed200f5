"""Lays out the tables of a form: which there are, and how their columns are called.

Columns are in the order of the form, then what the server adds, then the keys. Names follow the
server's own exports: `group/question`, `group/_place_latitude`, `question/choice`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import ALL, Column, Field, Holds, Layout, Table, TableOptions
from kobo_async.forms.fields import Fields
from kobo_async.forms.schema import Form, Kind

MOST_FLAGS: Final = 250_000
"""Two small lists, of questions and of choices, can make any number of columns."""
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
        ConfigError: for a language that the form does not have, for a path in `only` that is
            none of it, and for more columns than anything takes.
    """
    wanted = options or TableOptions()
    _check(form, wanted)
    names = _names(form, wanted)
    fields = Fields(form, wanted)
    root = _root(wanted, fields, names[""])
    inherited = _inherited(root, wanted)
    repeats = (_repeat(path, names, fields, inherited, form) for path in names if path)
    return Layout(form, (root, *repeats), wanted)


def _check(form: Form, options: TableOptions) -> None:
    paths = {question.path for question in form.questions} | form.groups.keys()
    for path in options.only:
        if path not in paths:
            raise ConfigError(f"the form has no question {path!r}")
    flags = 0 if options.select_multiple == "list" else sum(_flags(form, options))
    if flags > MOST_FLAGS:
        raise ConfigError(
            f"{flags:,} columns, one for each choice that can be ticked: lay the tables out with "
            "select_multiple='list', or name in `only` what is wanted"
        )


def _flags(form: Form, options: TableOptions) -> Iterator[int]:
    """Count the choices of the questions that take several; a list may be shared by many."""
    for question in form.questions:
        if question.kind is Kind.SELECT_MULTIPLE and options.wants(question.path):
            yield len(question.choices)


def _names(form: Form, options: TableOptions) -> dict[str, str]:
    """Name the tables that are wanted by the paths of their repeats."""
    wanted, names = _wanted(form, options), Names()
    paths = ("", *(path for path in form.repeats if path in wanted))
    titles = (form.name or "submissions", *(path.rpartition("/")[2] for path in paths[1:]))
    return dict(zip(paths, map(names.free, titles), strict=True))


def _wanted(form: Form, options: TableOptions) -> set[str]:
    """Find the repeats that are wanted: by themselves, or for a question inside of them."""
    asked = {q.repeat for q in form.questions if options.wants(q.path)}
    wanted: set[str] = set()
    for path in asked:
        while path and path not in wanted:
            wanted.add(path)
            path = form.around.get(path, "")  # noqa: PLW2901 - on the way out
    return wanted | {path for path in form.repeats if options.wants(path)}


def _root(options: TableOptions, fields: Fields, name: str) -> Table:
    keys = (INDEX, EXTRA) if options.numbering == "table" else (EXTRA,)
    taken = Names(key.name for key in keys)
    system = tuple(_apart(fields.system(), taken))
    return Table(name, "", None, (*_apart(fields.asked(""), taken), *system), keys)


def _repeat(
    path: str, names: Mapping[str, str], fields: Fields, inherited: tuple[Column, ...], form: Form
) -> Table:
    keys = (*JOIN, *inherited, EXTRA)
    around = form.around[path]
    while around not in names:
        around = form.around[around]
    found = _apart(fields.asked(path), Names(key.name for key in keys))
    return Table(names[path], path, names[around], tuple(found), keys)


def known_keys(layout: Layout, table: Table) -> set[str]:
    """Return the keys that the form or the server is known to write into the rows of a table."""
    form = layout.form
    asked = (question.path for question in form.asked.get(table.path, ()))
    added = ALL if table.parent is None else ()
    return {*asked, *form.inner.get(table.path, ()), *added}


def needed_paths(layout: Layout, table: Table) -> list[str]:
    """Return the keys of the rows of a table that its tables are made of."""
    own = (field.path for field in table.fields)
    inner = layout.inner.get(table.name, ())
    files = ("_attachments",) if layout.options.media else ()
    system = ("_id", *files) if table.parent is None else ()
    return list(dict.fromkeys((*system, *own, *inner)))


def fingerprint(layout: Layout) -> str:
    """Digest all of a layout that decides which cells a submission gets."""
    labels = layout.options.labels is not None
    columns = (
        (table.path, one.name, one.path, one.holds.value, _shown(one, labels=labels))
        for table in layout.tables
        for one in table.columns
    )
    questions = ((one.repeat, one.path, one.kind.value, one.other) for one in layout.form.questions)
    told = repr((sorted(columns), sorted(questions)))
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


def _shown(column: Column, *, labels: bool) -> tuple[object, ...]:
    return column.choices if labels else tuple(name for name, _ in column.choices)


def _inherited(root: Table, options: TableOptions) -> tuple[Column, ...]:
    if not options.repeat_system:
        return ()
    columns = (one for one in root.columns if one.type == "system" and one.path != "_id")
    return tuple(attrs.evolve(one, name=f"_submission_{one.name}") for one in columns)


class Names:
    """Gives out names that are all different, whatever the case of their letters."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._next = dict.fromkeys((name.casefold() for name in taken), 2)

    def free(self, name: str) -> str:
        """Return a name without NUL that nothing has yet: `name`, or `name_2` if that is taken."""
        plain = name.replace("\0", REPLACEMENT)
        found, folded = plain, plain.casefold()
        while found.casefold() in self._next:
            found = f"{plain}_{self._next[folded]}"
            self._next[folded] += 1
        self._next[found.casefold()] = 2
        return found


def _apart(fields: Iterable[Field], names: Names) -> Iterator[Field]:
    """Give every column a name of its own."""
    for field in fields:
        columns = [attrs.evolve(one, name=names.free(one.name)) for one in field.columns]
        yield attrs.evolve(field, columns=tuple(columns))
