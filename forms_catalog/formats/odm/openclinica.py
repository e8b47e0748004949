"""What OpenClinica and its kin add to an ItemDef: how it is answered, when it is shown, whether it names a person.

Its ItemDetails follow the schema OpenClinica-ODM1-3-0-OC3; lists of more than one choice are read in codelists.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from forms_catalog.formats.odm.elements import attribute, child, is_yes, words
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.xml_input import Element
from forms_catalog.language import FieldRef, Op, Ref, Text, to_text
from forms_catalog.specs import FieldSpec

_COMPUTED = ("calculation", "group-calculation", "instant-calculation")
_KINDS = {"textarea": "notes", "file": "file"}


class ShownItems:
    """The items of a file by the names that display conditions use."""

    def __init__(self, study: Study) -> None:
        self._by_name: dict[str, tuple[str, bool]] = {}
        for oid, item in study.of("ItemDef").items():
            several = child(item, "MultiSelectListRef") is not None
            self._by_name.setdefault(attribute(item, "Name"), (oid, several))

    def applied(self, field: FieldSpec, item: Element) -> FieldSpec:
        """The field with what the details of its first form say."""
        shown = child(child(item, "ItemDetails"), "ItemPresentInForm")
        if shown is None:
            return field
        response = child(shown, "ItemResponse")
        answered = "" if response is None else attribute(response, "ResponseType")
        changes: dict[str, Any] = {}
        if field.kind == "text" and answered in _KINDS:
            changes["kind"] = _KINDS[answered]
        if answered in _COMPUTED:
            changes |= {"asks": False, "required": False}
        if is_yes(attribute(shown, "PHI")):
            changes["identifier"] = True
        if not field.initial and (initial := attribute(shown, "DefaultValue")):
            changes["initial"] = initial
        condition = child(shown, "SimpleConditionalDisplay")
        if condition is not None and not field.branching:
            changes["branching"] = self._branching(condition)
        return replace(field, **changes) if changes else field

    def _branching(self, condition: Element) -> str:
        """Shown when another item has an answer; an item that is not there is kept by its name and reported."""
        name, value = (_said(condition, part) for part in ("ControlItemName", "OptionValue"))
        oid, several = self._by_name.get(name, (name, False))
        if not oid:
            return ""
        answer = (FieldRef(oid, code=value), "1") if several else (FieldRef(oid), value)
        return to_text(Op("=", (Ref(answer[0]), Text(answer[1]))))


def _said(holder: Element, name: str) -> str:
    found = child(holder, name)
    return "" if found is None else words(found).strip()
