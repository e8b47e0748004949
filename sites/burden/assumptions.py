"""Every default of the cost model as an assumption: its value, its range and where that is from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sites.burden import cost, prices


@dataclass(frozen=True, slots=True)
class Assumption:
    """One default. `kind` is an answer kind of prices.KINDS, or '' for what active time in the form cannot measure."""

    kind: str
    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str


MSK = "6.0 s a value typed from the chart: 5 data managers, 3,023 values (MSK 2025, PMC12574785)"
FLEISCHMANN = "14.7 s a value: 120 records, 4,062 values (Fleischmann 2017, BMC Med Res Methodol 17:153)"
GUESS = "assumption without a published source"
ASSUMPTIONS = (
    Assumption(prices.VISIT, "Each visit, whatever it asks", cost.VISIT_MINUTES * 60, "s", 60, 360, GUESS),
    Assumption(
        prices.CONFIRMED,
        "A known value, looked at and kept",
        cost.CONFIRM_SECONDS,
        "s",
        3,
        6,
        "3.8 s a value with assistance (MSK 2025, PMC12574785)",
    ),
    Assumption(prices.VALUE, "A value that is on the screen", cost.VALUE_SECONDS, "s", 5, 8, MSK),
    Assumption(prices.CHOICE, "A choice, a date or a number", cost.CHOICE_SECONDS, "s", 10, 20, FLEISCHMANN),
    Assumption(
        prices.ABSTRACTED,
        "A value to look up in the chart",
        cost.ABSTRACTED_SECONDS,
        "s",
        20,
        60,
        "assumption; 85 such fields and a visit make the 46 minutes a form of the US registry (OMB 0915-0310, 2025)",
    ),
    Assumption(prices.TEXT, "Free text", cost.FREE_TEXT_SECONDS, "s", 60, 180, GUESS),
    Assumption(
        prices.EFFORT,
        "An element with seconds of its own, for each of them",
        1,
        "s",
        *cost.RANGE,
        "the seconds are the catalog's; a published workload model missed by 167 h a trial-year (JCTR 2025;11(5))",
    ),
    Assumption("", "Values that are queried", 100 * cost.QUERY_RATE, "%", 0.5, 9, "3.3 % (MSK 2025), 9 % (Nordo 2017)"),
    Assumption("", "One query", cost.QUERY_MINUTES, "min", 2, 10, GUESS),
    Assumption("", "One value copied by hand into a portal", cost.TRANSCRIBE_SECONDS, "s", 5, 19, f"assumption; {MSK}"),
)
