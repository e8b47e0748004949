"""Which form a visit has: the release it was opened with. A visit is opened by its first draft, or by its submit.

Until then it has the newest form; afterwards only a person moves it to a newer one (migrating). The only writer of
Visit.release beside migrating.
"""

from __future__ import annotations

from capture.models import Visit
from forms_catalog import publishing
from forms_catalog.models import Release


class NoRelease(Exception):
    """Nothing is accepted yet, so there is no form to type into."""

    code = "no_release"


def release_of(visit: Visit, shown: int = 0) -> Release | None:
    """The release a visit was opened with; of an unopened one the release a page showed, by number, else the newest.

    Somebody who began to type before a newer release came opens the visit with the form they see.
    """
    light = Release.objects.defer("content")
    if visit.release_id:
        return light.get(pk=visit.release_id)
    return (light.filter(number=shown).first() if shown else None) or publishing.current()


def open_with(locked: Visit, shown: int = 0) -> Release:
    """Open the visit unless it is open; gives its release. The caller holds the row's lock. Raises NoRelease."""
    release = release_of(locked, shown)
    if release is None:
        raise NoRelease("No program is accepted yet; ask the network admin.")
    if locked.release_id is None:
        locked.release = release
        locked.save(update_fields=["release"])
    return release


def close_unused(locked: Visit) -> None:
    """A visit whose last draft was thrown away is unopened again: its next form is the newest one."""
    if locked.submitted_at is None and locked.release_id and not locked.drafts.exists():
        locked.release = None
        locked.save(update_fields=["release"])


def newer_than(release: Release | None) -> Release | None:
    """The newest release where it is newer than this one."""
    newest = publishing.current()
    return newest if release and newest and newest.number > release.number else None
