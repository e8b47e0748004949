"""The canonical answer to one source as an occasion sees it: what transforms turn into the program's own terms.

Called by terms (branching, slices, what the form shows). Facts may hold typed values of this visit (entered.overlay).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from capture.ask import combine, known, records
from capture.ask.contexts import context_of, period_of
from capture.ask.facts import Answer, Occasion, PatientFacts
from forms_catalog import transforms
from forms_catalog.specs import ElementSpec, RecordGroupSpec, ReleaseSpec, Source

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


def seen(source: Source, occasion: Occasion, patient: PatientFacts, release: ReleaseSpec) -> Seen:
    """The answer to `source` at `occasion`; empty where nobody gave one."""
    element = release.elements[source.element]
    if source.qualifier:
        return _qualified(element, source, occasion, patient)
    if element.summary_of:
        return _summary(element, release.groups[element.summary_of], occasion, patient)
    if element.reuse == "record":
        return _record_field(element, release.groups[element.group], occasion, patient)
    return VALUES[element.reuse](element, occasion, patient)


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
        drawn=answer.context,
    )
    return Seen(found, (answer.id,) if answer.id else ())


def _text(element: ElementSpec, value: str) -> Seen:
    return Seen(transforms.Answer(element.id, value=value))


def _in_context(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    return _of(_own(element, context_of(element, occasion, patient.id), patient), element)


def _own(element: ElementSpec, context: str, patient: PatientFacts) -> Answer | None:
    """The answer in that context; one to an extra question of a narrower field is no answer to the element itself."""
    mine = (a for a in patient.answers if a.element == element.id and not a.qualifier)
    return next((a for a in mine if a.context == context), None)


def _qualified(element: ElementSpec, source: Source, occasion: Occasion, patient: PatientFacts) -> Seen:
    mine = [a for a in patient.answers if a.element == element.id and a.qualifier == source.qualifier]
    if element.reuse == "period" and not element.summary_of:
        return _joined(element, mine, occasion, source.qualifier)
    context = context_of(element, occasion, patient.id)
    found = next((a for a in mine if a.context == context), None)
    return _of(found or Answer(element.id, source.qualifier, context), element)


def _measured(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    own = _own(element, f"v{occasion.visit_id}", patient)
    return _of(own or known.measured_in_window(element, occasion, patient.answers), element)


def _cumulative(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    prefix = f"t{occasion.treatment.id}/"
    own = _own(element, f"{prefix}v{occasion.visit_id}", patient)
    return _of(own or known.latest(patient.answers, element.id, prefix, occasion), element)


def _period(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    return _joined(element, [a for a in patient.answers if not a.qualifier], occasion)


def _joined(element: ElementSpec, answers: Sequence[Answer], occasion: Occasion, qualifier: str = "") -> Seen:
    usable = combine.usable(element, answers, period_of(element, occasion))
    value, missing = combine.combined(element, usable, period_of(element, occasion))
    past = [a for a in answers if a.element == element.id and a.covers_to and a.covers_to <= occasion.as_of]
    history = tuple(
        transforms.Record(a.value, (a.covers_to or occasion.as_of).isoformat(), "", a.missing) for a in past
    )
    answer = transforms.Answer(element.id, qualifier, value, missing, records=history)
    return Seen(answer, tuple(a.id for a in usable if a.id), tuple(a.id for a in past if a.id))


def _fixed(element: ElementSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    mine = period_of(element, occasion)
    same = (a for a in patient.answers if a.element == element.id and not a.qualifier)
    return _of(next((a for a in same if combine.interval_of(a) == mine), None), element)


def _summary(element: ElementSpec, group: RecordGroupSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    rule = group.summaries[element.id]
    found = records.summarise(rule, group, patient.records, patient.answers, period_of(element, occasion))
    dated = [(d, r) for d, r in records.of_group(patient.records, group) if d <= occasion.as_of]
    matching, _ = records.matching(rule, dated)
    history = tuple(transforms.Record("yes", day.isoformat(), r.id) for day, r in matching)
    return Seen(transforms.Answer(element.id, value=found.value, missing=found.missing, records=history), found.used)


def _record_field(element: ElementSpec, group: RecordGroupSpec, occasion: Occasion, patient: PatientFacts) -> Seen:
    dated = [(d, r) for d, r in records.of_group(patient.records, group) if d <= occasion.as_of]
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
    status = "consented" if any(c.holds(occasion.as_of) for c in given) else ("withdrawn" if given else "pending")
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
    "measured": _measured,
    "cumulative": _cumulative,
    "period": _period,
    "fixed-period": _fixed,
    "from-timepoint": _from_timepoint,
    "from-treatment": _from_treatment,
    "from-events": _from_events,
}
