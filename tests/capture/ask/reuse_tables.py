"""One table a reuse class: (case, report, field, answers, how its ask stands, what the program gets)."""

from __future__ import annotations

from capture.ask.facts import Answer, Occasion
from tests.capture.ask.reuse import at, said, text

NA, EU, PASS, PAYER = "car_registry_na", "car_registry_eu", "car_pass_sponsor", "payer_outcomes_scd"
FIRST, LATER = at(NA, "D100", 100), at(NA, "M6", 180, last=100)
EU_LATER = at(EU, "M6", 180, last=120)
PASS_FIRST = at(PASS, "M6", 180)  # the study joined late: its first report reaches back to the infusion
JOINT = at(NA, "D100", 95, shift=-5)  # another report of this visit speaks for day 105
Case = tuple[str, Occasion, str, tuple[Answer, ...], str, str]

SEX = said("sex-at-birth", "female", on=0, context="p1")
STATIC: list[Case] = [
    ("first visit", at(NA, "BASE", 0), "sex", (), "offered", ""),
    ("later visit", LATER, "sex", (SEX,), "known", "2"),
    ("another program", EU_LATER, "gender_birth", (SEX,), "known", "2"),
    (
        "learned late counts for earlier reports",
        FIRST,
        "sex",
        (said("sex-at-birth", "male", on=180, context="p1"),),
        "known",
        "1",
    ),
    ("corrected", LATER, "sex", (said("sex-at-birth", "male", on=0, context="p1"),), "known", "1"),
    (
        "missing is asked again",
        EU_LATER,
        "gender_birth",
        (said("sex-at-birth", missing="unknown", on=0, context="p1"),),
        "offered",
        "",
    ),
    (
        "missing answers its own visit",
        EU_LATER,
        "gender_birth",
        (said("sex-at-birth", missing="unknown", on=0, context="p1", visit=7),),
        "offered",
        "9",
    ),
    ("joint visit", JOINT, "sex", (said("sex-at-birth", "male", on=105, context="p1", visit=7),), "offered", "1"),
]
PROGRAM: list[Case] = [
    ("first visit", FIRST, "crid", (), "offered", ""),
    ("later visit", LATER, "crid", (said("subject-id", "77", on=0, context=f"e{LATER.enrollment_id}"),), "known", "77"),
    (
        "never another program's",
        EU_LATER,
        "upn",
        (said("subject-id", "77", on=0, context=f"e{LATER.enrollment_id}"),),
        "offered",
        "",
    ),
    (
        "missing is asked again",
        LATER,
        "crid",
        (said("subject-id", missing="pending", on=0, context=f"e{LATER.enrollment_id}"),),
        "offered",
        "",
    ),
]
IGG = said("igg", "430", on=170, context="v5", visit=5)
MEASURED: list[Case] = [
    ("first visit", at(PASS, "M6", 180), "igg", (), "offered", ""),
    ("another visit in the window", at(PASS, "M6", 180, last=100), "igg", (IGG,), "known", "430"),
    (
        "on the first day of the window",
        at(PASS, "M6", 180, last=100),
        "igg",
        (said("igg", "5", on=165, context="v5"),),
        "known",
        "5",
    ),
    (
        "the day before the window",
        at(PASS, "M6", 180, last=100),
        "igg",
        (said("igg", "5", on=164, context="v5"),),
        "offered",
        "",
    ),
    ("not before the last report", at(PASS, "M6", 180, last=172), "igg", (IGG,), "offered", ""),
    ("another program's unit", EU_LATER, "igg_gl", (IGG,), "known", "4.3"),
    ("not after the as-of date", at(PASS, "M6", 165), "igg", (IGG,), "offered", ""),
    ("corrected", at(PASS, "M6", 180), "igg", (said("igg", "520", on=170, context="v5", visit=5),), "known", "520"),
    (
        "missing answers its own visit",
        at(PASS, "M6", 180),
        "igg",
        (said("igg", missing="not-done", on=180, context="v5", visit=5),),
        "offered",
        "",
    ),
    (
        "joint visit: its own measurement",
        at(PASS, "M3", 95),
        "igg",
        (said("igg", "400", on=105, context="v7", visit=7),),
        "offered",
        "400",
    ),
]
ALIVE = said("vital-status", "alive", on=100, context="v3")
CONFIRM: list[Case] = [
    ("first visit", FIRST, "surv", (), "offered", ""),
    ("later visit: offered, not told", LATER, "surv", (ALIVE,), "offered", ""),
    ("another program: offered, not told", EU_LATER, "status_fu", (ALIVE,), "offered", ""),
    (
        "given at this visit",
        LATER,
        "surv",
        (said("vital-status", "alive", on=180, context="v7", visit=7),),
        "offered",
        "1",
    ),
    (
        "missing is not offered",
        LATER,
        "surv",
        (said("vital-status", missing="unknown", on=100, context="v3"),),
        "offered",
        "",
    ),
    (
        "missing in the program's code",
        at(PASS, "M6", 180),
        "survstat",
        (said("vital-status", missing="unknown", on=180, context="v7", visit=7),),
        "offered",
        "U",
    ),
]
NEVER: list[Case] = [
    ("first visit", at(PASS, "M6", 180), "eqvas", (), "offered", ""),
    (
        "later visit",
        at(PASS, "M12", 380, last=180),
        "eqvas",
        (said("eq5d-vas", "75", on=180, context="v3"),),
        "offered",
        "",
    ),
    (
        "its own day",
        at(PASS, "M6", 180),
        "eqvas",
        (said("eq5d-vas", "75", on=180, context="v7", visit=7),),
        "offered",
        "75",
    ),
]
RECOVERED = said("anc-recovered", "yes", on=100, context="t4/v3")
LATE_DAY = said("platelet-recovery-20-date", text(24), on=180, context="t4/v8", visit=8)
NOT_YET = said("anc-recovered", "no", on=100, context="t4/v3")
CUMULATIVE: list[Case] = [
    ("first visit", FIRST, "anc_rec", (), "offered", ""),
    ("a yes is known", LATER, "anc_rec", (RECOVERED,), "known", "4"),
    (
        "and told as a yes in the report that had it",
        at(NA, "D100", 100, visit=3),
        "anc_rec",
        (RECOVERED,),
        "offered",
        "1",
    ),
    (
        "a date is known",
        LATER,
        "plt_rec_dt",
        (said("platelet-recovery-20-date", text(24), on=100, context="t4/v3"),),
        "known",
        text(24),
    ),
    ("a no is offered, not told", LATER, "anc_rec", (NOT_YET,), "offered", "2"),
    ("a date learned late belongs to the report of its day", FIRST, "plt_rec_dt", (LATE_DAY,), "known", text(24)),
    ("and not to a report before it", at(NA, "D100", 20), "plt_rec_dt", (LATE_DAY,), "offered", ""),
    (
        "missing answers its own visit",
        LATER,
        "anc_rec",
        (said("anc-recovered", missing="unknown", on=100, context="t4/v3"),),
        "offered",
        "",
    ),
    (
        "joint visit: given for the later day",
        JOINT,
        "anc_rec",
        (said("anc-recovered", "yes", on=105, context="t4/v7", visit=7),),
        "offered",
        "1",
    ),
]


