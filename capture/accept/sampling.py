"""Which patients of a large network are planned for a what-if, and how many others each stands for. Pure.

Patients are put into strata (years since the infusion, number of programs) and taken evenly from each, so that a
network of any size is priced in seconds. A small one is planned whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Stratum = tuple[int, int]
LIMIT = 300  # patients that are planned; up to so many nobody is left out
LEAST = 2  # of each stratum, where it has them


@dataclass(frozen=True, slots=True)
class Member:
    """A patient before anything of the plan is read. `site` is the site's id."""

    patient: int
    site: int
    stratum: Stratum


@dataclass(frozen=True, slots=True)
class Sample:
    """The patients to plan, each with its stratum, and how many patients of a stratum each site has."""

    chosen: Mapping[int, Stratum]
    counts: Mapping[int, Mapping[Stratum, int]]

    def weights(self, site: int) -> tuple[float, ...]:
        """How many patients of the site each chosen one stands for, in the order of `chosen`."""
        of_stratum = Counter(self.chosen.values())
        here = self.counts.get(site, {})
        return tuple(here.get(stratum, 0) / of_stratum[stratum] for stratum in self.chosen.values())


def choose(members: Sequence[Member], limit: int = LIMIT) -> Sample | None:
    """An even sample by stratum; None where all can be planned."""
    if len(members) <= limit:
        return None
    strata: dict[Stratum, list[int]] = defaultdict(list)
    counts: dict[int, Counter[Stratum]] = defaultdict(Counter)
    for member in sorted(members, key=lambda m: m.patient):
        strata[member.stratum].append(member.patient)
        counts[member.site][member.stratum] += 1
    chosen: dict[int, Stratum] = {}
    for stratum, patients in sorted(strata.items()):
        wanted = min(len(patients), max(LEAST, round(limit * len(patients) / len(members))))
        step = len(patients) / wanted
        chosen |= {patients[int(i * step)]: stratum for i in range(wanted)}
    return Sample(chosen, counts)
