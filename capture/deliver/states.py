"""Which change of state a delivery allows. Pure; the gateways in receipts and outbox ask here before they write."""

from __future__ import annotations

PREPARED, HELD, EXPORTED, TRANSCRIBED = "prepared", "held", "exported", "transcribed"
CONFIRMED, REJECTED, SUPERSEDED = "confirmed", "rejected", "superseded"

LEFT = frozenset({EXPORTED, TRANSCRIBED, CONFIRMED, "acknowledged"})  # receipts that say the program has this revision
COPIES = frozenset({PREPARED, EXPORTED})  # a person may still type it into the portal
ALLOWED: dict[str, frozenset[str]] = {
    PREPARED: frozenset({EXPORTED, TRANSCRIBED, HELD, SUPERSEDED}),
    HELD: frozenset({PREPARED, SUPERSEDED}),
    EXPORTED: frozenset({TRANSCRIBED, CONFIRMED, REJECTED, SUPERSEDED}),
    TRANSCRIBED: frozenset({CONFIRMED, REJECTED, SUPERSEDED}),
    REJECTED: frozenset({CONFIRMED, SUPERSEDED}),
    CONFIRMED: frozenset(),
    SUPERSEDED: frozenset(),
}
BY_PULL = frozenset({CONFIRMED, REJECTED})  # a program that fetches for itself answers a prepared delivery at once


def allows(before: str, after: str, mode: str = "") -> bool:
    """Whether a delivery of this `mode` may go from one state to the other."""
    return after in ALLOWED[before] or (before == PREPARED and mode == "pull" and after in BY_PULL)
