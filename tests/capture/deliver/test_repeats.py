"""Repeating forms: one row a record of the program's own interval, with numbers that stay."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from capture.ask.facts import Record
from capture.deliver.slices import Slice, instances
from capture.deliver.slicing import cut
from forms_catalog import serial
from forms_catalog.specs import Step
from tests import occasions as made
from tests.capture.deliver.made import ask, facts, fields, options, recode, small

ONSET, GRADE, DEEP = fields("inf_dt", "inf_gr", "inf_deep", form="infections", repeating=True)
GRADE = replace(GRADE, kind="choice", options=options(G3="3", G4="4"))
DEEP = replace(DEEP, branching="[inf_gr] = 'G4'")
RELEASE = small(
    ask(replace(ONSET, date_format="dmy"), "infection-date", Step("date", {"format": "dmy"})),
    ask(GRADE, "infection-max-grade", recode(**{"3": "G3", "4": "G4"}), relation="recode"),
    ask(DEEP, "infection-organism"),
)


def infection(number: int, on: int, grade: str = "3") -> Record:
    return made.record(
        number,
        "infection",
        infection_date=str(made.day(on)),
        infection_max_grade=grade,
        infection_organism="viral",
    )


def cut_at(on: int, last: int, *records: Record, taken: dict[str, int] | None = None) -> Slice:
    at = made.occasion(RELEASE, "study", "M6", on, last=last)
    return cut(at, facts(at, records=records), RELEASE, instances=taken or {})


def test_each_record_of_the_interval_is_one_row_in_the_programs_terms() -> None:
    found = cut_at(380, 183, infection(1, 150), infection(2, 330, "4"), infection(3, 200))
    assert [(r.form, r.instance, r.record) for r in found.rows] == [("infections", "1", "3"), ("infections", "2", "2")]
    assert [[c.value for c in r.cells] for r in found.rows] == [["20-07-2025", "G3", ""], ["27-11-2025", "G4", "viral"]]
    assert found.rows[0].cells[2].state == "hidden"


def test_no_record_gives_no_row() -> None:
    assert cut_at(380, 183, infection(1, 150)).rows == ()


def test_numbers_stay_when_an_earlier_record_is_learned_late() -> None:
    first = cut_at(380, 183, infection(1, 330))
    taken = dict(instances(serial.dump(first)))
    later = cut_at(380, 183, infection(1, 330), infection(2, 200), taken=taken)
    assert [(r.instance, r.record) for r in later.rows] == [("1", "1"), ("2", "2")]


def test_the_number_of_a_record_that_moved_away_is_not_used_again() -> None:
    taken = {"infections/1": 1, "infections/2": 2}
    later = cut_at(380, 183, infection(2, 330), infection(3, 340), taken=taken)
    assert [(r.instance, r.record) for r in later.rows] == [("2", "2"), ("3", "3")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 400), max_size=8),
    st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True),
)
def test_every_record_is_in_exactly_one_of_the_programs_reports(days: list[int], reports: list[int]) -> None:
    known = [infection(n, on) for n, on in enumerate(days, start=1)]
    ends = sorted(reports)
    slices = [cut_at(end, last, *known) for last, end in zip([-1, *ends], ends, strict=False)]
    seen = sorted(r.record for s in slices for r in s.rows)
    assert seen == sorted(str(n) for n, on in enumerate(days, start=1) if on <= ends[-1])
