"""What a frozen ask sheet costs each program: the same pure function writes the ledger and replays it. Called by
recording (write), check_burden_ledger (replay) and estimates (expected).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from capture.ask.asksheet import AVOIDED, STATES, AskSheet
from forms_catalog import serial
from sites.burden import cost, shares
from sites.burden.ledger import Entry

SOURCE = "submission"
TRANSCRIBE = "transcribe"


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


def frozen(sheet: AskSheet, modes: Mapping[str, str]) -> dict[str, Any]:
    """The sheet as stored with a submission, with how each program's part leaves the site."""
    return {"sheet": serial.dump(sheet), "modes": dict(modes)}


def thaw(data: Mapping[str, Any]) -> tuple[AskSheet, dict[str, str]]:
    """A stored sheet and its delivery modes."""
    return serial.load(AskSheet, data["sheet"]), dict(data["modes"])


def entries(facts: SubmissionFacts) -> list[Entry]:
    """The ledger entries of one submission: predicted, avoided, transcription and (where timed) measured minutes."""
    sheet, modes = thaw(facts.sheet)
    predicted = shares.split(items(sheet), programs(sheet), overhead=cost.visit_overhead())
    made = []
    for program, share in predicted.items():
        counts = sheet.counts(program)
        made.append(_entry(facts, program, "predicted", share, {s: counts.get(s, 0) for s in STATES}))
        saved = avoided(sheet, program)
        made.append(_entry(facts, program, "avoided", shares.Share(saved, saved, saved)))
        if modes.get(program) == TRANSCRIBE:
            copied = cost.transcription(delivered(sheet, program))
            made.append(_entry(facts, program, "transcription", shares.Share(copied, copied, copied)))
    if facts.active_centiseconds:
        for program, part in shares.in_proportion(facts.active_centiseconds, predicted).items():
            made.append(_entry(facts, program, "measured", shares.Share(part, part, part)))
    return made


def programs(sheet: AskSheet) -> list[str]:
    """The programs of a sheet, lowest code first."""
    return sorted({line.program for line in sheet.lines})


def items(sheet: AskSheet) -> list[shares.Item]:
    """Each visible question with its cost and the programs that need it; a kept one costs a look."""
    kept = {key for line in sheet.lines if line.state == "confirmed" for key in line.questions}
    return [
        shares.Item(cost.confirmed() if q.key in kept else q.centiseconds, tuple(sorted({a.program for a in q.askers})))
        for q in sheet.visible
        if q.askers
    ]


def avoided(sheet: AskSheet, program: str) -> int:
    """Centiseconds this program's asks would have cost again; a confirmed one saves all but the look."""
    gone = sum(line.centiseconds for line in sheet.lines if line.program == program and line.state in AVOIDED)
    kept = [line for line in sheet.lines if line.program == program and line.state == "confirmed"]
    return gone + sum(max(0, line.centiseconds - cost.confirmed()) for line in kept)


def delivered(sheet: AskSheet, program: str) -> int:
    """How many of the program's fields carry an answer, so have to be copied by hand where that is the way."""
    without = ("ruled_out", "held")
    return sum(1 for line in sheet.lines if line.program == program and line.state not in without)


def _entry(
    facts: SubmissionFacts, program: str, kind: str, share: shares.Share, counts: Mapping[str, int] | None = None
) -> Entry:
    return Entry(
        source=SOURCE,
        source_uuid=facts.uuid,
        program=program,
        kind=kind,
        site=facts.site,
        visit_kind=facts.visit_kind,
        local_date=facts.local_date,
        share=share.share,
        marginal=share.marginal,
        alone=share.alone,
        counts=dict(counts or {}),
        simulated=facts.simulated,
    )
