"""The canonical answer to one source as an occasion sees it: what transforms turn into the program's own terms.

Called by terms (branching, slices, what the form shows). Facts may hold typed values of this visit (entered.overlay).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from capture.ask import combine, marks, records, series
from capture.ask.contexts import context_of, contexts_of, first_day_before, period_of
from capture.ask.facts import Answer, Occasion, PatientFacts, field_key
from capture.ask.periods import covers
from capture.ask.standing import since_infusion
from forms_catalog import transforms
from forms_catalog.specs import ElementSpec, RecordGroupSpec, ReleaseSpec, Source
from forms_catalog.transforms import PLAIN, Selection

NOT_GOING_ON = {
    "death": "dead",
    "lost": "ltfu",
    "withdrawn": "withdrawn",
    "transfer": "transferred",
    "program_closed": "complete",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A source's answer for transforms, and the ids of the responses it rests on.

    `earlier` are the responses of earlier periods, on which a roll-up over all time rests as well.
    """

    answer: transforms.Answer
    used: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def seen(
    source: Source, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec, selection: Selection = PLAIN
) -> Seen:
    """The answer to `source` at `occasion`; empty where there is none. `selection`: the request's rule for a series."""
    element = release.elements[source.element]
    if source.qualifier:
        return _qualified(element, source, occasion, patient)
    if element.summary_of:
        return _summary(element, release.groups[element.summary_of], occasion, patient)
    if element.reuse == "record":
        return _record_field(element, release.groups[element.group], occasion, patient)
    if element.reuse == "measured":
        return _measured(element, occasion, patient, release, selection)
    if element.reuse == "cumulative":
        return _cumulative(element, occasion, patient, release)
    return VALUES[element.reuse](element, occasion, patient)


def _holds(answers: Iterable[Answer], occasion: Occasion) -> list[Answer]:
    """Those that may be told at an occasion: a missing reason answers the askers of its own visit, no later ones."""
    return [a for a in answers if a.value or (a.visit_id is not None and a.visit_id == occasion.visit_id)]


def _of(answer: Answer | None, element: ElementSpec, history: Sequence[transforms.Record] = ()) -> Seen:
    if answer is None:
        return Seen(transforms.Answer(element.id, records=tuple(history)))
    found = transforms.Answer(
        element.id,
        answer.qualifier,
        answer.value,
        answer.missing,
        answer.precision or "day",
        tuple(history),
    )
    return Seen(found, (answer.id,) if answer.id else ())


def _text(element: ElementSpec, value: str) -> Seen:
    return Seen(transforms.Answer(element.id, value=value))


