"""What it would give back if a program took measured values that are some days old instead of asking again. Pure.

A visit of the program need not ask a measured value that another visit of the same patient asked at most so many days
before. Only values that a direct mapping reads count; status and response are confirmed at every visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from capture.accept.courses import Booking, Prices
from capture.ask import load
from forms_catalog.specs import AskSpec, ReleaseSpec

WINDOWS = (30, 90)  # days
MEASURED = "measured"


class Reuse:
    """Prices visits of one program as if it took measured values up to `days` old."""

    def __init__(self, release: ReleaseSpec, program: str, days: int, prices: Prices) -> None:
        self.release, self.program, self.days, self.prices = release, program, days, prices
        self.asked: dict[str, frozenset[str]] = {}
        self.without: dict[frozenset[str], Prices] = {}

    def by_year(self, booked: Sequence[Booking], years: int) -> list[int]:
        """Centiseconds of one patient's visits by year from today; what lies beyond the last counts in it."""
        found = [0] * years
        ordered = sorted(booked, key=lambda b: b.day)
        for number, booking in enumerate(ordered):
            paths = self._spared(booking, ordered[:number])
            found[min(booking.year, years - 1)] += self._prices(paths)(booking.entries, booking.day)
        return found

    def _spared(self, booking: Booking, earlier: Sequence[Booking]) -> frozenset[str]:
        """The program's fields that a visit shortly before has answered."""
        mine = [key for key in booking.entries if key.partition(":")[0] == self.program]
        near = [b for b in earlier if 0 < booking.day - b.day <= self.days] if mine else []
        there = {element for b in near for key in b.entries for element in self._elements(key)}
        return frozenset(
            ask.field.path
            for key in mine
            for ask in self._asks(key)
            if (elements := self._measured(ask)) and elements <= there
        )

    def _elements(self, key: str) -> frozenset[str]:
        if key not in self.asked:
            self.asked[key] = frozenset(e for ask in self._asks(key) for e in self._measured(ask))
        return self.asked[key]

    def _asks(self, key: str) -> Sequence[AskSpec]:
        program, _, code = key.partition(":")
        return load.asks_of(self.release, program, code)

    def _measured(self, ask: AskSpec) -> frozenset[str]:
        """The measured elements a field reads; none where it reads anything else."""
        names = {s.element for s in ask.mapping.sources} if ask.mapping and ask.field.asks else set()
        specs = [self.release.elements.get(name) for name in names]
        return frozenset(names) if all(s is not None and s.reuse == MEASURED for s in specs) else frozenset()

    def _prices(self, paths: frozenset[str]) -> Prices:
        if not paths:
            return self.prices
        if paths not in self.without:
            spec = self.release.programs[self.program]
            less = replace(spec, asks=tuple(a for a in spec.asks if a.field.path not in paths))
            release = replace(self.release, programs={**self.release.programs, self.program: less})
            self.without[paths] = Prices(release, self.prices)
        return self.without[paths]
