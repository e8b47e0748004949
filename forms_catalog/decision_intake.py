"""A file of decisions handed in: read, set beside what stands, and taken through mapping, all or none.

Called by load_decisions --from and by the page of a program's decisions. What a person decided stays unless asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.db import transaction

from forms_catalog import decision_files, decisions, loading, mapping, mapping_checks, seeding, serial
from forms_catalog.decision_files import NoSteps, UnreadableTable
from forms_catalog.decisions import Decisions, NotSame
from forms_catalog.mapping import MappingError
from forms_catalog.models import FieldRequest, Proposal
from forms_catalog.models import Mapping as Decided
from forms_catalog.specs import DictionarySpec, ElementSpec, MappingSpec, Problem
from sites import trail
from sites.models import Program
from sites.trail import Actor

Status = Literal["theirs", "changed", "new", "same"]
PARTS = {"sources": "element", "relation": "relation", "transform": "steps", "condition": "condition",
         "qualifier_question": "extra question", "qualifier_options": "its choices"}  # fmt: skip
LONGEST_QUALIFIER = 120  # what the column holds


@dataclass(frozen=True, slots=True)
class Given:
    """What a file says that can be taken, with the lines it stands on; `problems` are the rows that cannot be.

    `to_confirm` are elements chosen in Usagi anew. `version` is the number of the dictionary it was read against.
    """

    kind: str
    version: str
    found: Decisions
    problems: tuple[Problem, ...] = ()
    to_confirm: tuple[NoSteps, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One decision (or refused pair) of a file beside what stands. `key` names it in a form.

    `theirs`: a person decided otherwise. `seen` is the version of what stands, 0 = none. `differs` names the parts.
    """

    key: str
    line: int
    status: Status
    path: str
    label: str
    spec: MappingSpec | None
    pair: NotSame | None = None
    standing: Decided | None = None
    seen: int = 0
    differs: tuple[str, ...] = ()


def read(program: Program, text: str, values: str = "", kind: str = "") -> Given:
    """The decisions of a table (see decision_files.text_of). Raises UnreadableTable, loading.LoadingError."""
    dictionary, catalog = loading.newest(program)
    kind = kind or decision_files.kind_of(text)
    if decision_files.kind_of(text) != kind:
        raise UnreadableTable(f"This is no table of the kind {kind}; it looks like {decision_files.kind_of(text)}.")
    if kind == "own":
        found = decisions.read(text, values, dictionary, catalog, whole=False)
    else:
        found = _usagi(text, program.code)
    wrong = [_alike(p) for p in found.problems if p.severity == "error"]
    wrong += _refused(program, found, dictionary, catalog, {p.path for p in wrong})
    paths = {p.path for p in wrong}
    taken = replace(
        found,
        mappings=tuple(m for m in found.mappings if m.path not in paths),
        not_same=tuple(p for p in found.not_same if p.path not in paths),
    )
    named = tuple(p for p in found.problems if isinstance(p, NoSteps))
    ordered = tuple(sorted(dict.fromkeys(wrong), key=lambda p: (p.line, p.path)))
    return Given(kind, dictionary.version, taken, ordered, named)


def _alike(problem: Problem) -> Problem:
    """The problem without its code: two checks that say the same say it once."""
    return Problem(problem.line, problem.path, "row_refused", "error", problem.message)


def _usagi(text: str, program: str) -> Decisions:
    specs, problems = decision_files.read_usagi(text, program)
    return Decisions(specs, (), problems, decision_files.lines_of(text, "sourceCode"))


def _refused(
    program: Program,
    found: Decisions,
    dictionary: DictionarySpec,
    catalog: Mapping[str, ElementSpec],
    known: set[str],
) -> Iterator[Problem]:
    """What the gateway would refuse, by line; of fields that have no problem yet."""
    fields, standings = {f.path: f for f in dictionary.fields}, seeding.standings()
    for spec in found.mappings:
        if spec.path in known:
            continue
        field, line = fields.get(spec.path), found.lines.get(spec.path, 0)
        if field is None:
            why = [f"{spec.path} is not a field of the newest dictionary. Take the row out."]
        elif spec.program != program.code:
            why = [f"this row is for program {spec.program or '(none)'}, not {program.code}. Load it there."]
        else:
            why = _odd(spec) or list(mapping_checks.problems(spec, field, catalog, standings))
        yield from (Problem(line, spec.path, "decision_refused", "error", text) for text in why)
    decided = {(m.path, s.element) for m in found.mappings for s in m.sources}
    for pair in found.not_same:
        if pair.path in known:
            continue
        if pair.program != program.code:
            why = [f"this row is for program {pair.program or '(none)'}, not {program.code}. Load it there."]
        elif not pair.reason.strip():
            why = [f"{pair.path} needs a short reason in words."]
        elif (pair.path, pair.element) in decided:
            why = [f"{pair.path} is decided as {pair.element} and refused as {pair.element}. Keep one of the two rows."]
        else:
            why = []
        yield from (Problem(pair.line, pair.path, "pair_refused", "error", text) for text in why)


