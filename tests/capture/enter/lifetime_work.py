"""What a site does once reports are submitted, at random through the gateways: send, copy, confirm, refuse, sign."""

from __future__ import annotations

from collections import Counter
from random import Random

from capture.deliver import copied, receipts, states
from capture.enter import signing
from capture.models import Delivery, Patient, Submission
from sites.trail import Actor

ACTS = ("export", "copied", "copied", "confirm", "tick", "tick", "refuse", "sign", "sign")


def some(patient: Patient, actor: Actor, chance: Random, tally: Counter[str]) -> None:
    """One act that the states of the patient's deliveries allow; counted by its name."""
    act = chance.choice(ACTS)
    done = _sign(patient, actor, chance) if act == "sign" else _deliver(act, patient, actor, chance)
    tally[act] += done


def _deliver(act: str, patient: Patient, actor: Actor, chance: Random) -> int:
    from_states = {"export": {states.PREPARED}, "confirm": {states.EXPORTED, states.TRANSCRIBED}}
    wanted = from_states.get(act, states.COPIES if act != "refuse" else {states.EXPORTED, states.TRANSCRIBED})
    mine = Delivery.objects.filter(timepoint__enrollment__treatment__patient=patient, state__in=wanted)
    rows = list(mine.order_by("pk"))
    if not rows:
        return 0
    row = chance.choice(rows)
    match act:
        case "export":
            receipts.advance(row, states.EXPORTED, actor=actor)
        case "confirm":
            receipts.confirm(row, actor=actor, note="seen in the portal")
        case "refuse":
            receipts.reject(row, path="", text="does not fit", actor=actor)
        case "copied":
            receipts.mark_transcribed(row, actor=actor, active_centiseconds=chance.choice([0, 9_876]))
        case "tick":
            return _tick(row, actor, chance)
    return 1


def _tick(row: Delivery, actor: Actor, chance: Random) -> int:
    """Some values are copied one by one; the first tick is a mistake and taken back."""
    rows = [r for r in copied.copy_rows(row) if r.to_copy and not r.ticked]
    chosen = chance.sample(rows, min(3, len(rows)))
    for n, field in enumerate(chosen):
        copied.tick(row, row=field.row.key, path=field.cell.path, value=field.cell.value, actor=actor)
        if n == 0:
            copied.untick(row, row=field.row.key, path=field.cell.path, value=field.cell.value, actor=actor)
    return len(chosen)


def _sign(patient: Patient, actor: Actor, chance: Random) -> int:
    done = list(Submission.objects.filter(visit__patient=patient).order_by("pk"))
    if not done:
        return 0
    submission = chance.choice(done)
    reports = submission.visit.timepoints.filter(state="submitted")
    return len([signing.sign(submission, r, meaning="seen and correct", actor=actor) for r in reports])
