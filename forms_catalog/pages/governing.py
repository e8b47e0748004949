"""What curators and admins do to elements: release, retire, restore, edit, promote a draft, move its mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from forms_catalog import access, governing, moving
from forms_catalog.drafts import is_draft
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.mapping import MappingConflict, MappingError
from forms_catalog.models import Element
from forms_catalog.pages import catalog, element_form
from forms_catalog.pages.element_form import FormError
from forms_catalog.specs import ElementSpec
from sites.access import acting_as, require_roles, user_of
from sites.trail import ReasonMissing

DONE = {"release": "Released.", "retire": "Retired.", "restore": "Released again."}
REFUSED = (GoverningError, ReasonMissing, FormError, MappingError)
LATE = (ElementConflict, MappingConflict)


@require_POST
@require_roles(*access.GOVERNORS)
def element_act(request: HttpRequest, key: str) -> HttpResponse:
    """Release, retire or restore. 409 where somebody was first, 422 where the rules refuse it."""
    catalog.seen_or_404(user_of(request), key)
    post = _texts(request)
    act, actor = post.get("act", ""), acting_as(request, *access.GOVERNORS)
    given = {"actor": actor, "reason": post.get("reason", ""), "seen": post.get("seen", "")}
    try:
        if act == "retire":
            governing.retire(key, replaced_by=post.get("replaced_by", "").strip(), **given)  # type: ignore[arg-type]
        elif act in ("release", "restore"):
            getattr(governing, act)(key, **given)
        else:
            raise GoverningError("Choose what to do with the element.")
    except LATE as error:
        return catalog.page(request, key, problem=str(error), status=409)
    except REFUSED as error:
        return catalog.page(request, key, problem=str(error), status=422)
    messages.success(request, DONE[act])
    return redirect("element", key=key)


@require_POST
@require_roles(*access.GOVERNORS)
def element_move(request: HttpRequest, key: str) -> HttpResponse:
    """Move the chosen mappings to the replacement, in one act."""
    catalog.seen_or_404(user_of(request), key)
    pairs = (value.partition("@") for value in request.POST.getlist("mapping"))
    chosen = {ref: int(version) for ref, _, version in pairs if version.isdecimal()}
    actor = acting_as(request, *access.GOVERNORS)
    try:
        done = moving.move(key, chosen, actor=actor, reason=_texts(request).get("reason", ""))
    except LATE as error:
        return catalog.page(request, key, problem=str(error), status=409)
    except REFUSED as error:
        return catalog.page(request, key, problem=str(error), status=422)
    words = "1 mapping" if len(done) == 1 else f"{len(done)} mappings"
    messages.success(request, f"Moved {words}. Each counts from the next acceptance of its program on.")
    return redirect("element", key=key)


@require_http_methods(["GET", "POST"])
@require_roles(*access.GOVERNORS)
def element_edit(request: HttpRequest, key: str) -> HttpResponse:
    """The form of the next version."""
    before, row = catalog.seen_or_404(user_of(request), key), Element.objects.get(key=key)
    if is_draft(key):
        raise Http404("The draft of a program is promoted, not edited.")
    if request.method == "GET":
        return _form(request, row, element_form.texts(before))
    post = _texts(request)
    try:
        spec = element_form.read(post, before)
        actor = acting_as(request, *access.GOVERNORS)
        made = governing.edit(spec, actor=actor, reason=post.get("reason", ""), seen=post.get("seen", ""))
    except ElementConflict as error:
        return _form(request, row, {**post, "id": key}, str(error), 409)
    except REFUSED as error:
        return _form(request, row, {**post, "id": key}, str(error), 422)
    messages.success(request, f"Saved as version {made.number}." if made else "Nothing was changed.")
    return redirect("element", key=key)


@require_http_methods(["GET", "POST"])
@require_roles(*access.GOVERNORS)
def element_promote(request: HttpRequest, key: str) -> HttpResponse:
    """The form in which a program's draft becomes an element of the catalog."""
    before, row = catalog.seen_or_404(user_of(request), key), Element.objects.get(key=key)
    if not is_draft(key):
        raise Http404("Only the draft of a program is promoted.")
    start = replace(before, id=_suggested(before), note="")
    if request.method == "GET":
        return _form(request, row, element_form.texts(start), promote=True)
    post = _texts(request)
    try:
        spec = element_form.read(post, replace(start, id=post.get("id", "").strip()))
        actor = acting_as(request, *access.GOVERNORS)
        made = governing.promote(key, spec, actor=actor, reason=post.get("reason", ""), seen=post.get("seen", ""))
    except LATE as error:
        return _form(request, row, post, str(error), 409, promote=True)
    except REFUSED as error:
        return _form(request, row, post, str(error), 422, promote=True)
    messages.success(request, f"{made.key} is in the catalog. The program's question is mapped to it.")
    return redirect("element", key=made.key)


def _suggested(draft: ElementSpec) -> str:
    """An id from the draft's field: sex_at_birth → sex-at-birth."""
    path = draft.id.split(":", 2)[2].lower()
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in path).split())[:120]


def _texts(request: HttpRequest) -> dict[str, str]:
    return {name: str(value).replace("\x00", "") for name, value in request.POST.items()}


def _form(
    request: HttpRequest,
    row: Element,
    texts: Mapping[str, str],
    problem: str = "",
    status: int = 200,
    *,
    promote: bool = False,
) -> HttpResponse:
    context = {
        "row": row,
        "texts": texts,
        "choices": element_form.CHOICES,
        "problem": problem,
        "promote": promote,
        "fixed": promote or row.state != Element.State.DRAFT,
        "seen": texts.get("seen") if problem and status != 409 else governing.stamp(row),
    }
    return render(request, "forms_catalog/element_edit.html", context, status=status)
