"""The definitions of an ODM file by kind and OID, with the oddities of the file as a whole reported."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.elements import LANG, REDCAP, attribute, child, children, line_of, local, redcap
from forms_catalog.formats.odm.texts import MAX_LANGUAGES, Speech, languages_of, main_language
from forms_catalog.formats.problems import Findings, UnreadableFile
from forms_catalog.formats.xml_input import Element

MAX_ITEMS = 10_000  # five times the largest real dictionary seen
MAX_INCLUDED = 20
_KINDS = (
    *("StudyEventDef", "StudyEventGroupDef", "FormDef", "ItemGroupDef", "ItemDef", "CodeList", "ConditionDef"),
    *("MethodDef", "MeasurementUnit", "ValueListDef", "MultiSelectList"),
)
_BY_NAMESPACE = {"/v1.2": "1.2", "/v1.3": "1.3", "/v2.0": "2.0"}
_Defs = dict[str, dict[str, list[Element]]]


@dataclass(slots=True)
class Study:
    """One MetaDataVersion with all it includes. `of(kind)` gives its definitions by OID, the first of each."""

    root: Element
    versions: list[Element]  # the included ones first, the one that counts last
    speech: Speech
    title: str
    format_version: str
    is_redcap: bool
    findings: Findings
    defs: _Defs
    form_names: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, Element]:
        """Definitions of a kind by OID."""
        return {oid: found[0] for oid, found in self.defs[kind].items()}

    def get(self, kind: str, oid: str) -> Element | None:
        """One definition, None where there is none."""
        found = self.defs[kind].get(oid)
        return found[0] if found else None

    @property
    def items(self) -> list[tuple[str, Element]]:
        """Every ItemDef with its OID, also the second of the same OID; one without OID has its line for it."""
        return [(oid, item) for oid, found in self.defs["ItemDef"].items() for item in found]

    @property
    def protocol(self) -> Element | None:
        """The Protocol element of the version."""
        return child(self.versions[-1], "Protocol")


def load(root: Element, name: str, findings: Findings) -> Study:
    """Collect the definitions. Raises UnreadableFile: no_metadata, too_many_items."""
    versions = _versions(root, findings)
    study = next(versions[-1].iterancestors(), root)
    is_own = attribute(root, "SourceSystem") == own.SYSTEM
    loaded = Study(
        root=root,
        versions=versions,
        speech=_speech(versions, is_own, findings),
        title=_title(study) or name,
        format_version=attribute(root, "ODMVersion") or _version_by_namespace(root),
        is_redcap=any(REDCAP in str(key) for item in versions[-1].iter("{*}ItemDef") for key in item.attrib),
        findings=findings,
        defs=_defs(study, versions, findings),
    )
    if sum(map(len, loaded.defs["ItemDef"].values())) > MAX_ITEMS:
        raise UnreadableFile("too_many_items", f"The file has more than {MAX_ITEMS} ItemDefs. Split it by form.")
    loaded.form_names = _form_names(loaded)
    _report(loaded)
    return loaded


def _versions(root: Element, findings: Findings) -> list[Element]:
    """The last MetaDataVersion that defines items, after those it includes."""
    found = list(root.iter("{*}MetaDataVersion"))
    if not found:
        message = "The file is ODM but has no MetaDataVersion, so no questions. Export the study's metadata."
        raise UnreadableFile("no_metadata", message)
    chosen = next((v for v in reversed(found) if child(v, "ItemDef") is not None), found[-1])
    chain = [chosen]
    while len(chain) < MAX_INCLUDED and (before := _included(chain[0], found)) not in (None, *chain):
        assert before is not None
        chain.insert(0, before)
    include = child(chain[0], "Include")
    if include is not None:
        message = f"It includes version {attribute(include, 'MetaDataVersionOID')[:60]!r}, which is not in the file."
        findings.error(line_of(include), "", "dangling_reference", f"{message} Export the whole study.")
    if len(found) > len(chain):
        message = (
            f"The file has {len(found)} versions of the metadata; {attribute(chosen, 'OID')[:60]!r} was read, the last."
        )
        findings.warning(line_of(chosen), "", "several_versions", message)
    return chain


def _included(version: Element, found: list[Element]) -> Element | None:
    include = child(version, "Include")
    oid = "" if include is None else attribute(include, "MetaDataVersionOID")
    return next((v for v in found if oid and attribute(v, "OID") == oid and v is not version), None)


def _speech(versions: list[Element], is_own: bool, findings: Findings) -> Speech:
    """The main language and the most frequent others. Our own files name it where the protocol is described."""
    counted = languages_of(versions)
    if len(counted) > MAX_LANGUAGES:
        message = f"The texts are in {len(counted)} languages; the first {MAX_LANGUAGES} were read. Leave some out."
        findings.warning(0, "", "too_many_languages", message)
    described = child(child(child(versions[-1], "Protocol"), "Description"), "TranslatedText")
    own_language = "" if described is None else attribute(described, LANG)
    kept = frozenset(language for language, _ in counted.most_common(MAX_LANGUAGES))
    return Speech(own_language if is_own else main_language(counted), is_own, kept)


def _title(study: Element) -> str:
    named = child(child(study, "GlobalVariables"), "StudyName")
    return " ".join((attribute(study, "StudyName") or ("" if named is None else named.text or "")).split())


def _version_by_namespace(root: Element) -> str:
    namespace = str(root.tag).rpartition("}")[0]
    return next((version for ending, version in _BY_NAMESPACE.items() if namespace.endswith(ending)), "")


def _defs(study: Element, versions: list[Element], findings: Findings) -> _Defs:
    """Definitions by kind and OID; a version's own take the place of what it includes."""
    merged: _Defs = {kind: {} for kind in _KINDS}
    basics = child(study, "BasicDefinitions")
    for holder in [*([] if basics is None else [basics]), *versions]:
        own_defs: _Defs = {kind: {} for kind in _KINDS}
        for element in holder:
            kind = local(element)
            if kind in own_defs:
                oid = attribute(element, "OID") or attribute(element, "ID") or _no_oid(kind, element, findings)
                if oid:
                    own_defs[kind].setdefault(oid, []).append(element)
        for kind, found in own_defs.items():
            merged[kind].update(found)
    return merged


