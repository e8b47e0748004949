"""What an occasion that comes due by answers asks of its program. Pure; capture's planning and ask sheet call it."""

from __future__ import annotations

from forms_catalog.formats import triggers
from forms_catalog.specs import AskSpec, ElementSpec, ProgramSpec, ReleaseSpec
from forms_catalog.specs.triggers import DEATH, TriggerSpec

VITAL_STATUS = "vital-status"


def of_program(program: ProgramSpec | None) -> tuple[TriggerSpec, ...]:
    """The program's triggers in its own order; none without a program."""
    return triggers.of_rules(program.rules) if program else ()


def named(program: ProgramSpec | None, code: str) -> TriggerSpec | None:
    """The trigger with this code, None where the program has none."""
    return next((t for t in of_program(program) if t.entry == code), None)


def asks_of(release: ReleaseSpec, program: str, trigger: TriggerSpec) -> tuple[AskSpec, ...]:
    """The fields of the trigger's forms; without forms those that rest on its record group or on the death."""
    every = release.programs[program].asks
    if trigger.forms:
        found = [a for a in every if a.field.form in trigger.forms]
    else:
        found = [a for a in every if rests_on(a, trigger, release)]
    return tuple(sorted(found, key=lambda a: a.field.order))


def rests_on(ask: AskSpec, trigger: TriggerSpec, release: ReleaseSpec) -> bool:
    """Whether an answer to the field comes from what the trigger waits for."""
    sources = ask.mapping.sources if ask.mapping and ask.mapping.relation != "not_same" else ()
    return any(_tells_of(release.elements[s.element], trigger) for s in sources if s.element in release.elements)


def _tells_of(element: ElementSpec, trigger: TriggerSpec) -> bool:
    if trigger.event == DEATH:
        return VITAL_STATUS in (element.id, element.detail_of)
    return trigger.group in (element.summary_of, element.group if element.reuse == "record" else "")
