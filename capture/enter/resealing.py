"""Ciphertext again under the newest key: the second step of a key rotation. Changes how rows are stored, not what.

The one place besides `manage.py flush` that lets the guards of append-only tables down, inside one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, models, transaction

from capture.models import CopiedField, Delivery, Draft, PatientIdentity, Response, SetAsideValue
from capture.models.sealed import PREFIX, Sealed, seal, unseal
from forms_catalog import publishing
from sites import append_only, trail
from sites.trail import Actor

CHUNK = 500


@transaction.atomic
def reseal(*, actor: Actor, reason: str) -> Mapping[str, int]:
    """Write every sealed value again, and seal values of identifiers that are plain. Gives rows by table."""
    guards = {m._meta.db_table: append_only.DECLARED[m] for m in (Response, CopiedField, SetAsideValue)}
    with append_only.opened(connection, guards):
        made = {
            "answers": _text(Response, "value", "as_entered", also=_plain_identifiers()),
            "ticks": _text(CopiedField, "value"),
            "set_aside": _text(SetAsideValue, "value"),
            "drafts": _again(Draft.objects.all(), "values"),
            "payloads": _again(Delivery.objects.all(), "payload"),
            "identities": _identities(),
        }
    trail.record(actor, "reseal_identifiers", "identity-key:newest", reason=reason, details=made)
    return made


def _plain_identifiers() -> models.Q:
    flagged = [e.id for e in publishing.current_spec().elements.values() if e.identifier]
    return models.Q(element__in=flagged) & ~models.Q(value="")


def _text(model: type[models.Model], *names: str, also: models.Q | None = None) -> int:
    """Rows with a sealed text in one of the columns; `also` names rows that must become sealed."""
    found = models.Q(*[(f"{name}__startswith", PREFIX) for name in names], _connector=models.Q.OR)
    return _again(model._default_manager.filter(found | also if also else found), *names, sealed=True)


def _again(rows: models.QuerySet[models.Model], *names: str, sealed: bool = False) -> int:
    count = 0
    for row in rows.order_by("pk").iterator(CHUNK):
        values = {name: Sealed(getattr(row, name)) if sealed else getattr(row, name) for name in names}
        count += row.__class__._default_manager.filter(pk=row.pk).update(**values)
    return count


def _identities() -> int:
    rows = PatientIdentity.objects.order_by("pk")
    for row in rows:
        sealed = bytes(row.ciphertext).decode("ascii")
        PatientIdentity.objects.filter(pk=row.pk).update(ciphertext=seal(unseal(sealed)).encode("ascii"))
    return len(rows)
