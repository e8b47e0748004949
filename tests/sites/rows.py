"""Ledger and load rows made by hand for the burden pages, through the two gateways."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from sites.burden import ledger, load
from sites.burden.entries import Entry
from sites.trail import system

SETUP = system("test")
DAY = date(2026, 5, 20)
COUNTS = {"shown": 10, "shared": 4, "confirmed": 2, "known": 3, "derived": 1, "ruled_out": 5, "held": 0}


def visit(*programs: str, site: str = "north", on: date = DAY, measured: int = 30_000) -> None:
    """One submitted visit: for each program 10 min predicted, 4 avoided, 1 copied; `measured` centiseconds in all."""
    uuid = uuid4()
    for program in programs:
        part = {"predicted": 60_000, "avoided": 24_000, "transcription": 6_000, "measured": measured // len(programs)}
        for kind, share in part.items():
            counts = COUNTS if kind == "predicted" else {}
            made = Entry(
                "submission", uuid, program, kind, site, on, "followup", 1, share, share // 2, share * 2, counts
            )
            ledger.write([made] if share else [], actor=SETUP)


def open_visits(site: str, monday: date, *programs: str, weeks: int = 3, minutes: int = 60) -> None:
    """Open work: `minutes` a program in each of the weeks."""
    rows = {(p, monday + timedelta(weeks=i)): (1, minutes * 6000) for p in programs for i in range(weeks)}
    load.replace(site, rows)
