"""One ask of a slice: its value in the program's terms, and whether the program's own branching shows it. Pure.

Called by slicing, one `Reading` a row. Branching reads what the program itself would see: a hidden field is blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from capture.ask import terms, values
from capture.ask.facts import Occasion, PatientFacts, Record
from capture.ask.terms import Cell
from capture.deliver.slices import CellOut
from forms_catalog import language, transforms
from forms_catalog.specs import AskSpec, FieldSpec, ReleaseSpec

HIDDEN = "not applicable: its own rule hides it"
RULED_OUT = "not applicable: another answer rules it out"
HELD = "held: no decided mapping"
CALCULATED = "the program's own system works it out"
WITHHELD = "withheld: no consent of this person to this program names identifying data"
COARSE = "year_of"  # a year alone names nobody


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers as one row of a program's form sees them; `record` fills a repeat. Cells are worked out once."""

    occasion: Occasion
    patient: PatientFacts
    release: ReleaseSpec
    asks: Mapping[str, AskSpec]  # by field name: what branching names
    record: Record | None = None
    identified: bool = False  # a consent of the person to this program names identifying data
    ruled_out: frozenset[str] = frozenset()  # elements whose answer of this visit another answer rules out now
    known: dict[str, Cell] = field(default_factory=dict)
    visible: dict[str, bool] = field(default_factory=dict)

    def out(self, ask: AskSpec) -> CellOut:
        """The cell of one ask."""
        if not ask.field.asks:
            return _made(ask, "calculated", note=CALCULATED)
        if not terms.decided(ask):
            return _made(ask, "held", note=HELD)
        if not self.shows(ask):
            return _made(ask, "hidden", note=HIDDEN)
        found = self.cell(ask)
        outcome, names = found.outcome, identifies(ask, self.release)
        if self.withholds(ask):
            return _made(ask, "withheld", note=WITHHELD, identifier=True) if outcome.value else _made(ask, "blank")
        if not outcome.value and ask.mapping and any(s.element in self.ruled_out for s in ask.mapping.sources):
            return _made(ask, "hidden", note=RULED_OUT)
        note = outcome.refusal or outcome.note
        return _made(ask, _state(outcome), outcome.value, note, found.used, identifier=names)

    def withholds(self, ask: AskSpec) -> bool:
        """Whether the ask names the person by more than the program's own number, and no consent allows that."""
        return not self.identified and identifies(ask, self.release, beyond_own_number=True)

    def cell(self, ask: AskSpec) -> Cell:
        """The outcome of an ask's mapping, whether shown or not."""
        path = ask.field.path
        if path not in self.known:
            repeat = self.record is not None and ask.field.repeating
            self.known[path] = self._in_record(ask) if repeat else self._plain(ask)
        return self.known[path]

    def shows(self, ask: AskSpec) -> bool:
        """Whether the program's own branching shows the field. What cannot be read is delivered, not hidden."""
        path = ask.field.path
        if path not in self.visible:
            self.visible[path] = True  # a rule that ends in itself counts as shown
            self.visible[path] = self._holds(ask)
        return self.visible[path]

    def _plain(self, ask: AskSpec) -> Cell:
        return terms.cell(ask, self.occasion, self.patient, self.release)

    def _in_record(self, ask: AskSpec) -> Cell:
        """A repeat takes the fields of its own record as they are; what is no record field is read as ever."""
        record = self.record
        if record is None or ask.mapping is None:
            return self._plain(ask)
        found, rule = [], transforms.selection_of(ask.mapping)
        for source in ask.mapping.sources:
            if self.release.elements[source.element].group == record.group and not source.qualifier:
                found.append(_of_record(source.element, record))
            else:
                found.append(values.seen(source, self.occasion, self.patient, self.release, rule))
        facts = transforms.Facts(
            self.occasion.as_of, self.occasion.after, self.occasion.entry_code, self.release.elements
        )
        outcome = transforms.deliver(ask.mapping, transforms.Inputs(tuple(f.answer for f in found), facts))
        return Cell(outcome, tuple(dict.fromkeys(i for f in found for i in f.used)))

    def _holds(self, ask: AskSpec) -> bool:
        known = {name for name, other in self.asks.items() if terms.decided(other)}
        tree = terms.rule(ask.field.branching, known) if ask.field.branching else None
        if tree is None:
            return True
        try:
            return language.holds(tree, self._lookup)
        except language.LogicError:
            return True

    def _lookup(self, ref: language.FieldRef) -> str | None:
        target = self.asks.get(ref.name)
        if target is None:
            return None
        seen = terms.decided(target) and self.shows(target) and not self.withholds(target)
        value = self.cell(target).outcome.value if seen else ""
        if ref.code:
            return "1" if ref.code in value.split("|") else "0"
        return value


def identifies(ask: AskSpec, release: ReleaseSpec, *, beyond_own_number: bool = False) -> bool:
    """Whether the ask's value names the person: it is read from an identifier, and not only its year."""
    if ask.mapping is None or any(s.args.get("name") == COARSE for s in ask.mapping.transform):
        return False
    found = (release.elements[s.element] for s in ask.mapping.sources)
    return any(e.identifier and not (beyond_own_number and e.scope == "program") for e in found)


def _of_record(element: str, record: Record) -> values.Seen:
    answer = record.values.get(element)
    if answer is None:
        return values.Seen(transforms.Answer(element))
    plain = transforms.Answer(element, value=answer.value, missing=answer.missing, precision=answer.precision or "day")
    return values.Seen(plain, (answer.id,) if answer.id else ())


def _state(outcome: transforms.Outcome) -> str:
    if outcome.refusal:
        return "refused"
    if outcome.value:
        return "given"
    return "no_code" if outcome.no_target else "blank"


def _made(
    ask: AskSpec, state: str, value: str = "", note: str = "", used: tuple[str, ...] = (), *, identifier: bool = False
) -> CellOut:
    spec = ask.field
    value = "" if state == "refused" else value
    return CellOut(
        path=spec.path,
        name=spec.name,
        form=spec.form,
        section=spec.section,
        label=spec.label or spec.name,
        value=value,
        state=state,
        note=note,
        shown=in_words(spec, value),
        multiple=tuple(o.code for o in spec.options) if spec.kind == "multichoice" else (),
        date_format=spec.date_format,
        required=spec.required,
        response_ids=used,
        mapping_ref=ask.mapping_ref,
        identifier=identifier,
    )


def in_words(spec: FieldSpec, value: str) -> str:
    """The program's own label of a code, so that a person copying it finds it in the portal."""
    labels = {o.code: o.label for o in spec.options}
    return ", ".join(labels.get(code, code) for code in value.split("|")) if value else ""
