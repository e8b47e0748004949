"""How many patients join, die and are lost: defaults, a site's own records by shrinkage, or what a person set. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

ENROLMENT_MONTH = 0.5  # defaults are assumptions without a published source: replaced by records or by a person
DEATH_YEAR = 0.05
LOSS_YEAR = 0.03
CATCH_UP_WEEKS = 4
PRIOR_MONTHS = 3  # the default counts as much as so many months of the site's own records
PRIOR_YEARS = 20  # and as so many patient-years
SET_MONTHS = 12  # a pace of enrolment that a person set is as sure as a year of records


@dataclass(frozen=True, slots=True)
class Rates:
    """Patients a month, deaths and losses a patient-year, and weeks in which nine tenths of overdue
    work is done (0: at once).

    `enrolment_sd` is how unsure the pace of enrolment is, in patients a month.
    """

    enrolment_month: float = ENROLMENT_MONTH
    death_year: float = DEATH_YEAR
    loss_year: float = LOSS_YEAR
    catch_up_weeks: int = CATCH_UP_WEEKS
    enrolment_sd: float = sqrt(ENROLMENT_MONTH / PRIOR_MONTHS)

    @property
    def enrolment_cv(self) -> float:
        return self.enrolment_sd / self.enrolment_month if self.enrolment_month else 0.0


@dataclass(frozen=True, slots=True)
class Records:
    """What a site's records say: patients who joined in `months` (12 at most); deaths and losses in patient-years."""

    months: float = 0.0
    joined: int = 0
    patient_years: float = 0.0
    deaths: int = 0
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person set; None leaves the estimate."""

    enrolment_month: float | None = None
    death_year: float | None = None
    loss_year: float | None = None
    catch_up_weeks: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One assumption as the page shows it: its value in words and where that is from."""

    name: str
    value: str
    source: str


def rates(records: Records, chosen: Chosen = Chosen()) -> Rates:
    """What to forecast with: set by a person, else the default moved towards the records by shrinkage."""
    months = PRIOR_MONTHS + records.months
    joined = PRIOR_MONTHS * ENROLMENT_MONTH + records.joined
    pace, sd = joined / months, sqrt(joined) / months
    if chosen.enrolment_month is not None:
        pace, sd = chosen.enrolment_month, sqrt(chosen.enrolment_month / SET_MONTHS)
    return Rates(
        pace,
        _or(chosen.death_year, _yearly(DEATH_YEAR, records.deaths, records)),
        _or(chosen.loss_year, _yearly(LOSS_YEAR, records.losses, records)),
        CATCH_UP_WEEKS if chosen.catch_up_weeks is None else chosen.catch_up_weeks,
        sd,
    )


def shown(records: Records, chosen: Chosen = Chosen(), who: str = "") -> list[Shown]:
    """Each assumption with its source. `who` set what a person set, as 'set from 2026-06-01 by …'."""
    used = rates(records, chosen)
    joined = f"{records.joined} joined here in {records.months:.0f} months"
    years = f"in {records.patient_years:.0f} patient-years here"
    prior = f"the default of {ENROLMENT_MONTH:g} counts as {PRIOR_MONTHS} months"
    return [
        Shown(
            "New patients",
            f"{used.enrolment_month:.2g} a month",
            _source(chosen.enrolment_month, who, records.months, f"{joined}; {prior}"),
        ),
        Shown(
            "Deaths",
            f"{used.death_year:.1%} a year",
            _source(chosen.death_year, who, records.patient_years, _counted(records.deaths, years, DEATH_YEAR)),
        ),
        Shown(
            "Lost to follow-up",
            f"{used.loss_year:.1%} a year",
            _source(chosen.loss_year, who, records.patient_years, _counted(records.losses, years, LOSS_YEAR)),
        ),
        Shown(
            "Nine of ten overdue visits are done",
            f"in {used.catch_up_weeks} weeks",
            who if chosen.catch_up_weeks is not None else "default, an assumption",
        ),
    ]


def _yearly(default: float, happened: int, records: Records) -> float:
    return (PRIOR_YEARS * default + happened) / (PRIOR_YEARS + records.patient_years)


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _counted(happened: int, years: str, default: float) -> str:
    return f"{happened} {years}; the default of {default:.0%} counts as {PRIOR_YEARS} patient-years"


def _source(chosen: float | None, who: str, n: float, records: str) -> str:
    if chosen is not None:
        return who or "set by a person"
    return records if n > 0 else "default, an assumption: no records here yet"
