"""Import of elements: upload, look at what each would become, then take them in with a reason.

The preview carries what was read in a signed field: nothing is stored before a person says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from forms_catalog import access, importing, serial, taking_in
from forms_catalog.formats import UnreadableFile
from forms_catalog.formats.containers import MAX_BYTES
from forms_catalog.governing import ElementConflict, GoverningError
from forms_catalog.importing import Incoming
from forms_catalog.specs import ElementSpec, Problem
from sites.access import acting_as, require_roles, user_of
from sites.trail import ReasonMissing

SALT = "catalog-import"
A_DAY = 86_400
LARGEST = 6_000_000  # characters of the signed field
MOST_SHOWN = 300
MOST_COMPARED = 300  # new elements the matcher looks at, some 10 ms each
ORDER = {"refused": 0, "twin": 1, "changed": 2, "new": 3, "same": 4}
WORDS = {
    "new": "new: becomes a draft",
    "changed": "changed: becomes a new version",
    "twin": "much like one we have",
    "refused": "cannot be taken in",
    "same": "as it is here",
}


@require_http_methods(["GET", "POST"])
@require_roles(*access.GOVERNORS)
def catalog_import(request: HttpRequest) -> HttpResponse:
    """The upload form; with a file its preview; with a preview's field the write."""
    if request.method == "GET":
        return _page(request)
    if request.POST.get("read"):
        return _take(request)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, problem="Choose the file first.")
    prefix = request.POST.get("prefix", "").strip()
    try:
        incoming = importing.read(bytes(file.read(MAX_BYTES + 1)), file.name or "", prefix=prefix)
    except UnreadableFile as error:
        return _page(request, problem=error.message)
    return _preview(request, incoming, (file.name or "")[-100:])


def _take(request: HttpRequest) -> HttpResponse:
    given = request.POST
    try:
        kept = signing.loads(given["read"], salt=_salt(request), max_age=A_DAY)
    except signing.BadSignature:
        return _page(request, problem="This preview is too old or not yours. Upload the file again.")
    incoming = Incoming(
        kept["format"],
        tuple(serial.load(ElementSpec, one) for one in kept["elements"]),
        tuple(serial.load(Problem, one) for one in kept["problems"]),
        kept["ours"],
    )
    chosen = _chosen(kept["rows"], given)
    actor = acting_as(request, *access.GOVERNORS)
    reason = given.get("reason", "").replace("\x00", "")
    try:
        done = taking_in.take(incoming, chosen, actor=actor, reason=reason, file_name=kept["name"])
    except ElementConflict as error:
        return _preview(request, incoming, kept["name"], str(error), 409)
    except (GoverningError, ReasonMissing) as error:
        return _preview(request, incoming, kept["name"], str(error), 422)
    messages.success(request, f"Taken in: {done['added']} new as drafts, {done['changed']} as new versions.")
    return redirect("catalog")


def _chosen(rows: Mapping[str, Sequence[Any]], given: QueryDict) -> dict[str, int]:
    """Id → version seen: new and changed ones but those to leave, and the twins a person ticked."""
    left, twins = set(given.getlist("leave")), set(given.getlist("twin"))
    return {
        key: version
        for key, (status, version) in rows.items()
        if (status in ("new", "changed") and key not in left) or (status == "twin" and key in twins)
    }


def _preview(request: HttpRequest, incoming: Incoming, name: str, problem: str = "", status: int = 200) -> HttpResponse:
    rows = taking_in.preview(incoming, MOST_COMPARED)
    able = [row for row in rows if row.status in ("new", "changed", "twin")]
    kept = {
        "name": name,
        "format": incoming.format,
        "ours": incoming.ids_are_ours,
        "elements": serial.dump([row.spec for row in able]),
        "problems": serial.dump(list(incoming.problems[:MOST_SHOWN])),
        "rows": {row.spec.id: (row.status, row.version) for row in able},
    }
    token = signing.dumps(kept, salt=_salt(request), compress=True)
    if len(token) > LARGEST:
        return _page(request, problem="The file is too large for this page. Use manage.py import_catalog.")
    shown = sorted((r for r in rows if r.status != "same"), key=lambda r: ORDER[r.status])
    counts = Counter(row.status for row in rows)
    return _page(request, problem, status, {
        "name": name,
        "incoming": incoming,
        "read": token,
        "rows": [(row, WORDS[row.status]) for row in shown[:MOST_SHOWN]],
        "more": max(0, len(shown) - MOST_SHOWN),
        "counts": [(counts[key], WORDS[key]) for key in WORDS if counts[key]],
        "able": len(able),
        "compared": MOST_COMPARED if counts["new"] + counts["twin"] > MOST_COMPARED else 0,
        "problems": incoming.problems[:MOST_SHOWN],
    })  # fmt: skip


def _salt(request: HttpRequest) -> str:
    return f"{SALT}.{user_of(request).pk}"


def _page(
    request: HttpRequest, problem: str = "", status: int = 422, preview: Mapping[str, Any] | None = None
) -> HttpResponse:
    code = status if problem or preview else 200
    context: dict[str, Any] = {"problem": problem, "prefix": request.POST.get("prefix", "")}
    return render(request, "forms_catalog/import.html", {**context, **(preview or {})}, status=code)
