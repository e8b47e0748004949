"""What a report still asks where it is reduced: only survival, or only the program's safety questions. Pure.

Called by load for every occasion, so that the form, the frozen sheet and each delivery agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forms_catalog import effects
from forms_catalog.specs import AskSpec, ElementSpec, ProgramSpec

SURVIVAL, SAFETY = "survival", "safety"
STATUS = "vital-status"  # the catalog's section: vital status, its dates, the cause of death
OF_A_DAY = frozenset({"confirm", "never", "program", "static", "from-timepoint", "from-treatment", "from-events"})


def of(
    asks: Sequence[AskSpec], contact: str, program: ProgramSpec, elements: Mapping[str, ElementSpec]
) -> tuple[AskSpec, ...]:
    """The asks that stay for this `contact`; all of them without one."""
    if contact == SURVIVAL:
        return tuple(a for a in asks if _survival(a, elements))
    if contact == SAFETY:
        kept = effects.read(program.rules).safety
        return tuple(a for a in asks if _inside(a.field.form, kept.forms) and _inside(a.field.section, kept.sections))
    return tuple(asks)


def _survival(ask: AskSpec, elements: Mapping[str, ElementSpec]) -> bool:
    """Whether it asks for the status of a day, and nothing of the time since the last report."""
    if ask.mapping is None or ask.mapping.relation == "not_same":
        return False
    found = [elements[s.element] for s in ask.mapping.sources]
    return bool(found) and all(
        e.reuse in OF_A_DAY and (e.section == STATUS or e.scope == "program" or e.reuse.startswith("from-"))
        for e in found
    )


def _inside(name: str, kept: frozenset[str]) -> bool:
    return not kept or name in kept