def _in_context(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    places = contexts_of(element, occasion, patient.id)
    mine = _holds(
        (a for a in patient.answers if a.element == element.id and not a.qualifier and a.context in places), occasion
    )
    found = min(mine, key=lambda a: places.index(a.context), default=None)
    death = None if found else records.of_death(element.id, patient.events, occasion.as_of)
    if death:
        return _text(element, "dead" if element.id == "vital-status" else death.on.isoformat())
    return _of(found, element)


def _qualified(element: ElementSpec, source: Source, occasion: Occasion, patient: PatientFacts) -> Seen:
    if about := records.reported(patient.records, occasion.record, element.summary_of):
        one = about.values.get(field_key(element.id, source.qualifier))
        return _of(one or Answer(element.id, source.qualifier, f"o{about.id}"), element)
    mine = [a for a in patient.answers if a.element == element.id and a.qualifier == source.qualifier]
    if element.reuse == "period":
        return _joined(element, mine, occasion, source.qualifier)
    context = context_of(element, occasion, patient.id)
    found = next((a for a in _holds(mine, occasion) if a.context == context), None)
    return _of(found or Answer(element.id, source.qualifier, context), element)


def _measured(
    element: ElementSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec, selection: Selection
) -> Seen:
    picked = series.pick(series.of(element, patient, release), occasion, selection)
    if picked and _certain(element, occasion, patient, selection):
        seen = _of(picked.answer, element)
        seen = replace(seen, answer=replace(seen.answer, drawn=picked.record or picked.answer.context))
        dated = selection.give == "date"
        return replace(seen, answer=replace(seen.answer, value=picked.on.isoformat())) if dated else seen
    said = [
        a
        for a in patient.answers
        if a.element == element.id and not a.qualifier and a.missing and a.context == _at(occasion)
    ]
    return _of(said[0] if said else None, element)


def _certain(element: ElementSpec, occasion: Occasion, patient: PatientFacts, selection: Selection) -> bool:
    """A lowest or highest value is told only where somebody was asked about every draw of its time."""
    if not selection.over_period or not element.group:
        return True
    return covers(series.span(occasion, selection), records.gate_coverage(patient.answers, element.group))


def _at(occasion: Occasion) -> str:
    return f"v{occasion.visit_id}"


def _cumulative(element: ElementSpec, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> Seen:
    """The visit's own answer, else the one that stands; a program that had it in an earlier report knows it already."""
    own = f"t{occasion.treatment.id}/{_at(occasion)}"
    mine = next((a for a in patient.answers if a.element == element.id and a.context == own and not a.qualifier), None)
    found = mine or since_infusion(element, occasion, patient, release)
    seen = _of(found, element)
    told = found is not None and _told(found, occasion)
    return replace(seen, answer=replace(seen.answer, reported="before")) if told else seen


def _told(answer: Answer, occasion: Occasion) -> bool:
    """Whether an earlier report of the program had the answer: given at its visit, or taken over from elsewhere."""
    if answer.visit_id is not None:
        return answer.visit_id in occasion.told_at
    return answer.observed_on is not None and first_day_before(occasion) < answer.observed_on <= occasion.after


def _period(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    return _joined(element, [a for a in patient.answers if not a.qualifier], occasion)


def _joined(element: ElementSpec, answers: Sequence[Answer], occasion: Occasion, qualifier: str = "") -> Seen:
    usable = _holds(combine.usable(element, answers, period_of(element, occasion)), occasion)
    value, missing = combine.combined(element, usable, period_of(element, occasion))
    past = [a for a in answers if a.element == element.id and a.covers_to and a.covers_to <= occasion.as_of]
    history = tuple(
        transforms.Record(a.value, (a.covers_to or occasion.as_of).isoformat(), "", a.missing) for a in past
    )
    answer = transforms.Answer(element.id, qualifier, value, missing, records=history)
    return Seen(answer, tuple(a.id for a in usable if a.id), tuple(a.id for a in past if a.id))


def _fixed(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    """The answer with exactly these limits; the visit's own first, then one with a value."""
    mine = period_of(element, occasion)
    same = [a for a in patient.answers if a.element == element.id and not a.qualifier]
    found = [a for a in _holds(same, occasion) if combine.interval_of(a) == mine]
    return _of(max(found, key=lambda a: (bool(a.value), a.visit_id == occasion.visit_id, a.id), default=None), element)


def _summary(element: ElementSpec, group: RecordGroupSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    rule = group.summaries[element.id]
    if about := records.reported(patient.records, occasion.record, group.id):
        one = records.of_one(rule, about)
        return Seen(transforms.Answer(element.id, value=one.value, missing=one.missing), one.used)
    told, mine = marks.told_to(patient.records, occasion.program), period_of(element, occasion)
    found = records.summarise(rule, group, told, _holds(patient.answers, occasion), mine)
    if found.value == "no" and rule.op == "any":
        had = marks.elsewhere(patient.records, occasion.program)
        again = records.summarise(rule, group, had, _holds(patient.answers, occasion), mine)
        if again.value == "yes":
            return Seen(transforms.Answer(element.id, value="yes", reported="elsewhere"), again.used)
    dated = [(d, r) for d, r in records.of_group(told, group) if d <= occasion.as_of]
    matching, _ = records.matching(rule, dated)
    history = tuple(transforms.Record("yes", day.isoformat(), r.id) for day, r in matching)
    return Seen(transforms.Answer(element.id, value=found.value, missing=found.missing, records=history), found.used)


def _record_field(element: ElementSpec, group: RecordGroupSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    if about := records.reported(patient.records, occasion.record, group.id):
        return _of(about.values.get(element.id), element)
    told = marks.told_to(patient.records, occasion.program)
    dated = [(d, r) for d, r in records.of_group(told, group) if d <= occasion.as_of]
    history = tuple(
        transforms.Record(a.value, day.isoformat(), r.id, a.missing, a.precision)
        for day, r in dated
        if (a := r.values.get(element.id))
    )
    mine = [r.values[element.id] for d, r in dated if d > occasion.after and element.id in r.values]
    last = mine[-1] if mine else Answer(element.id, "", "")
    answer = transforms.Answer(element.id, "", last.value, last.missing, last.precision, history)
    return Seen(answer, tuple(a.id for a in mine if a.id))


def _from_timepoint(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    values = {
        "visit-label": occasion.entry_code,
        "visit-date": occasion.as_of.isoformat(),
        "report-date": occasion.reported_on.isoformat(),
    }
    return _text(element, values.get(element.id, ""))


def _from_treatment(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    treatment = occasion.treatment
    values = {"infusion-date": treatment.infusion_on.isoformat(), "product-name": treatment.product}
    return _text(element, values.get(element.id, ""))


def _from_events(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    mine = sorted(
        (c for c in patient.consents if c.enrollment_id == occasion.enrollment_id), key=lambda c: c.valid_from
    )
    given = [c for c in mine if c.valid_from <= occasion.as_of]
    ended = [c for c in given if c.valid_to and c.valid_to < occasion.as_of]
    outgrown = any(c.outgrown(occasion.as_of) for c in given)  # the patient's own is waited for
    status = "withdrawn" if given and not outgrown else "pending"
    status = "consented" if any(c.holds(occasion.as_of) for c in given) else status
    values = {
        "consent-status": status,
        "consent-date": given[0].valid_from.isoformat() if given else "",
        "consent-withdrawal-date": ended[-1].valid_to.isoformat() if ended and ended[-1].valid_to else "",
        "followup-status": followup_status(occasion, patient),
    }
    return _text(element, values.get(element.id, ""))


def followup_status(occasion: Occasion, patient: PatientFacts) -> str:
    """active, or what ended follow-up in this program by the as-of date; a later "found" or consent makes it active."""
    mine = [e for e in patient.events if e.program in ("", occasion.program) and e.on <= occasion.as_of]
    status = "active"
    for event in sorted(mine, key=lambda e: e.on):
        if event.kind in NOT_GOING_ON:
            status = NOT_GOING_ON[event.kind]
        elif event.kind in ("found", "reconsented"):
            status = "active"
    return status


Value = Callable[[ElementSpec, Occasion, PatientFacts], Seen]
VALUES: dict[str, Value] = {
    "static": _in_context,
    "program": _in_context,
    "confirm": _in_context,
    "never": _in_context,
    "period": _period,
    "fixed-period": _fixed,
    "from-timepoint": _from_timepoint,
    "from-treatment": _from_treatment,
    "from-events": _from_events,
}
