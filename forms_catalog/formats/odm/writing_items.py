"""FieldSpecs as ItemDefs, code lists, units, conditions and methods, in ODM 1.3.2 or 2.0."""

from __future__ import annotations

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.kinds import KINDS, kind_of
from forms_catalog.formats.odm.layout import Layout, Listed, choices
from forms_catalog.formats.odm.units import Units
from forms_catalog.formats.odm.xml_parts import Edition, is_language
from forms_catalog.formats.xml_input import Element
from forms_catalog.language import LogicError, Op, parse, to_text
from forms_catalog.specs import FieldSpec, Loss, Translation

_TYPES = {"integer": "integer", "date": "date", "datetime": "datetime", "time": "time", "file": "base64Binary"}
_CODED = ("integer", "text", "string")
_ADDED_IN_2 = ("decimal",)


class Items:
    """Writes the definitions that fields need, after the references to them are known."""

    def __init__(self, edition: Edition, layout: Layout) -> None:
        self.edition = edition
        self.layout = layout

    def reference(self, parent: Element, field: FieldSpec) -> None:
        """The ItemRef of a field: whether it is required, when it is asked, how it is computed."""
        attributes = {"ItemOID": self.layout.items[field.path], "Mandatory": "Yes" if field.required else "No"}
        if field.branching:
            oid = self.layout.shared("C", self.layout.conditions, field.branching)
            attributes["CollectionExceptionConditionOID"] = oid
        if field.calculation:
            attributes["MethodOID"] = self.layout.shared("M", self.layout.methods, field.calculation)
        if field.initial and self.edition.is_2:
            attributes["PreSpecifiedValue"] = field.initial
        self.edition.add(parent, "ItemRef", **attributes)

    def define(self, parent: Element, field: FieldSpec) -> None:
        """The ItemDef of a field, its children in the order of the schemas."""
        edition, oid = self.edition, self.layout.items[field.path]
        data_type, said = self._data_type(field), self._sayable(field)
        listed = choices(self.layout, field, said, data_type)
        digits = field.validation[7:-2] if field.validation in (f"number_{n}dp" for n in range(1, 5)) else ""
        more = (
            {"SignificantDigits": digits} if digits and not edition.is_2 and KINDS.get(data_type) == "decimal" else {}
        )
        item = edition.add(parent, "ItemDef", OID=oid, Name=field.name.strip() or oid, DataType=data_type, **more)
        notes = [(t.language, t.note) for t in said]
        if not edition.is_2:
            edition.say(item, "Description", field.note, notes)
        edition.say(item, "Question", field.label, [(t.language, t.label) for t in said])
        if edition.is_2:
            edition.say(item, "CRFCompletionInstructions", field.note, notes)
        elif field.unit:
            unit = self.layout.shared("MU", self.layout.units, field.unit)
            edition.add(item, "MeasurementUnitRef", MeasurementUnitOID=unit)
        for comparator, limit in (("GE", field.minimum), ("LE", field.maximum)):
            if limit:
                check = edition.add(item, "RangeCheck", Comparator=comparator, SoftHard="Soft")
                edition.add(check, "CheckValue").text = limit
        if listed:
            edition.add(item, "CodeListRef", CodeListOID=self.layout.listed(listed))
        codes = self._codes(item, field)
        edition.own(item, self._own(field, oid, data_type, codes, coded=listed is not None) | own.languages(said))

    def _data_type(self, field: FieldSpec) -> str:
        """The file's own DataType where it still fits, else the nearest."""
        own_type = field.field_type
        if field.options or field.kind in ("choice", "multichoice"):
            return own_type if own_type in _CODED else "text"
        if KINDS.get(own_type) == field.kind and (self.edition.is_2 or own_type not in _ADDED_IN_2):
            return own_type
        if field.kind == "decimal":
            return "decimal" if self.edition.is_2 else "float"
        return _TYPES.get(field.kind, "text")

    def _sayable(self, field: FieldSpec) -> list[Translation]:
        """The translations whose language XML can name, each language once."""
        seen = {self.edition.language}
        found = []
        for said in field.translations:
            if is_language(said.language) and said.language not in seen:
                seen.add(said.language)
                found.append(said)
        if len(found) < len(field.translations):
            message = "A translation into the main language, or one whose language XML cannot name, is left out."
            self.layout.losses.append(Loss(field.path, "translations", message))
        return found

    def _codes(self, item: Element, field: FieldSpec) -> list[tuple[str, str, str]]:
        """Write codes and give them back as they will be read: in 2.0 those of a URI as Coding, else one Alias each."""
        coded = [code for code in field.codes if self._is_coding(code)]
        for system, code, label in coded:
            self.edition.add(item, "Coding", Code=code, System=system, **({"Label": label} if label else {}))
        if field.unit and self.edition.is_2:
            self.edition.add(item, "Coding", Code=field.unit, System=Units.UCUM, Label=field.unit)
        named: dict[str, str] = {}
        for system, code, _ in field.codes:
            if (system, code, _) not in coded and not system.startswith(own.PREFIX):
                named.setdefault(system, code)
        for system, code in named.items():
            self.edition.add(item, "Alias", Context=system, Name=code)
        return [*coded, *((system, code, "") for system, code in named.items())]

    def _is_coding(self, code: tuple[str, str, str]) -> bool:
        system, value, label = code
        is_uri = ":" in system and not any(c.isspace() or c in '<>"{}|\\^`%' for c in system) and system.isascii()
        is_whole = all(text == text.strip() for text in code)
        return self.edition.is_2 and is_uri and is_whole and bool(value or label) and system != Units.UCUM

    def _own(
        self, field: FieldSpec, oid: str, data_type: str, codes: list[tuple[str, str, str]], *, coded: bool
    ) -> dict[str, str]:
        """What differs from what the reader will make of the rest."""
        kind = kind_of(data_type, "", coded=coded)
        derived = {
            "name": oid,
            "kind": kind,
            "field_type": data_type,
            "date_format": "ymd" if kind in ("date", "datetime") else "",
            "initial": field.initial if self.edition.is_2 else "",
        }
        said = {n: v for n in own.TEXTS if (v := getattr(field, n)) != derived.get(n, "")}
        if field.identifier:
            said["identifier"] = "yes"
        if field.asks == bool(field.calculation):
            said["asks"] = "yes" if field.asks else "no"
        if tuple(codes) != field.codes:
            said["codes"] = own.codes_text(field.codes)
        return said

    def lists(self, parent: Element) -> None:
        """Every code list that was referred to."""
        for (options, others, data_type), oid in self.layout.lists.items():
            codelist = self.edition.add(parent, "CodeList", OID=oid, Name=oid, DataType=data_type)
            self._options(codelist, (options, others, data_type))

    def _options(self, codelist: Element, listed: Listed) -> None:
        labels = [(language, {o.code: o.label for o in options}) for language, options in listed[1]]
        for option in listed[0]:
            entry = self.edition.add(codelist, "CodeListItem", CodedValue=option.code)
            said = [(language, found.get(option.code, "")) for language, found in labels]
            self.edition.say(entry, "Decode", option.label, said, must=True)

    def units(self, parent: Element) -> None:
        """Every MeasurementUnit that was referred to (ODM 1.3.2)."""
        for unit, oid in self.layout.units.items():
            self.edition.say(self.edition.add(parent, "MeasurementUnit", OID=oid, Name=unit), "Symbol", unit)

    def rules(self, parent: Element) -> None:
        """Every condition and method that was referred to. A condition says when NOT to collect."""
        for text, oid in self.layout.conditions.items():
            condition = self.edition.add(parent, "ConditionDef", OID=oid, Name=oid)
            self.edition.say(condition, "Description", f"Only collected when: {text}")
            self.edition.formal(condition, *_turned_round(text))
        for text, oid in self.layout.methods.items():
            method = self.edition.add(parent, "MethodDef", OID=oid, Name=oid, Type="Computation")
            self.edition.say(method, "Description", text)
            self.edition.formal(method, text, own.LOGIC if _is_readable(text) else own.VERBATIM)


def _turned_round(text: str) -> tuple[str, str]:
    """The condition under which nothing is collected, and its Context; an unread text cannot be turned round."""
    try:
        node = Op("not", (parse(text),))
        expression = to_text(node)
        return (expression, own.LOGIC) if parse(expression) == node else (text, own.ASKED_WHEN)
    except LogicError:
        return text, own.ASKED_WHEN


def _is_readable(text: str) -> bool:
    try:
        parse(text)
    except LogicError:
        return False
    return True
