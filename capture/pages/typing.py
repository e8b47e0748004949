"""What a posted visit page holds: the form it showed, the facts behind it, and what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from capture.ask import load, sheet
from capture.ask.entered import with_dates
from capture.ask.facts import VisitFacts
from capture.ask.form_changes import form_of
from capture.enter import drafts, opening, posted
from capture.enter.drafts import Page, Typed
from capture.models import Visit
from capture.plan.worklist import local_today
from forms_catalog import publishing
from forms_catalog.models import Release
from sites.access import user_of


@dataclass(frozen=True, slots=True)
class Posted:
    """A post of the visit form. `facts` are of the visit's release at the typed dates, `page` is what was on screen."""

    facts: VisitFacts
    typed: Typed
    page: Page
    version: int


def facts_of(found: Visit, today: date) -> VisitFacts:
    """The facts of one visit, in the release it was opened with or else the newest."""
    return load.for_visits([found.pk], today=today)[found.pk]


def read(request: HttpRequest, found: Visit) -> Posted:
    """The post, read with the eyes of the page it comes from: that may show an older form than the visit has now."""
    facts = facts_of(found, local_today(found.site))
    draft = drafts.of(found, user_of(request))
    stored = Typed.load(draft.values if draft else None)
    then = _shown(found, number(request, "release"))
    there = with_dates(_at(facts, then), stored.as_of)
    made = sheet.build(there, stored.entered)
    offers = {q.key: q.offer_value for m in (sheet.build(there), made) for q in m.questions if q.offer_value}
    typed = posted.read(list(request.POST), request.POST.getlist, offers)
    page = Page(
        form=form_of(made, there, then.number if then else 0),
        as_of=stored.as_of,
        shown=posted.shown(request.POST),
        facts=facts,
    )
    now = _at(facts, opening.release_of(found, number(request, "release")))
    return Posted(with_dates(now, typed.as_of), typed, page, number(request, "version"))


def _shown(found: Visit, posted_number: int) -> Release | None:
    shown = Release.objects.defer("content").filter(number=posted_number).first() if posted_number else None
    return shown or opening.release_of(found)


def _at(facts: VisitFacts, release: Release | None) -> VisitFacts:
    if release is None:
        return facts
    return load.at_release(facts, publishing.spec_of(release), publishing.current_spec())


def number(request: HttpRequest, name: str) -> int:
    """A posted whole number; 0 where there is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() and text.isascii() and len(text) < 18 else 0
