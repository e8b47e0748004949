"""A file → elements for the catalog, and what taking each of them in would mean. Pure.

Reads a catalog (JSON or JSONL, formats/catalog_json.py) or any dictionary (formats), whose questions become drafts.
Called by taking_in, for the import page and manage.py import_catalog.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from forms_catalog import formats, lifecycle
from forms_catalog.drafts import draft_element
from forms_catalog.formats import UnreadableFile, catalog_json
from forms_catalog.formats.containers import container
from forms_catalog.formats.problems import MAX_PROBLEMS
from forms_catalog.formats.unit_words import ucum_of
from forms_catalog.specs import ElementSpec, FieldSpec, Problem

MOST_ELEMENTS = 20_000
LONGEST = 20_000  # characters of one text; the longest real definition seen has 4,000
CATALOG = "catalog"
FORMATS = ("auto", CATALOG, "dictionary")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a file holds. `ids_are_ours`: its ids name elements of this catalog, as those of a form do not."""

    format: str
    elements: tuple[ElementSpec, ...]
    problems: tuple[Problem, ...] = ()
    ids_are_ours: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One element of the file. `status`: new · changed · same · twin (new, but much like `twin`) · refused."""

    spec: ElementSpec
    status: str
    changed: tuple[str, ...] = ()
    twin: str = ""
    problem: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog has under an id."""

    spec: ElementSpec
    state: str
    version: int


def read(data: bytes, name: str = "", *, wanted: str = "auto", prefix: str = "") -> Incoming:
    """The elements in a file. `prefix` stands before the ids of a dictionary. Raises UnreadableFile."""
    if prefix and not lifecycle.KEY.fullmatch(prefix):
        raise UnreadableFile("bad_prefix", "The prefix may hold letters, digits, '-', '_' and '.' only.")
    if wanted == CATALOG or (wanted == "auto" and _is_catalog(data)):
        container(data)  # refuses what is empty, too large or no text
        return _catalog(data)
    return _dictionary(data, name, prefix)


def _is_catalog(data: bytes) -> bool:
    """JSON that no reader of dictionaries takes as its own; one element a line is no single JSON value to them."""
    if container(data) != "json":
        return False
    try:
        formats.detect(data)
    except UnreadableFile as error:
        return error.code in ("not_a_dictionary", "not_json")
    return False


def _catalog(data: bytes) -> Incoming:
    found = catalog_json.read(data)
    if not found.elements:
        what = "No element was found: a catalog has an object with 'elements', a list of them, or one on each line."
        raise UnreadableFile("not_a_catalog", what)
    return Incoming(CATALOG, _bounded(found.elements.values()), found.problems[:MAX_PROBLEMS])


def _dictionary(data: bytes, name: str, prefix: str) -> Incoming:
    spec = formats.read(data, name)
    fields = [f for f in spec.fields if f.asks and f.kind != "display"]
    if not fields:
        raise UnreadableFile("no_questions", "The file has no question that somebody answers, so nothing to take in.")
    taken: set[str] = set()
    elements = _bounded(draft(f, _id(prefix, f, taken)) for f in fields)
    return Incoming(spec.format, elements, spec.problems, ids_are_ours=False)


def draft(field: FieldSpec, key: str) -> ElementSpec:
    """A question as an element nobody uses yet; its scope, period and reuse are a curator's to set."""
    made = draft_element("", field)
    coded = made.datatype in ("choice", "multichoice") and not field.options
    return replace(
        made,
        id=key,
        datatype="text" if coded else made.datatype,
        section=field.form or field.section,
        unit=ucum_of(field.unit) or field.unit,
        bindings=field.codes,
        note="",
    )


def _id(prefix: str, field: FieldSpec, taken: set[str]) -> str:
    """prom + 'Visit_Date' → prom-visit-date; a number where a name comes twice."""
    bare = re.sub(r"[^a-z0-9]+", "-", field.name.lower()).strip("-") or f"field-{field.order}"
    bare = f"{prefix.rstrip('-')}-{bare}" if prefix else bare
    key, number = bare[:110], 2
    while key in taken:
        key, number = f"{bare[:110]}-{number}", number + 1
    taken.add(key)
    return key


def _bounded(elements: Iterable[ElementSpec]) -> tuple[ElementSpec, ...]:
    found = tuple(elements)
    if len(found) > MOST_ELEMENTS:
        raise UnreadableFile("too_many", f"The file has {len(found)} elements; take in {MOST_ELEMENTS} at a time.")
    return found


def plan(
    incoming: Incoming, known: Mapping[str, Known], groups: Collection[str], twins: Mapping[str, str]
) -> tuple[Row, ...]:
    """What taking in each element would mean. `twins`: id in the file → the element of the catalog it is much like."""
    names = {*known, *(spec.id for spec in incoming.elements)}
    return tuple(_row(spec, incoming, known.get(spec.id), names, groups, twins) for spec in incoming.elements)


def _row(
    spec: ElementSpec,
    incoming: Incoming,
    there: Known | None,
    names: Collection[str],
    groups: Collection[str],
    twins: Mapping[str, str],
) -> Row:
    version = there.version if there else 0
    if wrong := tuple(_wrong(spec, names, groups)):
        return Row(spec, "refused", problem=" ".join(wrong), version=version)
    if there is None:
        return Row(spec, "twin" if spec.id in twins else "new", twin=twins.get(spec.id, ""))
    changed = lifecycle.changes(there.spec, spec)
    if not changed:
        return Row(spec, "same", version=version)
    if not incoming.ids_are_ours and there.state != lifecycle.DRAFT:
        text = f"The catalog already has '{spec.id}' with other content. Map the field to it, or import with a prefix."
        return Row(spec, "refused", changed, problem=text, version=version)
    if against := lifecycle.edit_problems(there.spec, spec, there.state):
        return Row(spec, "refused", changed, problem=" ".join(against), version=version)
    return Row(spec, "changed", changed, version=version)


def _wrong(spec: ElementSpec, names: Collection[str], groups: Collection[str]) -> Iterator[str]:
    yield from lifecycle.spec_problems(spec)
    if max(len(spec.label), len(spec.definition), len(spec.note)) > LONGEST:
        yield f"A text has more than {LONGEST} characters."
    for group in {spec.group, spec.summary_of} - {"", *groups}:
        yield f"There is no record group '{group[:60]}'."
    if spec.detail_of and spec.detail_of not in names:
        yield f"It is a detail of '{spec.detail_of[:60]}', which is neither here nor in the file."
