"""Newer releases for tests: the one in force with a change made to it, published through the gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from capture.ask import load, sheet
from capture.ask.facts import Entered, Entry
from capture.enter import drafts, migrating
from capture.enter.drafts import Page, Typed
from capture.models import Draft, Visit
from forms_catalog import publishing
from forms_catalog.models import Release
from forms_catalog.specs import AskSpec, ReleaseSpec
from sites.models import User
from tests.world import AT, TODAY, World

PASS, NA = "car_pass_sponsor", "car_registry_na"


def publish(change: Callable[[ReleaseSpec], ReleaseSpec]) -> Release:
    """The release in force, changed."""
    release = publishing.current()
    assert release is not None
    return publishing.publish(change(publishing.current_spec()), release.programs, actor=AT, reason="version 2")


def element(id_: str, **changed: Any) -> Callable[[ReleaseSpec], ReleaseSpec]:
    """One element asks otherwise."""
    return lambda s: replace(s, elements={**s.elements, id_: replace(s.elements[id_], **changed)})


def without_element(*ids: str) -> Callable[[ReleaseSpec], ReleaseSpec]:
    """Nobody asks for these elements any more."""

    def needs(ask: AskSpec) -> bool:
        return bool(ask.mapping and {x.element for x in ask.mapping.sources} & set(ids))

    return lambda s: replace(
        s,
        programs={c: replace(p, asks=tuple(a for a in p.asks if not needs(a))) for c, p in s.programs.items()},
    )


def without_program(code: str) -> Callable[[ReleaseSpec], ReleaseSpec]:
    """The program is not in the release."""
    return lambda s: replace(s, programs={c: p for c, p in s.programs.items() if c != code})


def without_entry(program: str, entry: str) -> Callable[[ReleaseSpec], ReleaseSpec]:
    """The program's schedule has that entry no more."""

    def change(s: ReleaseSpec) -> ReleaseSpec:
        old = s.programs[program]
        entries = tuple(e for e in old.entries if e.code != entry)
        tracks = tuple(replace(t, codes=tuple(c for c in t.codes if c != entry)) for t in old.tracks)
        return replace(s, programs={**s.programs, program: replace(old, entries=entries, tracks=tracks)})

    return change


def type_in(visit: Visit, user: User, answers: dict[str, Entry], *records: Any, sequence: int = 1) -> Draft:
    """A draft with these values, as typed into the whole form that is shown now."""
    typed = Typed(Entered(answers, tuple(records)), {})
    return drafts.save(visit, user, sequence=sequence, typed=typed, active_centiseconds=0)


def page_of(visit: Visit, *, shown: frozenset[str], release: Release) -> Page:
    """A page that shows the form of a release with these boxes."""
    facts = load.for_visits([visit.pk], today=TODAY)[visit.pk]
    return Page(drafts.form_at(facts, release, Typed(Entered(), {})), {}, shown, facts)


def keys(visit: Visit) -> dict[str, str]:
    """Element → question key of the visit's form now."""
    made = sheet.build(load.for_visits([visit.pk], today=TODAY)[visit.pk])
    return {q.element: q.key for q in made.questions if q.kind == "plain" and not q.qualifier}


def typed_of(visit: Visit, user: User) -> Typed:
    """What the person's draft holds."""
    draft = drafts.of(visit, user)
    return Typed.load(draft.values if draft else None)


def migrate(world: World, visit: Visit, person: str = "alice") -> migrating.Moved:
    """Move to the newest form, as looked at just now."""
    newest = publishing.current()
    assert newest is not None
    now = Visit.objects.get(pk=visit.pk)
    return migrating.migrate(now, to=newest.number, version=now.version, actor=world.actor(person), today=TODAY)
