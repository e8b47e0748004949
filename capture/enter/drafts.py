"""Unsubmitted typing: saved often, resumed by the same person only, never a record. Called by the visit page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from capture.ask.facts import Entered
from capture.models import Draft, Visit
from forms_catalog import publishing, serial
from sites.models import User

LONGEST_STEP = 30 * 100 * 60  # one autosave reports at most 30 minutes of active time, in centiseconds


class NoRelease(Exception):
    """Nothing is accepted yet, so there is no form to type into."""

    code = "no_release"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed at a visit: answers, records, and the date each report speaks for (by timepoint uuid)."""

    entered: Entered
    as_of: Mapping[str, date]

    @classmethod
    def load(cls, data: Any) -> Typed:
        """From a draft's JSON; an empty draft gives nothing typed."""
        return serial.load(cls, data) if data else cls(Entered(), {})

    def dump(self) -> Any:
        """As a draft's JSON."""
        return serial.dump(self)


@transaction.atomic
def save(visit: Visit, user: User, *, sequence: int, typed: Typed, active_centiseconds: int) -> Draft:
    """Keep `typed`. A save that arrives late (sequence not above the stored one) changes nothing.

    The draft pins the release it was typed into, and remembers the visit's version to tell of others' changes.
    """
    release = visit.release or publishing.current()
    if release is None:
        raise NoRelease("No program is accepted yet; ask the network admin.")
    draft, _ = Draft.objects.select_for_update().get_or_create(
        visit=visit,
        user=user,
        defaults={"release": release, "visit_version": visit.version, "updated_at": timezone.now()},
    )
    if sequence <= draft.sequence and draft.values:
        return draft
    draft.sequence = sequence
    draft.values = typed.dump()
    draft.active_centiseconds += min(max(active_centiseconds, 0), LONGEST_STEP)
    draft.updated_at = timezone.now()
    draft.save()
    return draft


def of(visit: Visit, user: User) -> Draft | None:
    """The person's own draft of the visit."""
    return Draft.objects.filter(visit=visit, user=user).select_related("release").defer("release__content").first()


def others(visit: Visit, user: User) -> list[Draft]:
    """Drafts of other people on the same visit, to say so on the page."""
    return list(Draft.objects.filter(visit=visit).exclude(user=user).select_related("user"))


def discard(visit: Visit, user: User) -> None:
    """Throw the person's own draft away, on their word."""
    Draft.objects.filter(visit=visit, user=user).delete()


def keep(visit: Visit, user: User, *, typed: Typed) -> None:
    """Keep what was typed into a visit that somebody else submitted meanwhile, so that nothing typed is lost."""
    draft = of(visit, user)
    sequence = draft.sequence + 1 if draft else 1
    save(visit, user, sequence=sequence, typed=typed, active_centiseconds=0)
