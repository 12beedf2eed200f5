"""Whether answers belong to questions of the form.

The server stores answers to any question, and where they name none they are in the data and in no
export (`api-facts §3.7`). The form that counts is the deployed one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from kobo_async.errors import QueryError
from kobo_async.instance import Answers
from kobo_async.pages import Sender

if TYPE_CHECKING:
    from kobo_async.forms.schema import Form
    from kobo_async.models.asset import Asset

_NUMBER: Final = re.compile(r"\[\d+\]")


async def fetch_asset(sender: Sender, uid_asset: str, *, with_content: bool) -> Asset:
    """Fetch the asset that answers belong to."""
    from kobo_async.resources.assets import Assets  # noqa: PLC0415 - slow to import

    exclude = ["deployment__links", *([] if with_content else ["content"])]
    return await Assets(sender).get(uid_asset, exclude=exclude)


async def deployed_form(sender: Sender, asset: Asset) -> Form:
    """Return the form that is deployed.

    That is one more request where a newer version waits to be deployed.
    """
    from kobo_async.forms.content import read_form  # noqa: PLC0415 - slow to import
    from kobo_async.resources.versions import Versions  # noqa: PLC0415

    if asset.deployed_version_id in {None, asset.version_id}:
        return read_form(asset.content)
    return read_form(
        (await Versions(sender).get(asset.uid, str(asset.deployed_version_id))).content
    )


def check_answers(form: Form, given: Iterable[Answers]) -> None:
    """Compare the paths of answers with those of a form; one without questions takes anything.

    Raises:
        QueryError: for the first question that the form does not have, with the nearest one.
    """
    from kobo_async.forms.content import paths_of  # noqa: PLC0415 - slow to import

    check_paths(paths_of(form), given)


def check_paths(known: Collection[str], given: Iterable[Answers]) -> None:
    """Compare the paths of answers with those that are known; see `check_answers`."""
    for path in dict.fromkeys(path for answers in given for path in _paths(answers)):
        if path in known or not known:
            continue
        close = "".join(f"; did you mean {one}?" for one in get_close_matches(path, known, 1))
        raise QueryError(f"the form has no question {path!r}{close}")


def check_instances(form: Form, changes: Answers) -> None:
    """Refuse changes in a repeat that do not say which instance: it would be the first one.

    Raises:
        QueryError: for the first of them, and for a repeat that would not become instances.
    """
    for path, value in changes.items():
        if path in form.repeats and not is_repeat(value):
            raise QueryError(f"{path!r} is a repeat: give a list of its instances")
        steps, bare = path.split("/"), _NUMBER.sub("", path)
        for repeat in form.repeats:
            if bare.startswith(f"{repeat}/") and "[" not in steps[repeat.count("/")]:
                raise QueryError(
                    f"{path!r} is in a repeat: say which instance, as in '{repeat}[1]/…'"
                )


def is_repeat(value: object) -> bool:
    """Tell whether an answer is a list of instances."""
    return isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value)


def _paths(answers: Answers) -> Iterator[str]:
    """Yield the paths of answers, those in repeats too, without numbers of instances."""
    for path, value in answers.items():
        yield _NUMBER.sub("", path)
        for one in value if isinstance(value, list | tuple) else ():
            if isinstance(one, Mapping):
                yield from _paths(one)
