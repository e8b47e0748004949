"""Records that go on, and whether a program is told of one again: the rule proposes, a person decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capture.ask import marks, records, sheet
from capture.ask.facts import Answer, Entered, EnteredRecord, Entry, PatientFacts, Record, VisitFacts
from capture.ask.marks import AGAIN, ELSEWHERE, TELL, mark_of, proposal
from capture.deliver.slicing import cut
from capture.query import checks, marking
from forms_catalog import starter
from tests.capture.ask.reuse import RELEASE, at, text, told
from tests.capture.deliver.made import facts as consented
from tests.occasions import day, entered, gate, new_record, record, visit

NA, PASS = "car_registry_na", "car_pass_sponsor"
RULES = marks.rules(RELEASE, "infection")[NA]
GROUP = starter.record_groups()["infection"]
LATER = at(NA, "M6", 180, last=100)
ASKED = (gate("infection", -1, 180), gate("malignancy", -1, 180))


def infection(number: int, on: int, kind: str = "viral", end: int | None = None, mark: str = "") -> Record:
    """A clinically significant infection, with what was decided for the registry."""
    given = {"infection_date": text(on), "infection_organism": kind, "infection_clinically_significant": "yes"}
    made = record(number, "infection", **given, **({"infection_end_date": text(end)} if end else {}))
    said = {mark_of(NA): Answer("reportable", NA, f"o{number}", mark)} if mark else {}
    return replace(made, values={**made.values, **said})


@pytest.mark.parametrize(
    ("before", "now", "proposed"),
    [
        (infection(1, 60, end=70), infection(2, 120), AGAIN),  # 50 days after its end; viral: 60
        (infection(1, 60, end=70), infection(2, 140), ""),
        (infection(1, 60, "bacterial", 70), infection(2, 77, "bacterial"), AGAIN),
        (infection(1, 60, "bacterial", 70), infection(2, 78, "bacterial"), ""),
        (infection(1, 60, "bacterial", 70), infection(2, 72, "viral"), ""),
        (infection(1, 20, "viral"), infection(2, 160, "viral"), AGAIN),  # it has no end yet: it persists
        (infection(1, 20, "viral|bacterial", 30), infection(2, 36, "bacterial"), AGAIN),
        (infection(1, 20, "parasitic", 30), infection(2, 44, "parasitic"), AGAIN),  # of the kinds not named
        (infection(1, 60, "none"), infection(2, 62, "none"), ""),  # no organism found: not known to be the same
        (infection(2, 160), infection(1, 120), ""),  # the later one says nothing of the earlier one
    ],
)
def test_the_rule_proposes_that_a_persisting_or_recurring_infection_is_not_told_again(
    before: Record, now: Record, proposed: str
) -> None:
    found = proposal(now, GROUP, RULES, [before, now])
    assert (found.mark if found else "") == proposed
    if found:
        assert str(records.day_of(before, GROUP)) in found.why


def test_a_program_without_a_rule_is_told_of_every_record() -> None:
    assert proposal(infection(2, 72), GROUP, {}, [infection(1, 60), infection(2, 72)]) is None


def test_only_what_the_program_is_told_of_is_in_its_report_and_other_programs_have_their_own() -> None:
    twice = (infection(1, 110, end=115), infection(2, 150, mark=AGAIN))
    only = (infection(2, 150, mark=AGAIN),)
    assert told("inf_sig", LATER, *ASKED, records=twice) == "1"
    assert told("inf_sig", LATER, *ASKED, records=only) == "2"
    assert told("inf_org", LATER, *ASKED, records=only) == ""
    assert told("inf_sig", LATER, *ASKED, records=(infection(2, 150, mark=TELL),)) == "1"
    grade = Answer("infection-max-grade", "", "o2", "3")
    graded = replace(only[0], values={**only[0].values, grade.element: grade})
    assert told("sinf3", at(PASS, "M6", 180, last=100), *ASKED, records=(graded,)) == "Y"


def test_a_malignancy_told_on_a_form_of_its_own_reads_as_previously_reported() -> None:
    given = record(3, "malignancy", new_malignancy_date=text(150), new_malignancy_type="t-cell")
    had = replace(given, values={**given.values, mark_of(NA): Answer("reportable", NA, "o3", ELSEWHERE)})
    assert told("new_malig", LATER, *ASKED, records=(given,)) == "1"
    assert told("new_malig", LATER, *ASKED, records=(had,)) == "3"
    slice_ = cut(LATER, consented(LATER, *ASKED, records=[had]), RELEASE)
    found = {c.name: (c.value, c.state) for c in slice_.cells}
    assert (found["new_malig"], found["new_malig_dt"]) == (("3", "given"), ("", "hidden"))
    assert told("spm", at(PASS, "M6", 180, last=100), *ASKED, records=(had,)) == "Y"


def typing(*typed: EnteredRecord, stored: tuple[Record, ...] = ()) -> tuple[VisitFacts, Entered]:
    """The month 6 visit of the registry with these records typed."""
    facts = visit(RELEASE, LATER, patient=PatientFacts(1, (gate("infection", -1, 100),), stored))
    return facts, entered({}, *typed, gates={"infection": "yes" if typed else "no"})


def findings(*typed: EnteredRecord, stored: tuple[Record, ...] = ()) -> list[tuple[str, str]]:
    facts, given = typing(*typed, stored=stored)
    made = sheet.build(facts, given)
    return [(f.key, f.code) for f in checks.find(made, given, facts) if f.code in ("reportable", "ongoing_and_end")]


def new(on: int, **marked: str) -> EnteredRecord:
    made = new_record(1, "infection", infection_date=text(on), infection_organism="viral")
    return replace(made, values={**made.values, **{k: Entry(v) for k, v in marked.items()}})


def test_a_person_confirms_the_proposal_or_overrides_it_with_a_reason() -> None:
    before = (infection(9, 80, end=90),)
    place = f"infection.new-1.{mark_of(NA)}"
    assert findings(new(120), stored=before) == [(place, "reportable")]
    assert findings(new(120, **{mark_of(NA): AGAIN}), stored=before) == []
    assert findings(new(120, **{mark_of(NA): TELL}), stored=before) == [(place, "reportable")]
    assert findings(new(120, **{mark_of(NA): TELL, marks.reason_of(NA): "another virus"}), stored=before) == []
    assert findings(new(120, **{mark_of(NA): "maybe"}), stored=before) == [(place, "reportable")]
    assert findings(new(120)) == []


def test_two_records_typed_at_one_visit_are_seen_beside_each_other() -> None:
    second = new_record(2, "infection", infection_date=text(125), infection_organism="viral")
    assert findings(new(120), second) == [(f"infection.new-2.{mark_of(NA)}", "reportable")]


def test_what_is_kept_as_reason_is_what_was_typed_else_the_rule() -> None:
    facts, _ = typing(stored=(infection(9, 80, end=90),))
    confirmed, typed = new(120, **{mark_of(NA): AGAIN}), new(120, **{mark_of(NA): TELL, marks.reason_of(NA): "EBV now"})
    assert marking.reasons(confirmed, facts)[mark_of(NA)].startswith("It recurs 30 days after the viral infection")
    assert marking.reasons(typed, facts)[mark_of(NA)] == "EBV now"


def test_a_record_without_an_end_is_carried_forward_and_a_closed_one_is_not() -> None:
    pregnancy = starter.record_groups()["pregnancy"]
    ongoing = record(1, "pregnancy", pregnancy_date=text(50), pregnancy_outcome="ongoing")
    born = record(2, "pregnancy", pregnancy_date=text(20), pregnancy_outcome="live")
    begun = record(3, "pregnancy", pregnancy_date=text(90))
    later = record(4, "pregnancy", pregnancy_date=text(190))
    assert [r.id for r in marks.going_on([ongoing, born, begun, later], pregnancy, day(180))] == ["1", "3"]
    ended = [infection(1, 40, end=60), infection(2, 80)]
    assert [r.id for r in marks.going_on(ended, GROUP, day(180))] == ["2"]


def test_that_it_goes_on_and_its_end_exclude_each_other() -> None:
    mine = EnteredRecord("9", "infection", {marks.ONGOING: Entry("yes"), "infection-end-date": Entry(text(130))})
    facts, _ = typing(stored=(infection(9, 80),))
    given = entered({}, mine, gates={"infection": "no"})
    found = checks.find(sheet.build(facts, given), given, facts)
    assert ("infection.9.infection-end-date", "ongoing_and_end") in [(f.key, f.code) for f in found]
