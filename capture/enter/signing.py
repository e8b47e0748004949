"""Signing: an investigator attests one report of a submission, exactly as its sheet was frozen. Append-only.

Each signature is charged to its program at the default of that day, which it keeps; check_burden_ledger replays it.
"""

from __future__ import annotations

from uuid import UUID, uuid5

from django.db import transaction

from capture.models import Signature, Submission, Timepoint
from sites import trail
from sites.burden import ledger
from sites.burden.entries import Entry
from sites.clock import local_day
from sites.trail import Actor

SOURCE = "signature"
SIGN_CENTISECONDS = 100 * 60  # an assumption: a minute to look over one report and sign it


class SigningError(ValueError):
    """A signature that cannot be; the message says why and what to do."""

    code = "signing_refused"


@transaction.atomic
def sign(submission: Submission, timepoint: Timepoint, *, meaning: str, actor: Actor) -> Signature:
    """Sign one report of a submission; the same person signs it once, a repeat is it. Raises SigningError."""
    why = trail.require_reason(meaning)
    Submission.objects.select_for_update().get(pk=submission.pk)  # two clicks make one signature
    if timepoint.visit_id != submission.visit_id or timepoint.state != Timepoint.State.SUBMITTED:
        raise SigningError("This report is not part of what was submitted. Reload the visit.")
    given = {"submission": submission, "timepoint": timepoint, "signed_by": actor.name}
    if standing := Signature.objects.filter(**given, sheet_sha256=submission.sheet_sha256).first():
        return standing
    made = Signature.objects.create(
        **given,
        sheet_sha256=submission.sheet_sha256,
        meaning=why,
        signed_at=actor.now,
        centiseconds=SIGN_CENTISECONDS,
        simulated=actor.simulated,
    )
    ledger.write(entries(made), actor=actor)
    trail.record(actor, "sign", f"timepoint:{timepoint.uuid}", reason=why)
    return made


def entries(signature: Signature) -> list[Entry]:
    """The ledger entry of a signature; none for one from before signatures were charged."""
    if signature.centiseconds is None:
        return []
    visit, time = signature.submission.visit, signature.centiseconds
    return [
        Entry(
            source=SOURCE,
            source_uuid=_uuid(signature),
            program=signature.timepoint.enrollment.program.code,
            kind="signing",
            site=visit.site.code,
            visit_kind=visit.kind,
            local_date=local_day(signature.signed_at, visit.site.time_zone),
            share=time,
            marginal=time,
            alone=time,
            simulated=bool(signature.simulated),
        )
    ]


def _uuid(signature: Signature) -> UUID:
    """A name of its own: one person signs one report of one submission once."""
    return uuid5(signature.submission.uuid, f"{signature.timepoint.uuid} {signature.signed_by}")
