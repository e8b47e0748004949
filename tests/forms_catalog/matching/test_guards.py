from __future__ import annotations

import pytest

from forms_catalog.matching import guards, recall


def fired(field: str, element: str, value_class: str = "") -> set[str]:
    return {hit.facet for hit in guards.compare(guards.said([field]), guards.said([element]), value_class)}


@pytest.mark.parametrize(
    ("field", "element", "facet"),
    [
        ("FVIII activity, one-stage assay", "Factor VIII activity, chromogenic", "assay"),
        ("Factor VIII activity", "Factor VIII activity, chromogenic", "assay"),
        ("Worst CRS grade (Lee criteria)", "CRS highest grade, ASTCT 2019", "scale"),
        ("Karnofsky score", "ECOG score", "scale"),
        ("Infection of grade 3 or higher", "Infection, clinically significant", "threshold"),
        ("Infection", "Infection, clinically significant", "threshold"),
        ("Number of VOEs (any visit)", "Vaso-occlusive events, severe", "threshold"),
        ("Disease status at this visit", "Best response so far", "which response"),
        ("Annualised bleeding rate", "Number of bleeds", "kind of measure"),
        ("ALT as multiple of ULN", "ALT upper limit of normal", "kind of measure"),
        ("Was the partner pregnant?", "Pregnancy of recipient", "person"),
        ("Drug product VCN", "Vector copy number, peripheral blood", "specimen"),
        ("Date platelets first at 50 x 10^9/L", "Platelet recovery date, 20 x 10^9/L", "limit"),
        ("Serious adverse event related to product", "Serious adverse event", "relation to product"),
        ("IVIG given", "Immunoglobulin replacement", "route"),
        ("AAV5 total antibody titer", "AAV neutralising antibody titer", "antibody"),
        ("Birth month and year", "Date of birth", "date precision"),
        ("Of which treated bleeds", "Bleeds, all", "treated bleeds"),
    ],
)
def test_a_trap_fires_its_guard(field: str, element: str, facet: str) -> None:
    assert facet in fired(field, element)


@pytest.mark.parametrize(
    ("field", "element"),
    [
        ("FVIII activity, one-stage clotting assay", "Factor VIII activity, one-stage"),
        ("Maximum grade of CRS (ASTCT)", "CRS highest grade, ASTCT 2019"),
        ("Did a clinically significant infection develop?", "Infection, clinically significant"),
        ("Pregnancy in partner", "Pregnancy of partner"),
        ("Serum IgG", "Immunoglobulin G"),
        ("Neurologic disorder (not ICANS)", "New neurologic disorder"),
    ],
)
def test_true_pairs_fire_nothing(field: str, element: str) -> None:
    assert fired(field, element) == set()


@pytest.mark.parametrize(
    ("field", "element"),
    [
        ("Date of contact", "Clinic visit date"),
        ("Date of informed consent", "Date of program enrolment"),
        ("CRS stop date", "CRS onset date"),
        ("Date of the subsequent infusion", "Date of index infusion"),
    ],
)
def test_dates_of_different_events_stay_apart(field: str, element: str) -> None:
    assert "event of the date" in fired(field, element, "date")


def test_reasons_name_both_sides() -> None:
    hits = guards.compare(guards.said(["one-stage assay"]), guards.said(["chromogenic"]), "")
    assert hits[0].reason == "Assay: the field says one-stage assay, the element chromogenic assay."


def test_silence_weighs_less_than_contradiction() -> None:
    conflict = guards.compare(guards.said(["one-stage"]), guards.said(["chromogenic"]), "")
    silent = guards.compare(guards.said([""]), guards.said(["chromogenic"]), "")
    assert guards.penalty(silent, 1.5, 3) < guards.penalty(conflict, 1.5, 3)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Infection since last visit", "since-last-report"),
        ("Acute chest syndrome, last 12 months", "last-12-months"),
        ("CRS (any time after infusion)", "since-infusion"),
        ("Total inpatient days, day 0 to day 100", "day-0-to-100"),
        ("Scoliosis", ""),
    ],
)
def test_the_recall_period_is_read(label: str, expected: str) -> None:
    assert recall.stated(label) == expected


def test_a_recall_phrase_is_cut_unless_nothing_is_left() -> None:
    assert recall.cut("Infection since last visit") == "Infection"
    assert recall.cut("Since last visit") == "Since last visit"


def test_periods_with_other_limits_are_apart() -> None:
    assert recall.apart("since-last-report", "last-12-months")
    assert not recall.apart("since-last-report", "point-in-time")
