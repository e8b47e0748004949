"""DictionarySpec to a FHIR R4 Questionnaire. Standard elements first; the result is read back, and what they did not
give back stands in extensions of this product (own.py). What even those cannot hold is a Loss. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from forms_catalog.comparing import differences
from forms_catalog.formats.fhir import own
from forms_catalog.formats.fhir.items import Lines
from forms_catalog.formats.fhir.parts import OWN, Json
from forms_catalog.formats.fhir.reading import FORMAT, spec_of
from forms_catalog.formats.fhir.writing_items import item_of
from forms_catalog.formats.fhir.writing_logic import Names, with_condition
from forms_catalog.formats.problems import Findings
from forms_catalog.specs import DictionarySpec, FieldSpec, Loss, Written

MEDIA_TYPE = "application/fhir+json"
_ADDRESS = "https://askonce.example/fhir/Questionnaire/"
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")
_UNSEEN = {"name", "form", "path", "order", "line", "original"}


@dataclass(frozen=True, slots=True)
class Outline:
    """What responses need of a Questionnaire: its canonical address, its items, and the field of each linkId."""

    address: str
    items: list[Json]
    fields: dict[str, FieldSpec]
    names: Names


def outline(spec: DictionarySpec) -> Outline:
    """The items under the linkIds that `write` gives them; without conditions."""
    names = Names.of(spec.fields)
    items = _items(spec.fields, {f.path: item_of(f, names) for f in spec.fields}, _groups(names))
    return Outline(f"{_address(spec)}|{_version(spec)}", items, {names.links[f.path]: f for f in spec.fields}, names)


def write(spec: DictionarySpec) -> Written:
    """One Questionnaire; a form is a group where there are several or it repeats, a section a group in it."""
    names = Names.of(spec.fields)
    items = {field.path: with_condition(item_of(field, names), field, names, spec.format) for field in spec.fields}
    body = _questionnaire(spec, items, names)
    losses = list(_whole(spec))
    read = spec_of([body], Lines(), spec.title, Findings()).fields
    for wanted, found in zip(spec.fields, read, strict=True):
        losses += _completed(wanted, found, items[wanted.path])
    data = json.dumps(body, ensure_ascii=False, indent=1).encode()
    return Written(data, MEDIA_TYPE, "json", tuple(losses))


def _completed(wanted: FieldSpec, found: FieldSpec, item: Json) -> Iterator[Loss]:
    """Add the item's own extensions; each attribute they cannot hold is a Loss."""
    changed = {change.what for change in differences(wanted, found)}
    same_logic = {"branching", "calculation"} - changed
    added = [e for e in own.differing(wanted, found) if e["url"].removeprefix(OWN) not in same_logic]
    if wanted.name != item["linkId"]:
        added.append({"url": f"{OWN}name", "valueString": wanted.name})
    if added:
        item["extension"] = [*item.get("extension", ()), *added]
    for what in sorted(changed - own.CARRIED - _UNSEEN):
        yield Loss(wanted.path, what, f"A FHIR Questionnaire cannot say the field's {what} in full.")


def _whole(spec: DictionarySpec) -> Iterator[Loss]:
    if spec.events:
        yield Loss("", "events", "A Questionnaire has no time points. Export them as ODM.")
    if spec.language and not _LANGUAGE.fullmatch(spec.language):
        yield Loss("", "language", f"{spec.language[:40]!r} is no language code of FHIR.")


def _questionnaire(spec: DictionarySpec, items: dict[str, Json], names: Names) -> Json:
    title = spec.title.strip() or "Dictionary"
    forms = list(dict.fromkeys(field.form for field in spec.fields))
    body: Json = {"resourceType": "Questionnaire"}
    if _LANGUAGE.fullmatch(spec.language):
        body["language"] = spec.language
    body["extension"] = [{"url": own.MARK, "valueString": spec.format or FORMAT}]
    if len(forms) == 1 and forms[0]:
        body["extension"].append({"url": f"{OWN}form", "valueString": forms[0]})
    body |= {
        "url": _address(spec),
        "version": _version(spec),
        "name": _computer_name(title),
        "title": title,
        "status": "draft",
        "subjectType": ["Patient"],
    }
    found = _items(spec.fields, items, _groups(names))
    return body | ({"item": found} if found else {})


def _address(spec: DictionarySpec) -> str:
    return _ADDRESS + (spec.version or "dictionary")


def _version(spec: DictionarySpec) -> str:
    return spec.version or "1"


def _computer_name(title: str) -> str:
    """A name as invariant que-0 wants it: a capital letter, then letters, digits and underscores."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", title).strip("_")[:200]
    return name[:1].upper() + name[1:] if name[:1].isalpha() else f"Q_{name or 'dictionary'}"


def _groups(names: Names) -> Iterator[str]:
    """linkIds for groups that no field has."""
    taken, number = set(names.links.values()), 0
    while True:
        number += 1
        if f"group-{number}" not in taken:
            yield f"group-{number}"


def _items(fields: tuple[FieldSpec, ...], items: dict[str, Json], links: Iterator[str]) -> list[Json]:
    """A form whose every field repeats is one repeating group, so that what belongs together stays together."""
    several = len({field.form for field in fields}) > 1
    found: list[Json] = []
    for form, members in groupby(fields, key=lambda field: field.form):
        run = list(members)
        again = all(field.repeating for field in run)
        if not form or not (several or again):
            found += _sections(run, items, links)
            continue
        group: Json = {"extension": [{"url": f"{OWN}form", "valueString": form}], "linkId": next(links), "text": form}
        inside = _sections(run, items, links, again=again)
        found.append(group | {"type": "group"} | ({"repeats": True} if again else {}) | {"item": inside})
    return found


def _sections(
    fields: list[FieldSpec], items: dict[str, Json], links: Iterator[str], *, again: bool = False
) -> list[Json]:
    """The items of one form; where the whole form comes `again`, nothing in it repeats by itself."""
    found: list[Json] = []
    for section, members in groupby(fields, key=lambda field: field.section):
        run = list(members)
        inside = [items[field.path] for field in run]
        together = bool(section) and not again and all(field.repeating for field in run)
        if not together and not again:
            for field, item in zip(run, inside, strict=True):
                if field.repeating and "answerOption" not in item and item["type"] not in ("choice", "display"):
                    item["repeats"] = True
        if not section:
            found += inside
            continue
        group: Json = {"linkId": next(links), "text": section, "type": "group"}
        found.append(group | ({"repeats": True} if together else {}) | {"item": inside})
    return found
