"""Unsubmitted typing: saved often, resumed by the same person only, never a record. Called by the visit page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from capture.ask import aside, load, sheet
from capture.ask.aside import SetAside, Typing
from capture.ask.entered import with_dates
from capture.ask.facts import Entered, VisitFacts
from capture.ask.form_changes import Form, form_of
from capture.enter import opening
from capture.models import Draft, Visit
from forms_catalog import publishing, serial
from forms_catalog.models import Release
from sites.models import User

LONGEST_STEP = 30 * 100 * 60  # one autosave reports at most 30 minutes of active time, in centiseconds


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed at a visit: answers, records, and the date each report speaks for (by timepoint uuid).

    `aside` are typed values without a place on the visit's form; they stay until the person uses or dismisses them.
    """

    entered: Entered
    as_of: Mapping[str, date]
    aside: tuple[SetAside, ...] = ()

    @classmethod
    def load(cls, data: Any) -> Typed:
        """From a draft's JSON; an empty draft gives nothing typed."""
        return serial.load(cls, data) if data else cls(Entered(), {})

    def dump(self) -> Any:
        """As a draft's JSON."""
        return serial.dump(self)

    @property
    def typing(self) -> Typing:
        """The values without the dates."""
        return Typing(self.entered, self.aside)


@dataclass(frozen=True, slots=True)
class Page:
    """The page that was posted: the form it showed, for which dates, the places it had boxes for, the visit's facts."""

    form: Form
    as_of: Mapping[str, date]
    shown: frozenset[str]
    facts: VisitFacts


@transaction.atomic
def save(
    visit: Visit, user: User, *, sequence: int, typed: Typed, active_centiseconds: int, page: Page | None = None
) -> Draft:
    """Keep `typed`. A save that arrives late (sequence not above the stored one) changes nothing.

    The first one opens the visit, with the form that `page` showed. The draft remembers the visit's version to tell of
    others' changes. What has no place on the visit's form is set aside, never dropped: the page may show an older form,
    or have moved a report's date. Without a `page`, `typed` is taken as it is. Raises opening.NoRelease.
    """
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    release = opening.open_with(locked, page.form.release if page else 0)
    draft, _ = Draft.objects.select_for_update().get_or_create(
        visit=locked,
        user=user,
        defaults={"release": release, "visit_version": locked.version, "updated_at": timezone.now()},
    )
    visit.release_id = locked.release_id
    if sequence <= draft.sequence and draft.values:
        return draft
    draft.sequence = sequence
    draft.values = _kept(Typed.load(draft.values), typed, page, release).dump()
    draft.active_centiseconds += min(max(active_centiseconds, 0), LONGEST_STEP)
    draft.updated_at = timezone.now()
    draft.save()
    return draft


def _kept(stored: Typed, typed: Typed, page: Page | None, release: Release) -> Typed:
    if page is None:
        made = aside.tidy(aside.places_of(typed.entered), (*stored.aside, *typed.aside))
        return Typed(typed.entered, typed.as_of, made.aside)
    same = page.form.release == release.number and page.as_of == typed.as_of
    now = page.form if same else form_at(page.facts, release, typed)
    made = aside.merged(typed.entered, stored.typing, page.shown, page.form, now)
    return Typed(made.entered, typed.as_of, made.aside)


def form_at(facts: VisitFacts, release: Release, typed: Typed) -> Form:
    """The form of a visit in a release, at the typed dates."""
    spec = publishing.spec_of(release)
    there = with_dates(load.at_release(facts, spec, publishing.current_spec()), typed.as_of)
    return form_of(sheet.build(there, typed.entered), there, release.number)


def of(visit: Visit, user: User) -> Draft | None:
    """The person's own draft of the visit."""
    return Draft.objects.filter(visit=visit, user=user).select_related("release").defer("release__content").first()


def others(visit: Visit, user: User) -> list[Draft]:
    """Drafts of other people on the same visit, to say so on the page."""
    return list(Draft.objects.filter(visit=visit).exclude(user=user).select_related("user"))


@transaction.atomic
def discard(visit: Visit, user: User) -> None:
    """Throw the person's own draft away, on their word. Without any draft the visit is unopened again."""
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    Draft.objects.filter(visit=locked, user=user).delete()
    opening.close_unused(locked)


@transaction.atomic
def keep(visit: Visit, user: User, *, typed: Typed, page: Page | None = None, seen: int = 0) -> Draft:
    """Keep what a post held that was refused, so that nothing typed is lost.

    `seen` is the version of the visit that the person has seen; 0 where they are shown now how it stands: their draft
    goes on from there.
    """
    draft = of(visit, user)
    kept = save(visit, user, sequence=draft.sequence + 1 if draft else 1, typed=typed, active_centiseconds=0, page=page)
    kept.visit_version = seen or Visit.objects.values_list("version", flat=True).get(pk=visit.pk)
    kept.save(update_fields=["visit_version"])
    return kept