def icans(value: str, after: int, upto: int, visit: int = 3, missing: str = "") -> Answer:
    return said(
        "icans-occurred",
        value,
        on=upto,
        context=f"v{visit}/a{text(upto)}",
        visit=visit,
        covers=(after, upto),
        missing=missing,
    )


def ivig(value: str, after: int, upto: int, visit: int = 3) -> Answer:
    return said("ig-replacement", value, on=upto, context=f"v{visit}/a{text(upto)}", visit=visit, covers=(after, upto))


PERIOD: list[Case] = [
    ("first visit", FIRST, "icans", (), "offered", ""),
    ("later visit: only the new days", LATER, "icans", (icans("no", -1, 100),), "offered", ""),
    ("answered for all its days", LATER, "icans", (icans("no", 100, 180),), "known", "2"),
    ("a no that reaches beyond", EU_LATER, "ivig_yn", (ivig("no", 100, 190),), "known", "1"),
    ("a yes that reaches beyond may lie outside", EU_LATER, "ivig_yn", (ivig("yes", 100, 190),), "offered", ""),
    ("a yes inside settles a longer time", EU_LATER, "ivig_yn", (ivig("yes", 130, 150),), "known", "2"),
    ("two parts make one no", EU_LATER, "ivig_yn", (ivig("no", 110, 150), ivig("no", 150, 180, 5)), "known", "1"),
    ("corrected", LATER, "icans", (icans("yes", 100, 180),), "known", "1"),
    ("missing is asked again", EU_LATER, "ivig_yn", (icans("", 120, 180, missing="unknown"),), "offered", ""),
    (
        "missing answers its own visit",
        at(PASS, "M6", 180, last=100),
        "neurodis",
        (said("new-neurologic-disorder", missing="unknown", on=180, context="v7/a", visit=7, covers=(100, 180)),),
        "offered",
        "U",
    ),
    (
        "and no later one",
        at(PASS, "M6", 180, last=100),
        "neurodis",
        (said("new-neurologic-disorder", missing="unknown", on=180, context="v3/a", covers=(100, 180)),),
        "offered",
        "",
    ),
]
YEAR = at(PAYER, "OY1", 380)
FIXED: list[Case] = [
    ("first visit", YEAR, "voc_home", (), "offered", ""),
    (
        "the same limits",
        YEAR,
        "voc_home",
        (said("voe-home-count", "3", on=380, context="v3/a", covers=(0, 365)),),
        "known",
        "3",
    ),
    (
        "the months before the report, not before the anniversary",
        YEAR,
        "voc_home",
        (said("voe-home-count", "3", on=380, context="v3/a", covers=(15, 380)),),
        "offered",
        "",
    ),
    (
        "a longer time that says zero",
        YEAR,
        "voc_home",
        (said("voe-home-count", "0", on=380, context="v3/a", covers=(-1, 380)),),
        "offered",
        "",
    ),
    (
        "missing is asked again",
        YEAR,
        "voc_home",
        (said("voe-home-count", missing="unknown", on=380, context="v3/a", covers=(0, 365)),),
        "offered",
        "",
    ),
]
TABLES = {
    "static": STATIC,
    "program": PROGRAM,
    "measured": MEASURED,
    "confirm": CONFIRM,
    "never": NEVER,
    "cumulative": CUMULATIVE,
    "period": PERIOD,
    "fixed-period": FIXED,
}