def _odd(spec: MappingSpec) -> list[str]:
    """What no row can hold: tables of codes that are none, NUL characters, numbers that are none."""
    tables = [step.args.get(name, {}) for step in spec.transform for name in ("map", "missing")]
    if not all(isinstance(table, dict) for table in tables):
        return ['a recode needs its codes as a table, such as {"map": {"1": "2"}}.']
    if any(len(s.qualifier) > LONGEST_QUALIFIER for s in spec.sources):
        return [f"the name of an extra question is longer than {LONGEST_QUALIFIER} characters. Shorten it."]
    try:
        text = json.dumps(serial.dump(spec), allow_nan=False, ensure_ascii=False)
        text.encode()
    except ValueError:  # UnicodeEncodeError is one
        return ["its steps hold a number or a character that cannot be kept. Write them anew."]
    return ["it holds a NUL character. Write the row anew."] if "\\u0000" in text else []


def preview(program: Program, given: Given) -> list[Line]:
    """Each decision and pair of the file beside what stands; what needs a look comes first. 5 queries."""
    requests = {r.path: r for r in FieldRequest.objects.filter(
        version__program=program, version__number=int(given.version))}  # fmt: skip
    rows = Decided.objects.filter(program=program).select_related("program").prefetch_related("sources__element")
    standing = {(m.path, m.meaning_hash): m for m in rows}
    refused = Proposal.objects.filter(program=program, state=Proposal.State.NOT_SAME)
    marked = set(refused.values_list("path", "element__key"))
    elements = seeding.elements()
    lines = []
    for spec in given.found.mappings:
        request = requests[spec.path]
        line = given.found.lines.get(spec.path, 0)
        here = standing.get((spec.path, request.meaning_hash))
        lines.append(_line(spec, line, request, here, elements))
    for pair in given.found.not_same:
        request = requests[pair.path]
        here = standing.get((pair.path, request.meaning_hash))
        lines.append(_pair(pair, request, here, (pair.path, pair.element) in marked))
    order = {"theirs": 0, "changed": 1, "new": 2, "same": 3}
    return sorted(lines, key=lambda one: (order[one.status], one.line))


def _line(
    spec: MappingSpec, line: int, request: FieldRequest, standing: Decided | None, elements: Mapping[str, ElementSpec]
) -> Line:
    status: Status = "new"
    differs: tuple[str, ...] = ()
    if standing is not None:
        if mapping.says(standing, spec) or mapping.says(standing, decisions.without_own_factors(spec, elements)):
            status = "same"
        elif _a_persons(standing):
            status = "theirs"
        elif standing.state == Decided.State.CONFIRMED:
            status = "changed"
        now = mapping.spec_of(standing)
        differs = tuple(name for part, name in PARTS.items() if getattr(now, part) != getattr(spec, part))
    seen = standing.version if standing else 0
    return Line(spec.path, line, status, spec.path, _label(request), spec, None, standing, seen, differs)


def _pair(pair: NotSame, request: FieldRequest, standing: Decided | None, marked: bool) -> Line:
    """A mark sends a decision on the same element back to review; a person's decision stays unless asked for."""
    stands = standing is not None and standing.state == Decided.State.CONFIRMED
    reads = stands and any(s.element.key == pair.element for s in standing.sources.all()) if standing else False
    status: Status = "same" if marked else "new"
    if reads and standing and not marked:
        status = "theirs" if _a_persons(standing) else "changed"
    seen = standing.version if standing else 0
    key = f"{pair.path} is not {pair.element}"
    return Line(key, pair.line, status, pair.path, _label(request), None, pair, standing if reads else None, seen)


def _a_persons(standing: Decided) -> bool:
    return not standing.by_machine and not standing.decided_by.startswith("system:")


def _label(request: FieldRequest) -> str:
    return str(request.spec.get("label") or request.spec.get("name") or request.path)


@transaction.atomic
def take(
    program: Program, given: Given, chosen: Mapping[str, int], *, actor: Actor, reason: str, file_name: str
) -> dict[str, int]:
    """Decide what was chosen: key of a line → version seen. {"decided": n, "marked": n}. All of it or nothing.

    Each decision keeps the reason that the file gives; `reason` is why the file is taken, for the trail.
    Raises MappingError, MappingConflict, ReasonMissing.
    """
    why = trail.require_reason(reason)
    specs = [spec for spec in given.found.mappings if spec.path in chosen]
    pairs = [pair for pair in given.found.not_same if f"{pair.path} is not {pair.element}" in chosen]
    if len(specs) + len(pairs) != len(chosen):
        raise MappingError("The dictionary or the catalog changed meanwhile. Look at the preview again.", "outdated")
    if not chosen:
        raise MappingError("Nothing is chosen. Leave fewer rows out.", "nothing_chosen")
    for spec in specs:
        mapping.confirm(program, spec, actor=actor, reason=spec.reason, seen_version=chosen[spec.path])
    for pair in pairs:
        key = f"{pair.path} is not {pair.element}"
        seen = None if pair.path in chosen else chosen[key]  # decided just above: what stands is ours
        mapping.mark_not_same(program, pair.path, pair.element, actor=actor, reason=pair.reason, seen_version=seen)
    done = {"decided": len(specs), "marked": len(pairs)}
    details = {**done, "file": file_name, "kind": given.kind, "fields": _named(specs, pairs)}
    trail.record(actor, "import_decisions", f"program:{program.code}", reason=why, details=details)
    return done


def _named(specs: Sequence[MappingSpec], pairs: Sequence[NotSame]) -> list[str]:
    return list(dict.fromkeys([*(s.path for s in specs), *(p.path for p in pairs)]))[:500]
