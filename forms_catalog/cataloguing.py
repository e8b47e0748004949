"""What the catalog's pages show: entries for the search, one element's versions and acts, who asks and in what words.

Read by the pages; the programs a person may see are handed in, the rest is only counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Value

from forms_catalog import lifecycle, serial
from forms_catalog.drafts import is_draft
from forms_catalog.models import Alias, DictionaryVersion, Element, ElementVersion, FieldRequest, MappingSource
from forms_catalog.searching import Entry
from forms_catalog.specs import ElementSpec, Option
from sites.models import TrailEntry

ACTS = {
    "release_element": "Released",
    "retire_element": "Retired",
    "restore_element": "Released again",
    "promote_element": "Promoted from a program's draft",
}
COMMON = ("label", "definition", "datatype", "unit", "recall", "reuse", "section")


@dataclass(frozen=True, slots=True)
class Pair:
    """One answer and the program's code it becomes."""

    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One field that reads an element, in its program's words."""

    program: str
    title: str
    form: str
    path: str
    label: str
    kind: str
    relation: str
    qualifier: str
    newest: bool
    options: tuple[Option, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an element's history."""

    at: datetime
    by: str
    what: str
    reason: str
    changed: tuple[str, ...] = ()


def entries(visible: Collection[str]) -> list[Entry]:
    """Every element as a search sees it, drafts of the programs in `visible` only. 2 queries."""
    rows = ElementVersion.objects.order_by("number", "pk").values_list(
        "element__key", "spec", "element__state", "element__replaced_by__key"
    )
    newest = {key: rest for key, *rest in rows}
    uses = _uses()
    return [
        _entry(key, spec, state, other or "", uses.get(key, ()), visible)
        for key, (spec, state, other) in newest.items()
        if not is_draft(key) or key.split(":")[1] in visible
    ]


def _uses() -> Mapping[str, list[tuple[str, str]]]:
    """Element → (program, wording): '' for a question that reads it, else a confirmed wording. 1 query."""
    asked = MappingSource.objects.filter(mapping__state="confirmed").order_by()
    rows = asked.values_list("element__key", "mapping__program__code", Value(""))
    worded = Alias.objects.filter(use=Alias.Use.OWN).order_by().values_list("element__key", "program", "wording")
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, program, wording in rows.union(worded, all=True):
        found[key].append((program, wording))
    return found


def _entry(
    key: str, spec: dict[str, Any], state: str, other: str, uses: Iterable[tuple[str, str]], visible: Collection[str]
) -> Entry:
    uses = list(uses)
    wordings = dict.fromkeys(w for program, w in uses if w and (not program or program in visible))
    return Entry(
        key=key,
        state=state,
        replaced_by=other,
        codes=tuple(code for _, code, _ in spec["bindings"]),
        displays=tuple(display for _, _, display in spec["bindings"] if display),
        options=tuple(o["label"] for o in spec["options"]),
        wordings=tuple(wordings),
        programs=tuple(sorted({p for p, w in uses if not w and p in visible})),
        asked=len({p for p, w in uses if not w}),
        **{name: spec[name] for name in COMMON},
    )


def history(element: Element) -> list[Event]:
    """Versions with what changed, and acts, newest first. 2 queries."""
    found, before = [], None
    for row in element.versions.order_by("number"):
        spec = serial.load(ElementSpec, row.spec)
        changed = lifecycle.changes(before, spec) if before else ()
        found.append(Event(row.created_at, row.created_by, f"Version {row.number}", row.reason, changed))
        before = spec
    acts = TrailEntry.objects.filter(subject=f"element:{element.uuid}", action__in=ACTS).order_by("at", "pk")
    found += [Event(t.at, t.actor, _words(t), t.reason) for t in acts]
    return sorted(found, key=lambda event: event.at, reverse=True)


def _words(entry: TrailEntry) -> str:
    other = entry.details.get("replaced_by", "")
    return ACTS[entry.action] + (f", replaced by {other}" if other else "")


def asked(element: ElementSpec, visible: Collection[str]) -> tuple[list[Asked], int]:
    """The fields of visible programs that read the element, and how many of others do. At most 3 queries."""
    rows = list(
        MappingSource.objects.filter(element__key=element.id, mapping__state="confirmed")
        .select_related("mapping__program")
        .order_by("mapping__program__code", "mapping__path")
    )
    mine = [row for row in rows if row.mapping.program.code in visible]
    fields, newest = _fields(mine)
    return [_asked(row, element, fields, newest) for row in mine], len(rows) - len(mine)


Fields = Mapping[tuple[int, str, str], tuple[int, dict[str, Any]]]


def _fields(rows: list[MappingSource]) -> tuple[Fields, Mapping[int, int]]:
    """(program, path, meaning) → (version, field); program → its newest version."""
    programs = {row.mapping.program_id for row in rows}
    if not rows:
        return {}, {}
    wanted = FieldRequest.objects.filter(version__program__in=programs, path__in={r.mapping.path for r in rows})
    values = wanted.order_by("version__number").values_list(
        "version__program", "path", "meaning_hash", "version__number", "spec"
    )
    newest = DictionaryVersion.objects.filter(program__in=programs).order_by().values_list(F("program"), Max("number"))
    return {(p, path, meaning): (number, spec) for p, path, meaning, number, spec in values}, dict(newest)


def _asked(row: MappingSource, element: ElementSpec, fields: Fields, newest: Mapping[int, int]) -> Asked:
    mapping, program = row.mapping, row.mapping.program
    number, spec = fields.get((program.pk, mapping.path, mapping.meaning_hash), (0, {}))
    options = tuple(serial.load(Option, o) for o in spec.get("options", ()))
    return Asked(
        program=program.code,
        title=program.title,
        form=spec.get("form", ""),
        path=mapping.path,
        label=spec.get("label", ""),
        kind=spec.get("kind", ""),
        relation=mapping.relation,
        qualifier=row.qualifier,
        newest=number == newest.get(program.pk),
        options=options,
        pairs=_pairs(mapping.transform, element, options),
    )


def _pairs(steps: list[dict[str, Any]], element: ElementSpec, theirs: Iterable[Option]) -> tuple[Pair, ...]:
    """Our answer → the program's, by label, from the recode step."""
    table: dict[str, Any] = next((s["args"].get("map", {}) for s in steps if s["op"] == "recode"), {})
    ours = {o.code: o.label for o in element.options}
    labels = {o.code: o.label for o in theirs}
    return tuple(Pair(ours.get(a, a), _named(str(b), labels)) for a, b in table.items())


def _named(code: str, labels: Mapping[str, str]) -> str:
    label = labels.get(code, "")
    return f"{code}, {label}" if label and label != code else code
