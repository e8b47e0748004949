"""A ruling widens the form's limits; a value beyond one program's own limit holds back that program's slice alone."""

from __future__ import annotations

import pytest

from capture.ask import sheet
from capture.ask.facts import Answer
from capture.deliver.slicing import cut
from forms_catalog import conflict_kinds, merging, starter
from forms_catalog.specs import Ruling
from tests.capture.deliver.made import facts
from tests.forms_catalog.test_merging import changed
from tests.occasions import day, occasion, visit
from tests.releases import program_spec

PASS, HEMO = "car_pass_sponsor", "hemo_registry_global"
WIDE = (program_spec(PASS), changed(HEMO, "eq5d", minimum="-2", maximum="1"))
ENTRIES = {PASS: "M12", HEMO: "M12"}


@pytest.mark.parametrize(("choice", "lowest"), [("catalog", -1), ("widest", -2)])
def test_the_form_takes_what_the_ruling_says_and_each_slice_what_its_program_says(choice: str, lowest: float) -> None:
    found = merging.merge(WIDE, starter.elements(), starter.record_groups())[1]
    conflict = next(c for c in found if (c.kind, c.place) == ("range_differs", "eq5d5l-index"))
    ruling = Ruling(conflict.kind, conflict.place, conflict_kinds.content(conflict), choice)
    release, _ = merging.merge(WIDE, starter.elements(), starter.record_groups(), [ruling])
    at = [occasion(release, p, code, 365) for p, code in ENTRIES.items()]
    made = sheet.build(visit(release, *at))
    assert next(q for q in made.questions if q.element == "eq5d5l-index").minimum == lowest
    answer = Answer("eq5d5l-index", "", "v7", "-1.5", observed_on=day(365), visit_id=7, id="r1")
    problems = [cut(o, facts(o, answer), release).problems for o in at]
    assert [len(p) for p in problems] == [1, 0]
    assert "must be at least -1" in problems[0][0]
