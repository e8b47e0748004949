"""The patients a request would concern, each as planning would see them had it been accepted today.

Those who consented to it; where nobody has yet, those of the live program that asks most of the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from django.db.models import Count, Min

from capture.accept import sampling
from capture.accept.sampling import Member, Sample
from capture.accept.what_if import Population
from capture.models import Consent, Enrollment
from capture.plan import load as planning
from capture.plan import owed
from capture.plan.delta import EnrolmentPlan, PatientPlan
from capture.plan.events import EnrolmentFact
from capture.plan.slots import slots_of
from forms_catalog.specs import ProgramSpec, ReleaseSpec
from sites.models import Program, Site

AT_ONCE = 250  # patients a batch: their rows are let go before the next


def load(program: Program, sites: Iterable[Site], release: ReleaseSpec, *, today: date) -> list[Population]:
    """One population a site, by a release in which the program is accepted. At most 5 queries and 6 more a batch.

    Of more patients than a what-if can plan while a person waits, an even sample is planned (sampling).
    """
    chosen = list(sites)
    place = _consented(program.code, chosen, today)
    if place or not (like := most_alike(release, program.code)):
        starts = owed.if_accepted(program, today)
        sample = sampling.choose(_members(place, today)) if len(place) > sampling.LIMIT else None
        ids = list(sample.chosen if sample else place)
        plans = {pk: _owing(plan, starts) for pk, plan in _plans(ids, release, [program.code])}
        return _by_site(chosen, place, plans, sample)
    place = _consented(like, chosen, today)
    sample = sampling.choose(_members(place, today)) if len(place) > sampling.LIMIT else None
    spec = release.programs[program.code]
    ids = list(sample.chosen if sample else place)
    plans = {pk: _joined(plan, like, spec, release, today) for pk, plan in _plans(ids, release, ())}
    return _by_site(chosen, place, plans, sample, assumed=True)


def _members(place: Mapping[int, int], today: date) -> list[Member]:
    """The patients with what they are sampled by: years since the first infusion, number of programs. 1 query."""
    rows = Enrollment.objects.filter(treatment__patient__site__in=set(place.values())).order_by()
    found = rows.values_list("treatment__patient").annotate(first=Min("treatment__infusion_date"), programs=Count("pk"))
    return [
        Member(pk, place[pk], ((today - first).days // 365, programs)) for pk, first, programs in found if pk in place
    ]


def most_alike(release: ReleaseSpec, program: str) -> str:
    """The other program that asks most of the same elements; '' where none shares any."""
    wanted = _elements(release.programs[program])
    shared = {c: len(wanted & _elements(p)) for c, p in release.programs.items() if c != program}
    best = max(sorted(shared), key=lambda c: shared[c], default="")
    return best if best and shared[best] else ""


def _elements(spec: ProgramSpec) -> set[str]:
    return {s.element for a in spec.asks if a.mapping for s in a.mapping.sources}


def _consented(program: str, sites: Collection[Site], today: date) -> dict[int, int]:
    """Patient id → site id, of those whose consent to the program holds today. 1 query."""
    consents = Consent.objects.filter(
        enrollment__program__code=program, enrollment__treatment__patient__site__in=sites, valid_from__lte=today
    ).exclude(valid_to__lt=today)
    patient = "enrollment__treatment__patient"
    return dict(consents.order_by(patient).values_list(patient, f"{patient}__site"))


def _by_site(
    sites: Iterable[Site],
    place: Mapping[int, int],
    plans: Mapping[int, PatientPlan],
    sample: Sample | None,
    *,
    assumed: bool = False,
) -> list[Population]:
    if sample is not None:
        found = tuple(plans[pk] for pk in sample.chosen)
        return [Population(s.code, found, assumed, sample.weights(s.pk)) for s in sites]
    return [Population(s.code, tuple(plans[pk] for pk, at in place.items() if at == s.pk), assumed) for s in sites]


def _plans(ids: list[int], release: ReleaseSpec, also: Collection[str]) -> Iterator[tuple[int, PatientPlan]]:
    for some in (ids[i : i + AT_ONCE] for i in range(0, len(ids), AT_ONCE)):
        for pk, loaded in planning.of_patients(some, release, also=also).items():
            yield pk, loaded.plan


def _owing(plan: PatientPlan, starts: Mapping[int, date]) -> PatientPlan:
    """The plan with the enrolments that would owe from today on."""
    return replace(
        plan,
        enrolments=tuple(
            replace(e, fact=replace(e.fact, owed_from=starts[e.id].toordinal())) if e.id in starts else e
            for e in plan.enrolments
        ),
    )


def _joined(plan: PatientPlan, like: str, spec: ProgramSpec, release: ReleaseSpec, today: date) -> PatientPlan:
    """The plan with the program beside `like`, from the same infusions, owed from today on."""
    added = []
    for enrolment in plan.enrolments:
        if enrolment.fact.program == like:
            anchor, number = enrolment.fact.anchor, -enrolment.id  # no stored enrolment has a negative id
            fact = EnrolmentFact(spec.code, anchor, max(anchor, today.toordinal()), rules=spec.rules)
            added.append(EnrolmentPlan(number, fact, tuple(slots_of(spec, number, fact, "", release))))
    return replace(plan, enrolments=(*plan.enrolments, *added))
