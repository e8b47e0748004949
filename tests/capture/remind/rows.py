"""Rows for reminder tests: sites in zones, coordinators, open visits with the days that matter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from capture.models import Digest, Enrollment, Patient, Timepoint, Treatment, Visit
from capture.remind import notices, sending
from sites.models import Membership, Program, Role, Site, Sponsor, User

LONG_AGO = date(2015, 1, 1)
WEDNESDAY = date(2026, 6, 3)
MORNING = datetime(2026, 6, 3, 5, 0, tzinfo=UTC)  # 07:00 in Berlin, 01:00 in New York
NIGHT = MORNING - timedelta(hours=2)
DAY = timedelta(days=1)
LATE = (WEDNESDAY - 30 * DAY, WEDNESDAY - DAY)  # opens and due day of a visit that is overdue since WEDNESDAY


def site(code: str = "north", zone: str = "Europe/Berlin", hour: int = 7) -> Site:
    return Site.objects.create(code=code, name=code.capitalize(), time_zone=zone, digest_hour=hour)


def coordinator(name: str, *places: Site, home: Site | None = None, **values: Any) -> User:
    user = User.objects.create(username=name, email=f"{name}@example.org", home_site=home or places[0], **values)
    for place in places:
        Membership.objects.create(user=user, role=Role.COORDINATOR, site=place, valid_from=LONG_AGO)
    return user


def visit(place: Site, opens: date, due: date, pseudonym: str = "P-1", now: datetime = NIGHT) -> Visit:
    """An open visit with one planned timepoint and its notice, as planning at `now` leaves it."""
    patient, _ = Patient.objects.get_or_create(pseudonym=pseudonym, defaults={"site": place})
    infused, _ = Treatment.objects.get_or_create(patient=patient, infusion_date=LONG_AGO, product="axi-cel")
    made = Visit.objects.create(patient=patient, treatment=infused, site=place, kind="followup", planned_on=opens)
    Timepoint.objects.create(
        enrollment=_enrolled(infused),
        entry_code=f"E{made.pk}",
        kind="followup",
        label="Day 100",
        visit=made,
        target_on=opens,
        window_start=opens,
        window_end=max(opens, due),
        due_on=due,
    )
    notices.refresh([patient.pk], today=now.date(), now=now)
    return made


def _enrolled(infused: Treatment) -> Enrollment:
    owner, _ = Sponsor.objects.get_or_create(code="owner", name="Owner")
    asked, _ = Program.objects.get_or_create(code="reg", defaults={"title": "R", "sponsor": owner, "kind": "registry"})
    days = {"owed_from": LONG_AGO, "enrolled_on": LONG_AGO}
    return Enrollment.objects.get_or_create(treatment=infused, program=asked, defaults=days)[0]


def submit(made: Visit, at: datetime) -> None:
    """What recording leaves behind, as far as reminders see it."""
    made.timepoints.update(state="submitted", as_of=made.planned_on)
    Visit.objects.filter(pk=made.pk).update(submitted_at=at)
    notices.refresh([made.patient_id], today=at.date(), now=at)


def minute(now: datetime) -> list[str]:
    """One sweep: rows, notices, sending. Gives the outcomes of the sends."""
    sending.enqueue(now)
    notices.roll(now)
    return [sending.send_one(pk, now=now) for pk in sending.pending(now)]


def sent_on(first: date, days: int, hour: int = 6) -> list[date]:
    """The days on which a digest left, with one sweep a day at `hour` UTC."""
    for n in range(days):
        minute(datetime(first.year, first.month, first.day, hour, tzinfo=UTC) + n * DAY)
    rows = Digest.objects.filter(state="sent").order_by("local_day")
    return list(rows.values_list("local_day", flat=True))
