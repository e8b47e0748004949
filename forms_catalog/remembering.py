"""Step 2b, the memory: what people's decisions say about wordings, for the next field that is worded so.

Written by mapping and carrying for each decision of a person; read by proposing, which hands it to the matcher. A
program's own meaning of a wording goes first; in general a wording counts only where all programs mean one element.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Subquery

from forms_catalog import lifecycle, serial
from forms_catalog.lifecycle import Standing
from forms_catalog.matching import Remembered, profiles, values, words
from forms_catalog.models import Alias, Element, FieldRequest, Proposal
from forms_catalog.models import Mapping as Decided
from forms_catalog.specs import FieldSpec, MappingSpec, Option, Step
from forms_catalog.suggesting import DIRECT
from sites.models import Program
from sites.trail import Actor

OWN_RULE = ("rollup", "select", "reported")  # steps that a program states for its own field
Words = tuple[str, ...]  # of a wording, as the matcher compares them
Key = tuple[
    str, Words
]  # with the class of its answers: "new malignancy", yes or no, is not the one with a list of kinds


@dataclass(frozen=True, slots=True)
class Lesson:
    """One confirmed decision: a wording with the answers it offered, and the steps that were confirmed for them."""

    wording: str
    element: str
    options: tuple[Option, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def value_map(self) -> dict[str, str]:
        """Element code → program code; {} where nothing is recoded."""
        return dict(next((s.args.get("map", {}) for s in self.steps if s.op == "recode"), {}))


@dataclass(slots=True)
class Meant:
    """What one program, or all of them, mean by one wording: element keys; lessons by element, newest last."""

    own: dict[str, list[Lesson]] = field(default_factory=dict)
    other: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)

    def one(self) -> str:
        """The only element it means, answered as it is by somebody and doubted by nobody; '' where there is none."""
        only = next(iter(self.own)) if len(self.own) == 1 and self.other <= set(self.own) else ""
        return "" if only in self.doubted else only


@dataclass(frozen=True, slots=True)
class Memory:
    """What the matcher is told, and the steps people confirmed."""

    lessons: Mapping[Key, tuple[Lesson, ...]]
    known: Mapping[Key, Meant] = field(default_factory=dict)

    @property
    def wordings(self) -> list[Remembered]:
        """The lessons as the matcher takes them: a wording means one element, whatever its answers.

        Of one wording with several lists of answers the newest comes last.
        """
        meant: dict[Words, set[str]] = defaultdict(set)
        for (_, said), lessons in self.lessons.items():
            meant[said].update(one.element for one in lessons)
        found = (one for (_, said), lessons in self.lessons.items() if len(meant[said]) == 1 for one in lessons)
        return [Remembered(one.wording, one.element, one.options, one.value_map) for one in found]

    def against(self, asked: FieldSpec, element: str) -> bool:
        """Whether people decided a field of this wording otherwise than by this element's answer as it is."""
        meant = self.known.get(key_of(asked.label, asked.options), Meant())
        return element in meant.doubted or (bool(meant.own or meant.other) and meant.one() != element)

    def completed(self, spec: MappingSpec, asked: FieldSpec) -> MappingSpec:
        """A suggestion whose recode and unit are those confirmed for the same wording, answers and unit before."""
        same = [
            one
            for one in self.lessons.get(key_of(asked.label, asked.options), ())
            if one.element == spec.sources[0].element
        ]
        steps = [step for one in same if _offers(one.options, asked.options) for step in one.steps]
        known = {step.op: step for step in steps if step.op == "recode"}
        known |= {step.op: step for step in steps if step.op == "unit" and step.args.get("to") == _target(spec)}
        return replace(spec, transform=tuple(known.get(step.op, step) for step in spec.transform))


def remember(
    program: Program, asked: FieldSpec, element: Element, spec: MappingSpec, decision: str, *, actor: Actor
) -> None:
    """Keep what a person's decision says about the wording of a field; `decision` is its ref."""
    if asked.label:
        alias(program, asked, element.pk, spec, decision, actor=actor).save()


def alias(program: Program, asked: FieldSpec, element: int, spec: MappingSpec, decision: str, *, actor: Actor) -> Alias:
    """The row, not yet saved. A field that needs a roll-up, a rule of its own, a condition or several elements does not
    teach: its wording is not the element's own. It is kept all the same, so that nobody takes the wording for another
    element's."""
    plain = spec.relation in DIRECT and len(spec.sources) == 1 and not spec.condition
    own = plain and not any(step.op in OWN_RULE for step in spec.transform)
    return Alias(
        element_id=element,
        program=program.code,
        wording=asked.label,
        use=Alias.Use.OWN if own else Alias.Use.OTHER,
        options=serial.dump(list(asked.options)),
        unit=asked.unit[:120],
        relation=spec.relation,
        transform=serial.dump(list(spec.transform)),
        decision=decision,
        created_at=actor.now,
        created_by=actor.name,
    )


