"""Which Questionnaires a JSON document holds, and which version of FHIR each is written in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms_catalog.formats.fhir.parts import Json, dicts, node_of, text
from forms_catalog.formats.problems import UnreadableFile

MAX_ITEMS = 20_000  # a hundred times the largest real questionnaire seen
_ANSWERS = "answers that were given, not the questions. Upload the Questionnaire it belongs to"
_OTHER = "no Questionnaire. Upload the Questionnaire of the program"
_VERSIONS = (("5.", "R5"), ("4.3", "R4B"), ("4.1", "R4B"), ("4.0", "R4"), ("3.", "STU3"))
_R5_ITEM = frozenset({"answerConstraint", "disabledDisplay"})
_R4_ITEM = frozenset({"answerOption", "answerValueSet", "enableBehavior"})
_STU3_ITEM = frozenset({"option", "options"})


def questionnaires(document: Any) -> list[Json]:
    """Every Questionnaire of the document: itself, of a Bundle, or of a list, in order.

    Raises UnreadableFile: not_a_questionnaire, old_questionnaire, too_many_items.
    """
    found = [node for node in _resources(document) if node.get("resourceType") == "Questionnaire"]
    if not found:
        raise _nothing_in(document)
    if any("group" in node and "item" not in node for node in found):
        message = "This Questionnaire is FHIR DSTU2 (2015), which is not read. Export it as R4."
        raise UnreadableFile("old_questionnaire", message)
    return found


def _resources(document: Any) -> Iterator[Json]:
    for node in dicts(document):
        if node.get("resourceType") == "Bundle":
            yield from (node_of(entry.get("resource")) for entry in dicts(node.get("entry")))
        else:
            yield node


def _nothing_in(document: Any) -> UnreadableFile:
    kinds = list(dict.fromkeys(text(node.get("resourceType")) for node in dicts(document)))
    kind = next((k for k in kinds if k), "")[:40]
    what = _ANSWERS if kind == "QuestionnaireResponse" else _OTHER
    return UnreadableFile("not_a_questionnaire", f"This is a FHIR {kind or 'file'}: {what}.")


def walk(questionnaire: Json) -> Iterator[Json]:
    """Every item at any depth in file order, without recursion. Raises UnreadableFile('too_many_items'): groups are
    not counted."""
    waiting = dicts(questionnaire.get("item"))[::-1]
    count = 0
    while waiting:
        count += waiting[-1].get("type") != "group"
        if count > MAX_ITEMS:
            raise UnreadableFile("too_many_items", f"The file has more than {MAX_ITEMS} items. Split it by form.")
        item = waiting.pop()
        yield item
        if "item" in item:
            waiting += dicts(item.get("item"))[::-1]


def version_of(questionnaire: Json) -> str:
    """'STU3', 'R4', 'R4B' or 'R5': what the file says of itself, else which elements it uses."""
    said = _said(questionnaire)
    if said:
        return said
    if any(key.startswith("versionAlgorithm") or key == "copyrightLabel" for key in questionnaire):
        return "R5"
    old = new = False
    for item in walk(questionnaire):
        if item.get("type") == "coding" or _R5_ITEM & item.keys():
            return "R5"
        new = new or bool(_R4_ITEM & item.keys())
        old = old or bool(_STU3_ITEM & item.keys()) or _is_old(item)
    return "STU3" if old and not new else "R4"


def _said(questionnaire: Json) -> str:
    profiles = node_of(questionnaire.get("meta")).get("profile")
    texts = [text(questionnaire.get("fhirVersion"))]
    for profile in profiles if isinstance(profiles, list) else ():
        url, _, version = text(profile).partition("|")
        if url.startswith("http://hl7.org/fhir/") and "/uv/" not in url and "/us/" not in url:
            texts += [version, url.removeprefix("http://hl7.org/fhir/")]
    return next((name for said in texts for start, name in _VERSIONS if said.startswith(start)), "")


def _is_old(item: Json) -> bool:
    """enableWhen without operator, or an initial value that is no list: only STU3 has them."""
    if any("hasAnswer" in rule or "operator" not in rule for rule in dicts(item.get("enableWhen"))):
        return True
    return any(key.startswith("initial") and key != "initial" for key in item)
