"""Infections on days 200 and 330 and a malignancy on day 250, all entered at a joint visit on day 380.

The registry last reported for day 183, the sponsor for day 274: each program's reports get the events of their period.
"""

from __future__ import annotations

from dataclasses import replace

from capture.ask.facts import Answer, ConsentFact, Occasion, PatientFacts, Record
from capture.deliver.slices import changes
from capture.deliver.slicing import cut
from tests.capture.deliver.made import values
from tests.occasions import day, gate, occasion, record
from tests.releases import CAR, release_of

RELEASE = release_of(*CAR)
REGISTRY = occasion(RELEASE, "car_registry_na", "Y1", 380, last=183)
SPONSOR = occasion(RELEASE, "car_pass_sponsor", "M12", 380, last=274)
EARLIER = occasion(RELEASE, "car_pass_sponsor", "M9", 274, last=183)
ASKED = (gate("infection", -1, 274), gate("malignancy", -1, 274))
NOW = (gate("infection", 274, 380, "yes", 7), gate("malignancy", 274, 380, "yes", 7))


def infection(number: int, on: int) -> Record:
    given = {"infection_date": str(day(on)), "infection_max_grade": "3", "infection_organism": "viral"}
    return record(number, "infection", **given, infection_clinically_significant="yes")


EVENTS = (
    infection(1, 200),
    infection(2, 330),
    record(3, "malignancy", new_malignancy_date=str(day(250)), new_malignancy_type="t-cell"),
)


def patient(*answers: Answer, records: tuple[Record, ...] = EVENTS) -> PatientFacts:
    consents = tuple(ConsentFact(o.enrollment_id, day(0)) for o in (REGISTRY, SPONSOR))
    return PatientFacts(1, answers, records, (), consents)


BEFORE, AFTER = patient(*ASKED, records=()), patient(*ASKED, *NOW)


def picked(at: Occasion, who: PatientFacts, *names: str) -> list[str]:
    found = values(at, who, RELEASE)
    return [found[n] for n in names]


def test_the_registry_gets_all_three_events() -> None:
    assert picked(REGISTRY, AFTER, "inf_sig", "new_malig", "new_malig_dt") == ["1", "1", str(day(250))]
    assert picked(REGISTRY, AFTER, "inf_org", "new_malig_ty") == ["2", "2"]


def test_the_sponsor_gets_day_330_only() -> None:
    assert picked(SPONSOR, AFTER, "sinf3", "spm", "spmdt") == ["Y", "N", ""]
    alone = patient(*ASKED, *NOW, records=(EVENTS[0], EVENTS[2]))
    assert picked(SPONSOR, alone, "sinf3") == ["N"]


def test_the_sponsors_earlier_report_is_changed_by_days_200_and_250() -> None:
    told, late = cut(EARLIER, BEFORE, RELEASE), cut(EARLIER, AFTER, RELEASE)
    found = {c.name: (c.old, c.new) for c in changes(told, late)}
    assert found == {
        "sinf3": ("N", "Y"),
        "spm": ("N", "Y"),
        "spmdt": ("", str(day(250))),
        "spmtype": ("", "2"),
    }


def test_a_report_of_a_time_before_all_events_does_not_change() -> None:
    first = replace(occasion(RELEASE, "car_pass_sponsor", "M6", 183), enrollment_id=EARLIER.enrollment_id)
    assert changes(cut(first, BEFORE, RELEASE), cut(first, AFTER, RELEASE)) == []