def memory(program: Program, standings: Mapping[str, Standing]) -> Memory:
    """What a program's fields are told; `standings` as in seeding. 3 queries."""
    by_program = _meant(standings)
    mine = by_program.pop(program.code, {})
    shared = _in_general(by_program.values())
    known = dict(mine)
    for key, meant in shared.items():
        own = mine.get(key, Meant())
        if not own.own and not own.other:
            known[key] = Meant(meant.own, meant.other, meant.doubted | own.doubted)
    taught = {key: meant.own[one] for key, meant in known.items() if (one := meant.one()) and one not in standings}
    return Memory({key: _distinct(lessons) for key, lessons in taught.items()}, known)


def _meant(standings: Mapping[str, Standing]) -> dict[str, dict[Key, Meant]]:
    """Program → wording → what it means there."""
    found: dict[str, dict[Key, Meant]] = defaultdict(lambda: defaultdict(Meant))
    now = {str(uuid): (version, state) for uuid, version, state in Decided.objects.values_list(
        "uuid", "version", "state")}  # fmt: skip
    rows = Alias.objects.order_by("pk").values_list(
        "program", "element__key", "wording", "use", "options", "transform", "decision"
    )
    for program, name, wording, use, options, transform, decision in rows:
        answers = tuple(serial.load(Option, o) for o in options)
        key = key_of(wording, answers)
        if not key[1] or (program and not decision):
            continue  # nothing the matcher could read, or a row from before decisions were named
        meant, (uuid, _, number) = found[program][key], decision.partition("@")
        version, state = now.get(uuid, (0, ""))
        element = lifecycle.successor(name, standings) or name
        if decision and (str(version) != number or state != Decided.State.CONFIRMED):
            if state == Decided.State.OPEN:
                meant.doubted.add(element)
        elif use == Alias.Use.OWN:
            steps = tuple(serial.load(Step, step) for step in transform)
            same = element == name  # else its codes may be others
            lesson = Lesson(wording, element, answers, steps) if same else Lesson(wording, element)
            meant.own.setdefault(element, []).append(lesson)
        else:
            meant.other.add(element)
    for program, name, field_json in _refused():
        asked = serial.load(FieldSpec, field_json)
        found[program][key_of(asked.label, asked.options)].doubted.add(name)
    return found


def _refused() -> Iterable[tuple[str, str, Any]]:
    """(program, element, the field as JSON) of each pair that a person refused."""
    fields = FieldRequest.objects.filter(
        version__program=OuterRef("program"), path=OuterRef("path"), meaning_hash=OuterRef("meaning_hash")
    )
    rows = Proposal.objects.exclude(state=Proposal.State.PROPOSED).order_by()
    told = rows.annotate(asked=Subquery(fields.values("spec")[:1]))
    return ((p, e, f) for p, e, f in told.values_list("program__code", "element__key", "asked") if f)


def _in_general(programs: Iterable[Mapping[Key, Meant]]) -> dict[Key, Meant]:
    """All programs' meanings together; what one of them took back or refused is doubted for all."""
    found: dict[Key, Meant] = defaultdict(Meant)
    for meanings in programs:
        for key, meant in meanings.items():
            for element, lessons in meant.own.items():
                found[key].own.setdefault(element, []).extend(lessons)
            found[key].other |= meant.other
            found[key].doubted |= meant.doubted
    return found


def _distinct(lessons: Iterable[Lesson]) -> tuple[Lesson, ...]:
    """The newest lesson for each list of answers and unit that is asked for."""
    return tuple({(one.options, _unit(one.steps)): one for one in lessons}.values())


def _offers(ours: tuple[Option, ...], theirs: tuple[Option, ...]) -> bool:
    """Whether both lists offer the same answers under the same codes."""
    return [(o.code, _plain(o.label)) for o in ours] == [(o.code, _plain(o.label)) for o in theirs]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _target(spec: MappingSpec) -> object:
    return _unit(spec.transform)


def _unit(steps: Iterable[Step]) -> object:
    return next((step.args.get("to") for step in steps if step.op == "unit"), None)


def key_of(wording: str, options: tuple[Option, ...] = ()) -> Key:
    """What two fields share where their wordings count as the same; () where the matcher reads too few letters."""
    return (values.value_class("", options), _words(wording))


@lru_cache(maxsize=1)
def _lexicon() -> words.Lexicon:
    return words.build()


@lru_cache(maxsize=1 << 15)
def _words(wording: str) -> Words:
    plain = profiles.told(wording)
    letters = [c for c in plain if c.isalpha()]
    read = sum(c.isascii() for c in words.clean(plain) if c.isalpha())
    return _lexicon().key(plain) if 2 * read > len(letters) else ()
