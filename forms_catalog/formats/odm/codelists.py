"""Code lists to options in every language, each read once; ODM 2.0 value lists, whose items bring the codes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from forms_catalog.formats.odm.elements import attribute, child, children, in_order, line_of
from forms_catalog.formats.odm.study import Study
from forms_catalog.formats.odm.texts import Texts
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import Option

MAX_OPTIONS = 200_000  # over all items of a file, which may share a list


@dataclass(frozen=True, slots=True)
class CodeList:
    """Options in the main language and the others; `external` names a list that is kept elsewhere."""

    options: tuple[Option, ...] = ()
    others: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    external: str = ""
    multiple: bool = False


NOTHING = CodeList()


class CodeLists:
    """The code lists of a study by OID."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.left = MAX_OPTIONS
        self.cells: dict[str, tuple[Option, ...]] = {}  # REDCap's choices of a checkbox, the same in all its items
        self._read: dict[str, CodeList] = {}

    def of_item(self, item: Element) -> CodeList | None:
        """The list an item answers from; None where it is free."""
        reference = child(item, "CodeListRef")
        if reference is not None:
            return self._within(self._listed(reference, item), item)
        several = child(item, "MultiSelectListRef")  # OpenClinica's
        if several is not None:
            return replace(self._within(self._listed(several, item), item), multiple=True)
        values = child(item, "ValueListRef")
        return None if values is None else self._within(self._of_values(values), item)

    def _within(self, found: CodeList, item: Element) -> CodeList:
        had, self.left = self.left, self.left - len(found.options)
        if self.left >= 0:
            return found
        if had >= 0:
            message = f"All items together have more than {MAX_OPTIONS} choices; from here on they were left out."
            path = attribute(item, "OID")
            self.study.findings.error(line_of(item), path, "too_many_choices", f"{message} Split the file by form.")
        return NOTHING

    def _listed(self, reference: Element, item: Element) -> CodeList:
        oid = attribute(reference, "CodeListOID") or attribute(reference, "MultiSelectListID")
        if oid not in self._read:
            element = self.study.get("CodeList" if attribute(reference, "CodeListOID") else "MultiSelectList", oid)
            if element is None:
                message = f"Its CodeList {oid[:60]!r} is not in the file, so it has no choices. Add the list."
                path = attribute(item, "OID")
                self.study.findings.error(line_of(reference), path, "dangling_reference", message)
            self._read[oid] = NOTHING if element is None else self._code_list(element)
        return self._read[oid]

    def _of_values(self, reference: Element) -> CodeList:
        """All codes of the items of a value list: which of them fit depends on another answer."""
        values = self.study.get("ValueListDef", attribute(reference, "ValueListOID"))
        if values is None:
            return NOTHING
        options: dict[str, Option] = {}
        for item_ref in children(values, "ItemRef"):
            item = self.study.get("ItemDef", attribute(item_ref, "ItemOID"))
            listed = child(item, "CodeListRef")
            if item is not None and listed is not None:
                options |= {o.code: o for o in self._listed(listed, item).options if o.code not in options}
        return CodeList(tuple(options.values()))

    def _code_list(self, element: Element) -> CodeList:
        texts: dict[str, Texts] = {}
        for entry in in_order(children(element, "CodeListItem", "EnumeratedItem", "MultiSelectListItem")):
            self._entry(entry, texts)
        if not self.study.speech.verbatim:
            self._check_labels(element, texts)
        speech = self.study.speech
        options = tuple(
            Option(code, speech.main(said) or ("" if speech.verbatim else code)) for code, said in texts.items()
        )
        others = {
            language: tuple(Option(code, said[language]) for code, said in texts.items() if language in said)
            for language in speech.others(*texts.values())
        }
        external = child(element, "ExternalCodeList")
        named = "" if external is None else " ".join(attribute(external, a) for a in ("Dictionary", "Version", "href"))
        return CodeList(options, others, "" if external is None else named.strip() or "an external list")

    def _entry(self, entry: Element, texts: dict[str, Texts]) -> None:
        code = entry.get("CodedValue") or entry.get("CodedOptionValue") or ""
        code = code if self.study.speech.verbatim else code.strip()
        findings = self.study.findings
        if not code and not self.study.speech.verbatim:
            message = "A choice has no CodedValue and was left out. Give it one."
            findings.error(line_of(entry), "", "choice_without_code", message)
        elif code in texts:
            message = f"The code {code[:40]!r} is there twice in the list; the first counts. Give each choice its own."
            findings.error(line_of(entry), "", "duplicate_choice_code", message)
        else:
            texts[code] = self.study.speech.texts(child(entry, "Decode"))

    def _check_labels(self, element: Element, texts: dict[str, Texts]) -> None:
        """ODM 1 wants words for every code of this kind; in 2.0 the code can be the word."""
        wordless = [code[:40] for code, said in texts.items() if not said]
        if wordless and child(element, "CodeListItem") is not None and self.study.format_version != "2.0":
            message = (
                f"Choices without Decode: {', '.join(wordless[:5])}; their codes are shown instead. Add their words."
            )
            self.study.findings.warning(line_of(element), "", "choice_without_label", message)
