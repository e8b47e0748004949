"""Dated contact attempts, without which nobody is lost: how many a program wants and which are known. For happenings.

Attempts count from the day after the last report or the last "found again": those before it led to a contact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from capture.ask.records import latest_day
from capture.models import Enrollment, Patient, PatientEvent, Response, Timepoint, Treatment
from forms_catalog import effects, publishing

DAY, RESULT = "contact-attempt-date", "contact-attempt-result"  # the record group contact-attempt
REACHED = "reached"


@dataclass(frozen=True, slots=True)
class Contact:
    """A day on which the patient was reached, and the visit that reported it."""

    day: date
    visit: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A contact attempt, and the visit it was entered at."""

    day: date
    reached: bool = False
    visit: int | None = None

    def follows(self, contact: Contact) -> bool:
        """Whether it was made after that contact. A report that tells of an attempt in vain is no contact itself."""
        return self.day > contact.day or (self.visit is not None and self.visit == contact.visit)


class TooFewAttempts(ValueError):
    """Somebody is not lost yet; the message says how many attempts are missing and what to do."""

    code = "too_few_attempts"


def checked(patient: Patient, program: str, given: Iterable[object], *, today: date) -> list[date]:
    """The attempts that count: the given days and those entered as records. Raises TooFewAttempts.

    Where the loss concerns every program, the program that wants most of them decides.
    """
    needed, asker = _needed(patient, program)
    made = [Attempt(day) for day in _days(given, today)] + _recorded(patient)
    contacts = [*_contacts(patient, program), *(Contact(a.day) for a in made if a.reached)]
    days = {a.day for a in made if a.day <= today and all(a.follows(c) for c in contacts)}
    short = needed - len(days)
    if short > 0:
        known = f"{len(days)} {'is' if len(days) == 1 else 'are'} known"
        missing = f"{short} {'is' if short == 1 else 'are'} missing"
        last = max(c.day for c in contacts)
        raise TooFewAttempts(
            f"{asker} wants {needed} contact attempts on different days after the last contact ({last}): "
            f"{known}, {missing}. Add their dates."
        )
    return sorted(days)


def _needed(patient: Patient, program: str) -> tuple[int, str]:
    """The largest number that a program in question wants, and which program that is."""
    rows = Enrollment.objects.filter(treatment__patient=patient)
    codes = set((rows.filter(program__code=program) if program else rows).values_list("program__code", flat=True))
    known = publishing.current_spec().programs
    wanted = [(effects.read(known[code].rules if code in known else {}).lost_attempts, code) for code in sorted(codes)]
    return max(wanted, key=lambda pair: pair[0], default=(effects.LOST_ATTEMPTS, "Lost to follow-up"))


def _contacts(patient: Patient, program: str) -> list[Contact]:
    """The days on which the patient was reached: infused, reported on, or found again. 3 queries."""
    infusions = Treatment.objects.filter(patient=patient).values_list("infusion_date", flat=True)
    points = Timepoint.objects.filter(enrollment__treatment__patient=patient).order_by()
    points = points.filter(enrollment__program__code=program) if program else points
    states = points.exclude(contact_type="survival").values_list("state", "as_of", "visit")
    reports = [(day, visit) for state, day, visit in states if state == Timepoint.State.SUBMITTED]
    found = PatientEvent.objects.filter(patient=patient, kind=PatientEvent.Kind.FOUND, undone_by__isnull=True)
    again = found.filter(program__in=("", program)).values_list("effective_on", flat=True)
    return [*(Contact(d) for d in (*infusions, *again)), *(Contact(d, visit) for d, visit in reports if d)]


def _days(given: Iterable[object], today: date) -> list[date]:
    days = []
    for text in given:
        try:
            days.append(day := date.fromisoformat(str(text).strip()))
        except ValueError:
            raise TooFewAttempts(f"{text!r} is not the day of a contact attempt. Write it as YYYY-MM-DD.") from None
        if day > today:
            raise TooFewAttempts(f"The contact attempt of {day} is in the future. Enter it when it has been made.")
    return days


def _recorded(patient: Patient) -> list[Attempt]:
    """The attempts entered as records of visits. 1 query."""
    rows = Response.objects.filter(patient=patient, is_current=True, element__in=(DAY, RESULT))
    answers: dict[str, dict[str, str]] = {}
    visits: dict[str, int | None] = {}
    for context, element, value, visit in rows.values_list("context", "element", "value", "visit"):
        answers.setdefault(context, {})[element] = str(value)
        visits[context] = visit
    dated = ((latest_day(found.get(DAY, "")), found.get(RESULT) == REACHED, visits[c]) for c, found in answers.items())
    return [Attempt(day, reached, visit) for day, reached, visit in dated if day]
