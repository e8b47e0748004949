"""Each program's slice gets the events of its own period: none twice, none missing (rule 3 of the core)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from capture.ask import combine, periods, records, terms
from capture.ask.facts import Answer, Occasion, PatientFacts
from capture.ask.periods import Interval
from forms_catalog.specs import AskSpec
from tests.occasions import day, gate, occasion, record
from tests.releases import CAR, release_of

RELEASE = release_of(*CAR)
REGISTRY = occasion(RELEASE, "car_registry_na", "Y1", 380, last=183)
SPONSOR = occasion(RELEASE, "car_pass_sponsor", "M12", 380, last=274)
SPONSOR_BEFORE = occasion(RELEASE, "car_pass_sponsor", "M9", 274, last=183)
LATE = PatientFacts(
    1,
    (gate("infection", -1, 274), gate("infection", 274, 380, "yes"), gate("malignancy", -1, 380)),
    (
        record(
            1,
            "infection",
            infection_date=str(day(200)),
            infection_max_grade="3",
            infection_clinically_significant="yes",
        ),
        record(
            2,
            "infection",
            infection_date=str(day(330)),
            infection_max_grade="4",
            infection_clinically_significant="yes",
        ),
        record(3, "malignancy", new_malignancy_date=str(day(250)), new_malignancy_type="t-cell"),
    ),
)


def ask(at: Occasion, path: str) -> AskSpec:
    return next(a for a in RELEASE.programs[at.program].asks if a.field.path == path)


def value(at: Occasion, path: str, patient: PatientFacts = LATE) -> str:
    return terms.cell(ask(at, path), at, patient, RELEASE).outcome.value


def test_the_registry_that_last_reported_for_day_183_gets_all_three_events() -> None:
    assert (value(REGISTRY, "inf_sig"), value(REGISTRY, "new_malig")) == ("1", "1")
    assert value(REGISTRY, "new_malig_dt") == str(day(250))


def test_the_sponsor_that_last_reported_for_day_274_gets_day_330_only() -> None:
    assert (value(SPONSOR, "sinf3"), value(SPONSOR, "spm")) == ("Y", "N")


def test_the_sponsors_earlier_report_changes_by_what_was_learned_late() -> None:
    assert (value(SPONSOR_BEFORE, "sinf3"), value(SPONSOR_BEFORE, "spm")) == ("Y", "Y")
    assert value(SPONSOR_BEFORE, "spmdt") == str(day(250))


def test_no_without_records_needs_every_day_asked_about() -> None:
    asked = PatientFacts(1, (gate("infection", -1, 380),))
    not_all = PatientFacts(1, (gate("infection", -1, 300),))
    assert value(SPONSOR, "sinf3", asked) == "N"
    assert value(SPONSOR, "sinf3", not_all) == ""


def test_an_unknown_grade_is_not_a_no() -> None:
    vague = PatientFacts(
        1, (gate("infection", -1, 380, "yes"),), (record(1, "infection", infection_date=str(day(300))),)
    )
    assert value(SPONSOR, "sinf3", vague) == "U"


DAYS = st.integers(0, 60)
SPANS = st.tuples(DAYS, st.integers(1, 30)).map(lambda p: Interval(day(p[0]), day(p[0] + p[1])))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(SPANS, min_size=1, max_size=4), st.lists(SPANS, max_size=4))
def test_questions_cover_exactly_the_days_nobody_answered(askers: list[Interval], covered: list[Interval]) -> None:
    asked = periods.uncovered(askers, covered)
    for number in range(100):
        inside = any(a.contains(day(number)) for a in askers) and not any(c.contains(day(number)) for c in covered)
        assert sum(i.contains(day(number)) for i in asked) == int(inside)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(DAYS, max_size=8), st.lists(DAYS, min_size=1, max_size=4, unique=True))
def test_intervals_of_one_program_share_no_record_and_miss_none(events: list[int], reports: list[int]) -> None:
    group = RELEASE.groups["infection"]
    rows = [record(i, "infection", infection_date=str(day(n))) for i, n in enumerate(events)]
    ends = sorted(reports)
    spans = [Interval(day(a), day(b)) for a, b in zip([-1, *ends], ends, strict=False)]
    counted = [r.id for span in spans for _, r in records.in_period(rows, group, span)]
    assert sorted(counted) == sorted(r.id for r, n in zip(rows, events, strict=True) if n <= ends[-1])


def test_a_yes_of_one_interval_is_enough_and_a_no_needs_all() -> None:
    element = RELEASE.elements["iec-hs"]
    half = Answer("iec-hs", "", "v1/a", "no", covers_from=day(0), covers_to=day(50))
    rest = Answer("iec-hs", "", "v2/a", "yes", covers_from=day(50), covers_to=day(100))
    whole = Interval(day(0), day(100))
    assert combine.combined(element, [half], whole) == ("", "")
    assert combine.combined(element, [half, rest], whole) == ("yes", "")
