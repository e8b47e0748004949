"""A site, live programs with the starter schedules (without questions) and patients: what planning needs, no more."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from capture.enter import enrolling
from capture.enter.enrolling import ConsentGiven
from capture.models import Acceptance, Draft, Enrollment, Estimate, Patient, Timepoint, Treatment, Visit
from capture.plan import scheduling
from forms_catalog import publishing, starter
from forms_catalog.models import DictionaryVersion, Release
from forms_catalog.specs import ProgramSpec, ReleaseSpec
from sites.models import Participation, Program, Site, Sponsor, User
from sites.trail import Actor

TODAY = date(2026, 6, 1)
INFUSED = date(2020, 3, 1)
AT = Actor("system:test", "system", "AskOnce", "test", simulated_at=datetime(2026, 6, 1, 12, tzinfo=UTC))
CART = ("car_registry_na", "car_registry_eu", "car_pass_sponsor")
HEMO = ("hemo_registry_global", "hemo_sponsor_aav")
SCD = ("scd_gt_ltfu", "payer_outcomes_scd")


def site(code: str = "north", zone: str = "Europe/Berlin") -> Site:
    """A site, made once."""
    return Site.objects.get_or_create(code=code, defaults={"name": code.capitalize(), "time_zone": zone})[0]


def live(*codes: str) -> dict[str, Program]:
    """These programs accepted in one release, with the north site taking part."""
    sponsor, _ = Sponsor.objects.get_or_create(code="registry", defaults={"name": "Registry"})
    programs = {}
    for code in codes:
        kind, title = Program.Kind.REGISTRY, starter.schedule(code).title
        made, _ = Program.objects.get_or_create(code=code, defaults={"title": title, "sponsor": sponsor, "kind": kind})
        made.state = Program.State.LIVE
        made.save()
        Participation.objects.get_or_create(program=made, site=site(), valid_from=date(2015, 1, 1), mode="file")
        programs[code] = made
    publish(*codes)
    return programs


def publish(*codes: str) -> Release:
    """A release of the starter schedules of these programs."""
    specs = {code: _spec(code) for code in codes}
    return publishing.publish(ReleaseSpec(specs, {}, {}), dict.fromkeys(codes, 1), actor=AT, reason="test")


def _spec(code: str) -> ProgramSpec:
    read = starter.schedule(code)
    return ProgramSpec(code, read.title, "1", (), read.entries, read.tracks, read.rules)


def patient(*codes: str, pseudonym: str = "NRT-0001", infused: date = INFUSED, track: str = "") -> Patient:
    """A patient who owes these programs everything since the infusion."""
    made = enrolling.add_patient(site(), pseudonym, since=infused, actor=AT)
    treatment = enrolling.add_treatment(made, infused, "axi-cel", actor=AT)
    for code in codes:
        join(treatment, code, track)
    return made


def join(treatment: Treatment, code: str, track: str = "") -> Enrollment:
    """Follow the treatment in one more program, from the infusion on."""
    return enrolling.enrol(
        treatment,
        Program.objects.get(code=code),
        enrolled_on=treatment.infusion_date,
        consents=[ConsentGiven("v1", treatment.infusion_date)],
        owed_from=treatment.infusion_date,
        track=track,
        actor=AT,
        today=TODAY,
    )


def tried(on: date) -> dict[str, list[str]]:
    """Three contact attempts up to a day: what every program wants before somebody is lost."""
    return {"attempts": [(on - timedelta(days=n)).isoformat() for n in (2, 1, 0)]}


def plan(patient: Patient) -> int:
    """Plan once more; the number of rows written."""
    return scheduling.plan_patient(patient.pk, actor=AT, reason="again", today=TODAY)


def visit_of(patient: Patient, code: str, program: str = "car_registry_na") -> Visit:
    """The visit that serves the program's entry."""
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient, enrollment__program__code=program)
    found = points.get(entry_code=code).visit
    assert found is not None
    return found


def draft(visit: Visit) -> Draft:
    """Somebody has begun to type into the visit."""
    user, _ = User.objects.get_or_create(username="alice")
    release = Release.objects.order_by("-number")[0]
    return Draft.objects.create(
        visit=visit, user=user, release=release, visit_version=visit.version, updated_at=AT.now, values={"a": 1}
    )


def submitted(visit: Visit) -> Visit:
    """The visit as submitted, each report for its planned day."""
    for point in visit.timepoints.filter(state="planned"):
        point.state, point.as_of = Timepoint.State.SUBMITTED, visit.planned_on
        point.save()
    visit.submitted_at = AT.now
    visit.save()
    return visit


def states(patient: Patient, program: str = "car_registry_na", infused: date | None = None) -> dict[str, str]:
    """Each entry's state and reason of one program and treatment (the first): 'closed death'."""
    first = infused or patient.treatments.order_by("infusion_date")[0].infusion_date
    mine = {"enrollment__treatment__patient": patient, "enrollment__treatment__infusion_date": first}
    points = Timepoint.objects.filter(**mine, enrollment__program__code=program)
    return {p.entry_code: f"{p.state} {p.state_reason}".strip() for p in points}


def picture(patient: Patient) -> list[tuple[object, ...]]:
    """The whole plan without row ids: each timepoint with its state, days and the visit it shares with whom.

    Without occasions that something opened which holds no more: they stay as history.
    """
    points = list(
        Timepoint.objects.filter(enrollment__treatment__patient=patient).select_related("enrollment__program", "visit")
    )
    beside = {
        p.visit_id: sorted(f"{o.enrollment_id}:{o.entry_code}" for o in points if o.visit_id == p.visit_id)
        for p in points
    }
    return sorted(
        (
            p.enrollment.program.code,
            p.entry_code,
            p.state,
            p.state_reason,
            *(d.isoformat() for d in (p.target_on, p.window_start, p.window_end, p.due_on)),
            str(p.as_of),
            p.visit.planned_on.isoformat() if p.visit else "",
            p.visit.kind if p.visit else "",
            " ".join(beside[p.visit_id]) if p.visit_id else "",
        )
        for p in points
        if not (p.opened_by and p.state == "closed")
    )


def numbers(patient: Patient) -> tuple[int, int]:
    """Follow-up timepoints and the visits that serve them."""
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient, kind="followup")
    return points.count(), points.values("visit").distinct().count()


def doubled(patient: Patient) -> list[tuple[int, str]]:
    """Follow-up visits that serve one program twice: there must be none."""
    points = Timepoint.objects.filter(visit__patient=patient, visit__kind="followup").exclude(state="closed")
    found = Counter(points.values_list("visit", "enrollment__program__code"))
    return [key for key, times in found.items() if times > 1]


def enrollment(patient: Patient, program: str) -> Enrollment:
    """The patient's enrolment in the program."""
    return Enrollment.objects.get(treatment__patient=patient, program__code=program)


def day(number: int, since: date = INFUSED) -> date:
    """The date of a day number."""
    return since + timedelta(days=number)


def accepted(program: Program, at: datetime) -> Acceptance:
    """The program's acceptance at a time."""
    version = DictionaryVersion.objects.create(
        program=program, number=1, sha256="0" * 64, format="redcap", original=b"", created_at=at
    )
    estimate = Estimate.objects.create(version=version, result={}, created_by="dana", created_at=at)
    return Acceptance.objects.create(
        version=version, estimate=estimate, accepted=True, decided_by="dana", decided_at=at, reason="test"
    )
