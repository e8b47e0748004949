"""The decision files of the eight programs: whole, readable, and what each delivers."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from forms_catalog import decisions, starter
from forms_catalog.specs import MappingSpec
from forms_catalog.transforms import Answer, Facts, Inputs, Outcome, Record, codes_without_target, deliver
from tests.forms_catalog.decided import DECIDED, FOLDER, decided, dictionary


def mapping(program: str, path: str) -> MappingSpec:
    return decided(program).by_path[path]


def delivered(program: str, path: str, *answers: Answer, entry: str = "") -> Outcome:
    spec = mapping(program, path)
    found = {(a.element, a.qualifier): a for a in answers}
    ordered = tuple(found.get((s.element, s.qualifier), Answer(s.element, s.qualifier)) for s in spec.sources)
    return deliver(spec, Inputs(ordered, Facts(entry_code=entry, elements=starter.elements())))


@pytest.mark.parametrize("program", DECIDED)
def test_the_files_have_no_problem(program: str) -> None:
    assert decided(program).problems == ()


@pytest.mark.parametrize("program", DECIDED)
def test_every_field_has_one_decision_with_a_reason(program: str) -> None:
    assert [m.path for m in decided(program).mappings] == [f.path for f in dictionary(program).fields]
    assert all(m.reason for m in decided(program).mappings)
    assert all(p.reason for p in decided(program).not_same)


@pytest.mark.parametrize("program", DECIDED)
def test_no_pair_is_both_decided_and_not_the_same(program: str) -> None:
    used = {(m.path, s.element) for m in decided(program).mappings for s in m.sources}
    assert not used & {(p.path, p.element) for p in decided(program).not_same}


@pytest.mark.parametrize("program", DECIDED)
def test_every_offered_code_can_be_delivered_or_is_known_to_be_left_out(program: str) -> None:
    known = starter.elements()
    fields = {f.path: {o.code for o in f.options} for f in dictionary(program).fields}
    for spec in decided(program).mappings:
        element = known.get(spec.sources[0].element)
        left = codes_without_target(spec, element, tuple(fields[spec.path])) if element and fields[spec.path] else []
        assert set(left) <= {"unknown", "0", "5", "na", "none", "pending", "ecog", "home", "transferred", "dead"} | {
            "complete",
            "self",
            "outside",
            "record",
        }


@pytest.mark.parametrize("program", DECIDED)
def test_a_decision_written_back_is_the_row_it_came_from(program: str) -> None:
    rows = list(csv.DictReader(io.StringIO((FOLDER / f"{program}.csv").read_text())))
    kept = {r["variable"]: r for r in rows if r["relation"] != "not_same"}
    for spec in decided(program).mappings:
        back = decisions.to_row(spec)
        same = ("program", "catalog_id", "relation", "further_sources", "qualifier_question", "condition", "reason")
        assert {k: back[k] for k in same} == {k: kept[spec.path][k] for k in same}


@pytest.mark.parametrize(
    ("program", "path", "entry", "code"),
    [
        ("car_registry_na", "visit", "D100", "1"),
        ("car_registry_na", "visit", "Y2", "4"),
        ("car_registry_na", "visit", "Y9", "5"),
        ("car_registry_eu", "fu_type", "M6", "2"),
        ("car_registry_eu", "fu_type", "Y15", "3"),
        ("hemo_registry_global", "fu_time", "M18", "18"),
        ("hemo_registry_global", "fu_time", "Y4", "36"),
        ("hemo_sponsor_aav", "visnum", "W26", "W26"),
        ("hemo_sponsor_aav", "visnum", "Y6", "Y6P"),
        ("scd_gt_ltfu", "vis", "M30", "M30"),
        ("scd_gt_ltfu", "vis", "Y15", "Y6P"),
    ],
)
def test_the_visit_label_follows_from_the_timepoint(program: str, path: str, entry: str, code: str) -> None:
    assert delivered(program, path, entry=entry).value == code


@pytest.mark.parametrize(
    "program", [p for p in DECIDED if p not in ("car_pass_sponsor", "payer_outcomes_scd", "sma_registry")]
)
def test_every_timepoint_has_its_visit_label(program: str) -> None:
    label = next(m for m in decided(program).mappings if m.sources[0].element == "visit-label")
    codes = [e.code for e in starter.schedule(program).entries if e.kind == "followup"]
    assert all(delivered(program, label.path, entry=c).value for c in codes)


def said(element: str, value: str, qualifier: str = "") -> Answer:
    return Answer(element, qualifier, value)


@pytest.mark.parametrize(
    ("program", "path", "answers", "value"),
    [
        ("car_registry_eu", "status_fu", [("vital-status", "alive"), ("followup-status", "ltfu")], "3"),
        ("car_registry_eu", "status_fu", [("vital-status", "dead"), ("followup-status", "dead")], "2"),
        (
            "car_registry_eu",
            "crs_max",
            [("crs-scale-used", "lee"), ("crs-grade-lee", "3"), ("crs-grade-astct", "1")],
            "3",
        ),
        ("car_registry_eu", "crs_max", [("crs-scale-used", "penn"), ("crs-grade-astct", "1")], ""),
        ("car_registry_eu", "preg", [("pregnancy-recipient", "na"), ("pregnancy-partner", "yes")], "2"),
        ("car_registry_eu", "best_ct", [("best-response", "ccr")], "1"),
        ("car_registry_eu", "birth_year", [("date-of-birth", "1961-07-30")], "1961"),
        ("car_registry_eu", "ht_day0", [("body-height", "172")], "1.72"),
        ("car_registry_eu", "cellinf_date", [("infusion-date", "2024-03-07")], "07-03-2024"),
        ("car_registry_eu", "inf_agent", [("infection-organism", "viral|bacterial")], "1"),
        ("car_registry_eu", "sec_malig_tcell", [("new-malignancy-type", "t-cell")], "2"),
        ("car_registry_na", "ct_product", [("product-name", "Axi-cel")], "1"),
        ("car_registry_na", "race", [("race", "2028-9|2106-3")], "2|5"),
        ("car_registry_na", "cod", [("cause-of-death-primary", "liver")], "98"),
        ("car_pass_sponsor", "dthcaus", [("cause-of-death-primary", "infection")], "Infection"),
        ("car_pass_sponsor", "tocil", [("crs-therapy", "steroid|tocilizumab")], "Y"),
        ("car_pass_sponsor", "spmsamp", [("tumor-transgene-tested", "pending")], "Y"),
        ("car_pass_sponsor", "age_inf", [("age-at-infusion", "54.25")], "651"),
        ("hemo_registry_global", "dob_my", [("date-of-birth", "1961-07-30")], "07-1961"),
        ("hemo_registry_global", "aav_nab", [("aav-antibody-titer", "<1:5")], "0"),
        ("hemo_registry_global", "last_factor", [("hours-since-exogenous-factor", "36")], "1.5"),
        ("hemo_sponsor_aav", "fviii_csa_cl", [("fviii-activity-chromogenic", "38.5")], "0.385"),
        ("hemo_sponsor_aav", "fviii_lab", [("fviii-activity-any", "38.5")], "38.5"),
        ("hemo_sponsor_aav", "afp_kiu", [("afp", "4.84")], "4"),
        ("hemo_sponsor_aav", "malig_any", [("new-malignancy", "no")], "0"),
        ("sma_registry", "trt_wt", [("body-weight", "3.6")], "7.94"),
        ("sma_registry", "trt_age", [("age-at-infusion", "0.1232")], "45"),
        ("sma_registry", "tropi", [("troponin-i", "47")], "0.047"),
        ("sma_registry", "vtype", [("contact-method", "home")], "1"),
        ("sma_registry", "smn_other", [("concomitant-smn-therapy", "nusinersen|other")], "1|8"),
        ("scd_gt_ltfu", "yob", [("date-of-birth", "1998-04-02")], "1998"),
        ("scd_gt_ltfu", "anc_s", [("anc", "1.85")], "1850"),
        ("scd_gt_ltfu", "malig", [("new-malignancy", "no")], "N"),
        ("payer_outcomes_scd", "payer_kind", [("payer-type", "medicare")], "OTH"),
        ("payer_outcomes_scd", "hbf_meas", [("hbf-percent", "21.5")], "0.215"),
        ("payer_outcomes_scd", "tx_dt", [("infusion-date", "2024-03-07")], "03-07-2024"),
        ("payer_outcomes_scd", "alive_meas", [("vital-status", "alive")], "1"),
        ("payer_outcomes_scd", "alive_meas", [("vital-status", "dead")], ""),
        ("scd_gt_ltfu", "codd", [("cause-of-death-primary", "infection")], "Infection"),
    ],
)
def test_a_decided_field_delivers(program: str, path: str, answers: list[tuple[str, str]], value: str) -> None:
    assert delivered(program, path, *(said(e, v) for e, v in answers)).value == value


@pytest.mark.parametrize(
    ("steroid", "other", "code"), [("yes", "", "1"), ("no", "yes", "1"), ("no", "no", "0"), ("no", "", "")]
)
def test_no_steroid_alone_is_not_no_immunosuppression(steroid: str, other: str, code: str) -> None:
    name, extra = "steroid-for-transaminitis", "other-agent-for-liver"
    answers = said(name, steroid), said(name, other, extra)
    assert delivered("hemo_registry_global", "immuno_liver", *answers).value == code


@pytest.mark.parametrize(("said_then", "code"), [("yes", "1"), ("no", "0"), ("", "")])
def test_a_death_after_the_anniversary_is_alive_on_it(said_then: str, code: str) -> None:
    answers = said("vital-status", "dead"), said("vital-status", said_then, "on-measurement-date")
    assert delivered("payer_outcomes_scd", "alive_meas", *answers).value == code


@pytest.mark.parametrize(
    ("days", "count", "free"), [(["2025-06-01"], "0", "1"), (["2025-06-02", "2026-06-01"], "2", "0")]
)
def test_the_payers_twelve_months_end_at_the_anniversary(days: list[str], count: str, free: str) -> None:
    records = tuple(Record("yes", day, occurrence=day) for day in days)
    given = replace(said("rbc-transfusion-events", "3"), records=records)
    anniversary = said("outcome-measurement-date", "2026-06-01")
    assert delivered("payer_outcomes_scd", "rbc_12", given, anniversary).value == count
    assert delivered("payer_outcomes_scd", "rbc_free", given, anniversary).value == free


def test_a_donor_lymphocyte_infusion_is_no_second_therapy() -> None:
    summary = said("subsequent-infusion", "yes")
    for kind, code in (("dli", "0"), ("allo-hct", "1")):
        record = Record(kind, "2026-01-01", occurrence="1")
        given = replace(said("subsequent-infusion-type", kind), records=(record,))
        assert delivered("payer_outcomes_scd", "retreat", given, summary).value == code
