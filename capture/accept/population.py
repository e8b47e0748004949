"""The consented patients a request would concern, by site and by the programs they are already in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from capture.accept.what_if import Population
from capture.models import Consent, Enrollment
from sites.models import Program, Site


def load(program: Program, sites: Iterable[Site], *, today: date) -> list[Population]:
    """One population a site. 2 queries."""
    chosen = list(sites)
    consented = Consent.objects.filter(
        enrollment__program=program, enrollment__treatment__patient__site__in=chosen, valid_from__lte=today
    ).exclude(valid_to__lt=today)
    treatments = set(consented.values_list("enrollment__treatment", flat=True))
    others: dict[int, list[str]] = defaultdict(list)
    place: dict[int, int] = {}
    rows = Enrollment.objects.filter(treatment__in=treatments).select_related("program", "treatment__patient")
    for row in rows:
        place[row.treatment_id] = row.treatment.patient.site_id
        if row.program_id != program.pk and row.program.state == Program.State.LIVE:
            others[row.treatment_id].append(row.program.code)
    return [_population(s, [t for t in treatments if place.get(t) == s.pk], others) for s in chosen]


def _population(site: Site, treatments: Sequence[int], others: dict[int, list[str]]) -> Population:
    groups = Counter(tuple(sorted(others[t])) for t in treatments)
    return Population(site.code, tuple(sorted(groups.items())))
