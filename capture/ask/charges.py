"""What a frozen ask sheet costs each program. Pure: recording writes these entries, check_burden_ledger replays them.

predicted: each visible question's time plus its expected queries, split equally among the programs that need it, and
the visit's own minutes split equally. avoided: what asking again would have cost. transcription: copying by hand.
measured: the active time in the form, in proportion to predicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from capture.ask.asksheet import AVOIDED, STATES, AskSheet, Line, Question, without_identifiers
from capture.ask.facts import Entered
from forms_catalog import serial
from sites.burden import shares
from sites.burden.cost import ASSUMED, Assumed
from sites.burden.entries import Entry
from sites.burden.shares import Item, Share

SOURCE = "submission"
TRANSCRIBE = "transcribe"
NOT_DELIVERED = ("ruled_out", "held")


@dataclass(frozen=True, slots=True)
class Work:
    """What was really done: how often each record field was filled, and which questions were kept with one key."""

    repeats: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What one sheet costs one program, by kind, in centiseconds; `counts` are asks by state (predicted only)."""

    program: str
    kind: str
    share: Share
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What the ledger needs of one submission; `sheet` is the frozen JSON."""

    uuid: UUID
    site: str
    visit_kind: str
    local_date: date
    sheet: Mapping[str, Any]
    active_centiseconds: int = 0
    simulated: bool = False


def frozen(sheet: AskSheet, modes: Mapping[str, str], entered: Entered | None = None) -> dict[str, Any]:
    """The sheet as stored with a submission, and what was done, how each program's part leaves the site, the defaults.

    Values of identifiers are left out.
    """
    work = work_of(sheet, entered or Entered())
    return {
        "sheet": serial.dump(without_identifiers(sheet)),
        "modes": dict(modes),
        "work": serial.dump(work),
        "assumed": serial.dump(ASSUMED),
    }


def thaw(data: Mapping[str, Any]) -> tuple[AskSheet, dict[str, str]]:
    """A stored sheet and its delivery modes."""
    return serial.load(AskSheet, data["sheet"]), dict(data["modes"])


def work_of(sheet: AskSheet, entered: Entered) -> Work:
    """How often each record field of the sheet was filled, and which offers were kept."""
    fields = [q for q in sheet.visible if q.kind == "field"]
    repeats = {
        q.key: sum(_filled(r.values.get(q.element)) for r in entered.records if r.group == q.group) for q in fields
    }
    kept = tuple(q.key for q in sheet.visible if (e := entered.answers.get(q.key)) and e.confirmed)
    return Work({key: n for key, n in repeats.items() if n}, kept)


def entries(facts: SubmissionFacts) -> list[Entry]:
    """The ledger entries of one submission."""
    sheet, modes = thaw(facts.sheet)
    work = serial.load(Work, facts.sheet["work"])
    assumed = serial.load(Assumed, facts.sheet["assumed"])
    charges = of_sheet(sheet, modes, work, assumed=assumed)
    return [_entry(facts, c) for c in (*charges, *measured(charges, facts.active_centiseconds))]


def of_sheet(
    sheet: AskSheet, modes: Mapping[str, str], work: Work | None = None, *, assumed: Assumed = ASSUMED
) -> tuple[Charge, ...]:
    """The predicted, avoided and transcription charges of each program, lowest code first."""
    done = work or Work()
    predicted = shares.split(items(sheet, done, assumed=assumed), programs(sheet), overhead=assumed.visit)
    saved = avoided(sheet, assumed=assumed)
    made = []
    for program, share in predicted.items():
        counts = sheet.counts(program)
        made.append(Charge(program, "predicted", share, {state: counts.get(state, 0) for state in STATES}))
        made.append(Charge(program, "avoided", saved[program]))
        if modes.get(program) == TRANSCRIBE:
            copied = assumed.copied * delivered(sheet, program, done)
            made.append(Charge(program, "transcription", Share(copied, copied, copied)))
    return tuple(made)


def measured(charges: Iterable[Charge], active_centiseconds: int) -> tuple[Charge, ...]:
    """The active time in the form, in proportion to the predicted shares; nothing where no time was taken."""
    predicted = {c.program: c.share for c in charges if c.kind == "predicted"}
    if not active_centiseconds:
        return ()
    parts = shares.in_proportion(active_centiseconds, predicted)
    return tuple(Charge(p, "measured", _scaled(predicted, p, part, active_centiseconds)) for p, part in parts.items())


def programs(sheet: AskSheet) -> list[str]:
    """The programs of a sheet, lowest code first."""
    return sorted({line.program for line in sheet.lines})


def items(sheet: AskSheet, work: Work | None = None, *, assumed: Assumed = ASSUMED) -> list[Item]:
    """Each visible question with its cost, expected queries included, and the programs that need it."""
    done = work or Work()
    asked = [q for q in sheet.visible if q.askers]
    return [Item(_effort(q, done, assumed), tuple(sorted({a.program for a in q.askers}))) for q in asked]


def avoided(sheet: AskSheet, *, assumed: Assumed = ASSUMED) -> dict[str, Share]:
    """Program → what was not asked again. `share` splits what a shared question saved among all who share it; marginal
    and alone are the program's own asks as the sheet states them. A confirmed ask saves all but the look.
    """
    needing = {q.key: {a.program for a in q.askers} for q in sheet.visible}
    saved = [(line, n) for line in sheet.lines if (n := _saved(line, assumed))]
    own = dict.fromkeys(programs(sheet), 0)
    for line, n in saved:
        own[line.program] += n
    split = shares.split([Item(n, _sharers(line, needing)) for line, n in saved], list(own))
    return {program: Share(s.share, own[program], own[program]) for program, s in split.items()}


def delivered(sheet: AskSheet, program: str, work: Work | None = None) -> int:
    """How many values the program's slice carries: one a field, and one a record where the field is a record's own."""
    repeats = work.repeats if work else {}
    fields = {q.key: q.element for q in sheet.questions if q.kind == "field"}
    lines = [line for line in sheet.lines if line.program == program and line.state not in NOT_DELIVERED]
    return sum(_values(line, fields, repeats) for line in lines)


def _filled(entry: Any) -> int:
    return int(entry is not None and entry.given)


def _effort(question: Question, work: Work, assumed: Assumed) -> int:
    if question.key in work.kept:
        return assumed.confirmed
    times = work.repeats.get(question.key, 0) if question.kind == "field" else 1
    return times * (question.centiseconds + assumed.query)


def _saved(line: Line, assumed: Assumed) -> int:
    if line.state == "confirmed":
        return max(0, line.centiseconds - assumed.confirmed)
    return line.centiseconds if line.state in AVOIDED else 0


def _sharers(line: Line, needing: Mapping[str, set[str]]) -> tuple[str, ...]:
    if line.state != "shared":
        return (line.program,)
    return tuple(sorted({line.program}.union(*(needing.get(key, set()) for key in line.questions))))


def _values(line: Line, fields: Mapping[str, str], repeats: Mapping[str, int]) -> int:
    own = [key for key in line.questions if fields.get(key) in line.elements]
    return max(repeats.get(key, 0) for key in own) if own else 1


def _scaled(predicted: Mapping[str, Share], program: str, part: int, active: int) -> Share:
    total, mine = sum(s.share for s in predicted.values()), predicted[program]
    if not total:
        return Share(part, part, part)
    return Share(part, active * mine.marginal // total, active * mine.alone // total)


def _entry(facts: SubmissionFacts, charge: Charge) -> Entry:
    return Entry(
        source=SOURCE,
        source_uuid=facts.uuid,
        program=charge.program,
        kind=charge.kind,
        site=facts.site,
        visit_kind=facts.visit_kind,
        local_date=facts.local_date,
        share=charge.share.share,
        marginal=charge.share.marginal,
        alone=charge.share.alone,
        counts=charge.counts,
        simulated=facts.simulated,
    )
