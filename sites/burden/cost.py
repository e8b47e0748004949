"""Seconds a question, a visit and a copied value cost, as assumptions until measured. All results in centiseconds.

Sources: 6.0 s a value (MSK 2025), 14.7 s a value (Fleischmann 2017), 46 min a form (HRSA 2025, a check of the whole).
"""

from __future__ import annotations

from dataclasses import dataclass

VISIT_MINUTES = 3
CONFIRM_SECONDS = 4
VALUE_SECONDS = 6
CHOICE_SECONDS = 15
ABSTRACTED_SECONDS = 30
FREE_TEXT_SECONDS = 90
TYPED_SCORE_SECONDS = 15
TRANSCRIBE_SECONDS = 8
QUERY_RATE = 0.033
QUERY_MINUTES = 5
FTE_HOURS_YEAR = 1720  # hours one full-time post works in a year, the flat rate of EU grant agreements
RANGE = (0.6, 1.6)  # a published workload model missed by 167 h a trial-year; the range is an assumption, not a proof


@dataclass(frozen=True, slots=True)
class Assumed:
    """The defaults a visit was charged with, in centiseconds; frozen with its sheet, so that a replay is exact."""

    visit: int = 6000 * VISIT_MINUTES
    confirmed: int = 100 * CONFIRM_SECONDS
    query: int = round(QUERY_RATE * QUERY_MINUTES * 6000)
    copied: int = 100 * TRANSCRIBE_SECONDS


ASSUMED = Assumed()


@dataclass(frozen=True, slots=True)
class Range:
    """Low, middle and high, in centiseconds."""

    low: int
    mid: int
    high: int

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.mid + other.mid, self.high + other.high)


def question(datatype: str, effort_seconds: int | None, *, abstracted: bool = False) -> int:
    """Centiseconds one shown question costs: its element's own effort, else a default by answer kind.

    An effort of 0 marks a patient-reported score: a coordinator still types it, for 15 s.
    """
    if effort_seconds is not None:
        return 100 * (effort_seconds or TYPED_SCORE_SECONDS)
    if datatype in ("notes", "text"):
        return 100 * FREE_TEXT_SECONDS
    if abstracted:
        return 100 * ABSTRACTED_SECONDS
    return 100 * (
        CHOICE_SECONDS if datatype in ("choice", "multichoice", "date", "integer", "decimal") else VALUE_SECONDS
    )


def confirmed() -> int:
    """Centiseconds to look at an offered value and keep it."""
    return ASSUMED.confirmed


def visit_overhead() -> int:
    """Centiseconds to find the patient, open the chart, save and sign, once a visit."""
    return ASSUMED.visit


def queries(values: int) -> int:
    """Centiseconds that queries on `values` answered values are expected to cost."""
    return values * ASSUMED.query


def transcription(values: int) -> int:
    """Centiseconds to copy `values` values by hand into a portal."""
    return values * ASSUMED.copied


def spread(mid: int) -> Range:
    """The stated range around a predicted time."""
    return Range(round(mid * RANGE[0]), mid, round(mid * RANGE[1]))
