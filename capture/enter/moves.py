"""Which changes of state are allowed, by subject. Pure. Gateways ask before they write a Move; tests try every pair."""

from __future__ import annotations

from collections.abc import Mapping

Allowed = Mapping[str, frozenset[str]]

TIMEPOINT: Allowed = {
    "planned": frozenset({"submitted", "closed", "not_owed", "elsewhere"}),
    "closed": frozenset({"planned", "not_owed", "elsewhere"}),
    "not_owed": frozenset({"planned", "closed", "elsewhere"}),
    "elsewhere": frozenset({"planned", "closed", "not_owed"}),  # an opening balance was corrected
    "submitted": frozenset(),  # a correction is a new revision of the answers, not another state
}
QUERY: Allowed = {
    "open": frozenset({"answered", "closed"}),
    "answered": frozenset({"open", "closed"}),
    "closed": frozenset(),
}
ALLOWED: Mapping[str, Allowed] = {"timepoint": TIMEPOINT, "query": QUERY}


class MoveError(ValueError):
    """A change of state that is not allowed; the message names both states."""

    code = "move_refused"


def check(subject: str, before: str, after: str) -> None:
    """Raises MoveError unless `subject` may go from `before` to `after`; subjects without a table are not checked."""
    allowed = ALLOWED.get(subject)
    if allowed is not None and after not in allowed.get(before, frozenset()):
        raise MoveError(f"This {subject} is {before}: it cannot become {after}. Reload the page to see what changed.")
