"""Which site is responsible for a patient, from when on: stays are only added. Called by happenings for transfers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from capture.models import Patient, Stay
from capture.plan.load import site_on
from sites.models import Site
from sites.trail import Actor


class TransferError(ValueError):
    """A transfer that cannot be; the message says what to do."""

    code = "transfer_refused"


def move(patient: Patient, code: str, on: date, *, actor: Actor, reason: str, today: date) -> dict[str, Any]:
    """The patient is at site `code` from `on`. Gives the event's details; open visits follow by planning."""
    site = Site.objects.filter(code=code).first()
    if site is None:
        raise TransferError(f"There is no site {code!r}. Name the site the patient goes to.")
    before = Site.objects.get(pk=_at(patient, on))
    if before == site:
        raise TransferError(f"{patient} is already at {site} on {on}.")
    _stay(patient, site, on, actor=actor, reason=reason, today=today)
    return {"site": site.code, "from": before.code}


def back(patient: Patient, details: Mapping[str, Any], on: date, *, actor: Actor, reason: str, today: date) -> None:
    """Undo a transfer: from the same day on the earlier site is responsible again."""
    _stay(patient, Site.objects.get(code=details["from"]), on, actor=actor, reason=reason, today=today)


def _stay(patient: Patient, site: Site, on: date, *, actor: Actor, reason: str, today: date) -> None:
    Stay.objects.create(patient=patient, site=site, valid_from=on, recorded_by=actor.name, reason=reason)
    now = _at(patient, today)
    if now != patient.site_id:
        patient.site_id = now
        patient._change_reason = reason  # type: ignore[attr-defined]
        patient.save()


def _at(patient: Patient, day: date) -> int:
    stays = Stay.objects.filter(patient=patient).order_by("valid_from", "pk").values_list("valid_from", "site_id")
    return site_on(list(stays), day) or patient.site_id