def _no_oid(kind: str, element: Element, findings: Findings) -> str:
    """An ItemDef without OID still counts as a field; nothing can refer to it."""
    findings.error(
        line_of(element), "", "missing_oid", f"This {kind} has no OID, nothing can refer to it. Give it one."
    )
    return f"{attribute(element, 'Name') or 'ItemDef'}@{line_of(element)}" if kind == "ItemDef" else ""


def _form_names(study: Study) -> dict[str, str]:
    """What a form is called: REDCap's unique name, else its Name where no other form has it, else its OID."""
    forms = study.of("FormDef") | {
        oid: group for oid, group in study.of("ItemGroupDef").items() if attribute(group, "Type") == "Form"
    }
    uses = Counter(attribute(form, "Name") for form in forms.values())
    names = {}
    for oid, form in forms.items():
        said = own.aliases(form).get("form") if study.speech.verbatim else None
        name = form.get("Name") or "" if study.speech.verbatim else study.speech.clean(attribute(form, "Name"))
        unique = name if study.speech.verbatim or (name and uses[attribute(form, "Name")] == 1) else oid
        names[oid] = said if said is not None else redcap(form, "FormName") or unique
    return names


def _report(study: Study) -> None:
    for kind, found in study.defs.items():
        for oid, elements in found.items():
            for again in elements[1:] if kind != "ItemDef" else ():  # those are reported with their field
                message = (
                    f"The OID {oid[:60]!r} is already used in line {line_of(elements[0])}. Give each {kind} its own."
                )
                study.findings.error(line_of(again), "", "duplicate_oid", message)
    for kind in ("FormDef", "ItemDef", *(() if study.is_redcap else ("ItemGroupDef",))):
        for oid, element in study.of(kind).items():
            if not attribute(element, "Name"):
                message = f"The {kind} {oid[:60]!r} has no Name; its OID is shown instead. Give it one."
                study.findings.warning(line_of(element), oid if kind == "ItemDef" else "", "missing_name", message)
    branching = next((b for v in study.versions for b in v.iter("{*}Branching")), None)
    if branching is not None:
        message = "The workflow has branches, which are not read: all questions are asked. Put conditions at items."
        study.findings.warning(line_of(branching), "", "workflow_not_read", message)
    data = next(children(study.root, "ClinicalData", "ReferenceData"), None)
    if data is not None:
        message = "The file also holds patient or reference data. It was not read; export the metadata alone next time."
        study.findings.info(line_of(data), "", "data_ignored", message)
