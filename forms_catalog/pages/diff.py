"""What changed from one version of a dictionary to another, for people: counts, words, choices, what was decided."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_catalog import access, comparing_parts, versions
from forms_catalog.comparing import Change
from forms_catalog.comparing_parts import EntryChange, OptionChange, Piece
from forms_catalog.comparing_words import NAMES, shown
from forms_catalog.models import DictionaryVersion
from forms_catalog.specs import Option
from forms_catalog.versions import Kind, Row
from sites.access import require_roles, user_of
from sites.models import Program

ON_A_PAGE = 50
TITLES: dict[Kind, str] = {
    "meaning": "Changed in meaning",
    "added": "Added",
    "removed": "Removed",
    "renamed": "Renamed",
    "rules": "Changed in rules",
    "wording": "Changed in wording",
    "place": "Moved",
}
EXPLAINED: dict[Kind, str] = {
    "meaning": "The decision on the question is looked at again.",
    "added": "Nobody has asked this before; it has to be decided.",
    "removed": "It is not asked any more. Answers that were given stay.",
    "renamed": "The same question under another name.",
    "rules": "The same fact under other limits.",
    "wording": "The same words, written otherwise.",
    "place": "The same question at another place.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One difference of a field: its name, and the two texts as pieces or the two lists of choices."""

    name: str
    pieces: tuple[Piece, ...] = ()
    options: tuple[OptionChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One field of the page. `title` is set on the first of its kind."""

    row: Row
    changes: tuple[Shown, ...]
    title: str = ""
    explained: str = ""


@require_GET
@require_roles(*access.READERS)
def request_diff(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Version `number` against the one before it, or against `?from=`; `?show=` leaves one kind of change."""
    program = access.program_or_404(user_of(request), code, *access.READERS)
    after = _version(program, number)
    others = versions.others(after)
    before = _before(request, program, after, others)
    context: dict[str, object] = {"program": program, "after": after, "before": before, "others": others}
    if before is not None:
        context |= _compared(request, before, after)
    return render(request, "forms_catalog/diff.html", context)


def _compared(request: HttpRequest, before: DictionaryVersion, after: DictionaryVersion) -> dict[str, object]:
    found = versions.diff(before, after)
    show = request.GET.get("show", "")
    rows = [row for row in found.rows if show in ("", row.kind)]
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    tabs = [(kind, TITLES[kind], count) for kind, count in found.counts.items() if count]
    return {
        "diff": found,
        "fates": found.fates,
        "page": page,
        "rows": _rows(list(page.object_list)),
        "show": show,
        "tabs": tabs,
        "schedule": [_entry(e) for e in found.schedule.entries],
        "whole": [(name, shown(one), shown(other)) for name, one, other in found.schedule.whole],
    }


def _version(program: Program, number: int) -> DictionaryVersion:
    found = DictionaryVersion.objects.filter(program=program, number=number).defer("original", "problems").first()
    if found is None:
        raise Http404("There is no such version.")
    found.program = program
    return found


def _before(
    request: HttpRequest, program: Program, after: DictionaryVersion, others: list[int]
) -> DictionaryVersion | None:
    """The version asked for, else the newest one below; None for a first version."""
    asked = request.GET.get("from", "")
    if asked.isdecimal() and len(asked) < 9 and int(asked) != after.number:
        return _version(program, int(asked))
    below = next((n for n in others if n < after.number), None)
    return _version(program, below) if below is not None else None


def _rows(rows: list[Row]) -> list[ShownRow]:
    made, last = [], ""
    for row in rows:
        first = row.kind != last
        last = row.kind
        changes = tuple(_shown(change) for change in row.changed.changes) if row.changed else ()
        title, explained = (TITLES[row.kind], EXPLAINED[row.kind]) if first else ("", "")
        made.append(ShownRow(row, changes, title, explained))
    return made


def _shown(change: Change) -> Shown:
    name = NAMES.get(change.what, change.what)
    before, after = change.before, change.after
    if change.what == "options" and isinstance(before, tuple) and isinstance(after, tuple):
        return Shown(name, options=comparing_parts.options(_choices(before), _choices(after)))
    return Shown(name, comparing_parts.pieces(shown(before) or "none", shown(after) or "none"))


def _choices(found: tuple[object, ...]) -> list[Option]:
    return [option for option in found if isinstance(option, Option)]


def _entry(entry: EntryChange) -> tuple[str, str, str, list[tuple[str, str, str]]]:
    """(code, label, state, changes as (what, before, after)) of a time point."""
    state = "added" if entry.before is None else "removed" if entry.after is None else "changed"
    changes = [(what.replace("_", " "), shown(a), shown(b)) for what, a, b in entry.changes]
    return entry.code, entry.label, state, changes
