"""Transcripts, translations and analyses of answers (models.md §3.2, §3.3, §13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

VERSION: Final = "20250820"
"""Version of the format in which supplements are written."""
TRANSCRIPTION: Final = "manual_transcription"
TRANSLATION: Final = "manual_translation"
QUAL: Final = "manual_qual"
MANUAL: Final = (TRANSCRIPTION, TRANSLATION, QUAL)
AUTOMATIC: Final = (
    "automatic_google_transcription",
    "automatic_google_translation",
    "automatic_bedrock_qual",
)
_KEYS: Final = {TRANSLATION: "language", QUAL: "uuid"}
"""What tells several results of an action apart."""

Supplement = dict[str, Any]


@attrs.define
class Feature:
    """That a question is prepared for an action."""

    uid: str
    question_xpath: str
    action: str
    params: list[dict[str, Any]]

    def entry(self) -> dict[str, Any]:
        """Return the feature as the API shows it."""
        return attrs.asdict(self)

    def update(self, params: list[dict[str, Any]]) -> None:
        """Add languages or questions; a question that is left out is kept, marked as deleted."""
        key = "uuid" if "qual" in self.action else "language"
        given = {one[key]: one for one in params}
        kept = [one for one in self.params if one[key] not in given]
        if key == "uuid":
            kept = [{**one, "options": {**one.get("options", {}), "deleted": True}} for one in kept]
            self.params = [*params, *kept]
        else:
            self.params = [*kept, *params]


@attrs.frozen
class Writer:
    """Adds results to supplements, the newest version of each first."""

    now: str
    new_uuid: Callable[[], str]

    def write(self, supplement: Supplement, xpath: str, action: str, data: dict[str, Any]) -> None:
        """Add a result of a manual action, which counts as accepted at once.

        Raises:
            LookupError: for a translation where there is no transcript.
        """
        actions: dict[str, Any] = supplement.setdefault(xpath, {})
        version = {
            "_data": data,
            "_dateCreated": self.now,
            "_uuid": self.new_uuid(),
            "_dateAccepted": self.now,
        }
        if action == TRANSLATION and data.get("value") is not None:
            source = actions[TRANSCRIPTION]["_versions"][0]["_uuid"]
            version["_dependency"] = {"_uuid": source, "_actionId": TRANSCRIPTION}
        slot = actions.setdefault(action, {})
        if action in _KEYS:
            slot = slot.setdefault(data[_KEYS[action]], {})
        slot.setdefault("_dateCreated", self.now)
        slot["_dateModified"] = self.now
        slot["_versions"] = [version, *slot.get("_versions", ())]
        supplement["_version"] = VERSION


def flattened(supplement: Supplement, features: Mapping[str, Feature]) -> dict[str, Any]:
    """Return the latest results as `_supplementalDetails` of a row shows them."""
    found: dict[str, Any] = {}
    for feature in features.values():
        results = supplement.get(feature.question_xpath, {}).get(feature.action)
        if results:
            shown = dict(_shown(feature, results))
            found.setdefault(feature.question_xpath, {}).update(shown)
    return found


def _shown(feature: Feature, results: Supplement) -> Iterator[tuple[str, Any]]:
    if feature.action == TRANSCRIPTION:
        data = _latest(results)
        yield "transcript", {**_text(data), "regionCode": data.get("locale")}
    elif feature.action == TRANSLATION:
        yield "translation", {name: _text(_latest(one)) for name, one in results.items()}
    else:
        questions = {one["uuid"]: one for one in feature.params}
        yield (
            "qual",
            {
                uuid: _analysis(feature.question_xpath, questions[uuid], _latest(one))
                for uuid, one in results.items()
            },
        )


def _latest(slot: Supplement) -> dict[str, Any]:
    data: dict[str, Any] = slot["_versions"][0]["_data"]
    return data


def _text(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": data["value"], "languageCode": data["language"]}


def _analysis(xpath: str, question: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "value": _answer(question, data["value"]),
        "type": question["type"],
        "xpath": xpath,
        "labels": question["labels"],
        "verified": False,
        "source": "manual",
    }


def _answer(question: Mapping[str, Any], value: Any) -> Any:
    """Return an answer; choices, which are stored by uuid, come with their labels."""
    labels = {one["uuid"]: one["labels"] for one in question.get("choices", ())}
    if question["type"] == "qualSelectMultiple":
        return [{"uuid": one, "labels": labels.get(one, {})} for one in value or ()]
    if question["type"] == "qualSelectOne":
        return {"uuid": value, "labels": labels.get(value, {})} if value else None
    return value


def tags_of(supplements: Mapping[str, Supplement], uuid: str) -> list[str]:
    """Return the tags that were given in answers to a question, each once."""
    found = (
        _latest(actions[QUAL][uuid])["value"]
        for supplement in supplements.values()
        for actions in supplement.values()
        if isinstance(actions, dict) and uuid in actions.get(QUAL, {})
    )
    return list(dict.fromkeys(tag for tags in found for tag in tags or ()))
