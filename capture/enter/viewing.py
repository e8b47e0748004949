"""A person keeps views of the worklist by name: save, rename, take as the first page, delete. The only writer of them.

Called by the worklist page. Everybody has their own; the trail says who did what.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from capture.models import SavedView
from capture.plan.choosing import Choice
from sites import trail
from sites.models import Site, User
from sites.trail import Actor

MOST = 20


class ViewError(ValueError):
    """A view that cannot be kept so; the message says what to do."""

    code = "view_refused"


@transaction.atomic
def save(user: User, site: Site, name: str, choice: Choice, *, actor: Actor) -> SavedView:
    """Keep a choice of a site's worklist by name. Raises ViewError for a name that is empty, long or in use."""
    owner = _locked(user)
    if SavedView.objects.filter(user=owner).count() >= MOST:
        raise ViewError(f"You have {MOST} views. Delete one that you no longer need.")
    made = SavedView.objects.create(
        user=owner,
        site=site,
        name=_name(owner, name),
        query=choice.query(),
        created_at=actor.now,
        changed_at=actor.now,
    )
    trail.record(actor, "save_view", f"view:{made.uuid}", details={"name": made.name, "query": made.query})
    return made


@transaction.atomic
def rename(view: SavedView, name: str, *, actor: Actor) -> None:
    """Give the view another name. Raises ViewError."""
    row = _again(view)
    details = {"before": row.name, "after": name.strip()}
    row.name = _name(row.user, name, but=row)
    _save(row, "rename_view", details, actor)


@transaction.atomic
def make_default(view: SavedView, *, wanted: bool = True, actor: Actor) -> None:
    """The worklist opens with this view, or with everything again where it is not wanted."""
    row = _again(view)
    for other in SavedView.objects.filter(user=row.user, is_default=True).exclude(pk=row.pk):
        other.is_default = False
        _save(other, "default_view", {"default": False}, actor)
    row.is_default = wanted
    _save(row, "default_view", {"default": wanted}, actor)


@transaction.atomic
def delete(view: SavedView, *, actor: Actor) -> None:
    """The view goes; its address keeps working."""
    row = _again(view)
    trail.record(actor, "delete_view", f"view:{row.uuid}", details={"name": row.name, "query": row.query})
    row.delete()


def _save(row: SavedView, action: str, details: Mapping[str, object], actor: Actor) -> None:
    row.changed_at = actor.now
    row.save()
    trail.record(actor, action, f"view:{row.uuid}", details=details)


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _again(view: SavedView) -> SavedView:
    """The view as it is now, its owner locked first. Raises ViewError where it is gone."""
    _locked(view.user)
    found = SavedView.objects.select_related("user").filter(pk=view.pk).first()
    if found is None:
        raise ViewError("This view was deleted meanwhile. Reload the page.")
    return found


def _name(user: User, name: str, *, but: SavedView | None = None) -> str:
    """The name, where it may be taken."""
    text = " ".join(name.split())
    if not text or len(text) > 60:
        raise ViewError("Give the view a name of at most 60 letters.")
    taken = SavedView.objects.filter(user=user, name__iexact=text)
    if (taken.exclude(pk=but.pk) if but else taken).exists():
        raise ViewError(f"You have a view named '{text}' already. Choose another name.")
    return text
