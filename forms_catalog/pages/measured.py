"""What the review page says of time: the team's medians, what is left, and the last press that can be taken back."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from forms_catalog import access, efforts, undoing
from forms_catalog.reviewing import Review
from sites.access import has_role, user_of
from sites.models import Program


def shown(request: HttpRequest, program: Program, review: Review, path: str) -> dict[str, object]:
    """For the template: `shown` (the signed moment), `left`, `last` and `last_batch` (see undoing), `times`.

    Sponsors and auditors get `left` alone. One query.
    """
    user, left = user_of(request), len(review.rows) - review.decided
    if not has_role(user, *access.GOVERNORS):
        return {"left": left}
    found = efforts.of(program)
    asked = request.GET if request.method == "GET" else request.POST
    return {
        "left": left,
        "shown": efforts.still_shown(asked.get("shown", ""), program, path, user, timezone.now()),
        "last": (last := undoing.last(review, found, user.username)),
        "last_batch": batch if (batch := undoing.last(review, found, user.username, batch=True)) != last else None,
        "times": {"curators": efforts.by_curator(found), "acts": efforts.by_act(found)},
        "minutes": minutes(left, efforts.typical(found, user.username)),
    }


def minutes(left: int, seconds: float | None) -> int | None:
    """Whole minutes that so many fields will take, at least 1; None where nothing is left or nothing was measured."""
    return max(1, round(left * seconds / 60)) if left and seconds is not None else None
