"""Step 3: freezes a numbered Release of the whole catalog; gives the frozen specs back, cached by content.

Called by capture.accept.accepting; read by capture.ask.load.
"""

from __future__ import annotations

from functools import lru_cache

from django.db import transaction

from forms_catalog import serial
from forms_catalog.models import Release
from forms_catalog.specs import ReleaseSpec
from sites import trail
from sites.trail import Actor

EMPTY = ReleaseSpec({}, {}, {})


@transaction.atomic
def publish(spec: ReleaseSpec, versions: dict[str, int], *, actor: Actor, reason: str) -> Release:
    """Freeze `spec` as the next release; `versions` is program code → dictionary version number.

    Publishing the same content again gives the current release back: acceptance is safe to repeat.
    """
    content = serial.dump(spec)
    sha = serial.digest(content)
    last = Release.objects.select_for_update().order_by("-number").first()
    if last and last.sha256 == sha and last.programs == versions:
        return last
    release = Release.objects.create(
        number=last.number + 1 if last else 1,
        sha256=sha,
        content=content,
        programs=versions,
        created_at=actor.now,
        created_by=actor.name,
        reason=trail.require_reason(reason),
    )
    trail.record(actor, "publish", f"release:{release.uuid}", reason=reason, details={"number": release.number})
    return release


def current() -> Release | None:
    """The newest release without its content, or None before the first one."""
    return Release.objects.defer("content").order_by("-number").first()


def current_spec() -> ReleaseSpec:
    """The newest release's spec; an empty one before the first release."""
    release = current()
    return spec_of(release) if release else EMPTY


def spec_of(release: Release) -> ReleaseSpec:
    """The frozen spec of a release, from a cache keyed by its content."""
    return _cached(release.sha256)


def spec_with(sha256: str) -> ReleaseSpec:
    """The frozen spec with this content. Raises Release.DoesNotExist."""
    return _cached(sha256)


@lru_cache(maxsize=16)
def _cached(sha256: str) -> ReleaseSpec:
    release = Release.objects.filter(sha256=sha256).order_by("-number").first()
    if release is None:
        raise Release.DoesNotExist(f"No release has the content {sha256[:12]}.")
    return serial.load(ReleaseSpec, release.content)
