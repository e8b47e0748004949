"""What a site's questions cost by kind of answer: the default prices, and how others are applied. Pure.

A question's frozen default price names its kind, so an old sheet and a new one are read alike, without a release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sites.burden import cost

VISIT, CONFIRMED, VALUE, CHOICE, ABSTRACTED, TEXT, EFFORT = KINDS = (
    *("visit", "confirmed", "value", "choice", "abstracted", "text"),
    "effort",  # elements with seconds of their own: one factor on all of them
)
WRITTEN = ("notes", "text")
DEFAULTS: Mapping[str, int] = MappingProxyType(
    {
        VISIT: cost.ASSUMED.visit,
        CONFIRMED: cost.ASSUMED.confirmed,
        VALUE: 100 * cost.VALUE_SECONDS,
        CHOICE: 100 * cost.CHOICE_SECONDS,
        ABSTRACTED: 100 * cost.ABSTRACTED_SECONDS,
        TEXT: 100 * cost.FREE_TEXT_SECONDS,
        EFFORT: 100,  # centiseconds for each second that the catalog says
    }
)
_BY_PRICE = {DEFAULTS[kind]: kind for kind in (VALUE, CHOICE, ABSTRACTED)}


def kind_of(datatype: str, centiseconds: int) -> str:
    """The kind of a question by its default price: free text, a usual price, or else an element's own effort."""
    if datatype in WRITTEN:
        return TEXT if centiseconds == DEFAULTS[TEXT] else EFFORT
    return _BY_PRICE.get(centiseconds, EFFORT)


def asks_of(kind: str, centiseconds: int) -> float:
    """How many asks of its kind a question at this default price counts as: 1, or the seconds of an own effort."""
    return centiseconds / DEFAULTS[kind] if kind == EFFORT else 1.0


@dataclass(frozen=True, slots=True)
class Prices:
    """Centiseconds an ask of each kind costs at one site, in the order of KINDS; hashable."""

    centiseconds: tuple[int, ...] = tuple(DEFAULTS[kind] for kind in KINDS)

    def of(self, kind: str) -> int:
        """Centiseconds of one ask of a kind; of one second of effort for `effort`."""
        return self.centiseconds[KINDS.index(kind)]

    def question(self, datatype: str, centiseconds: int) -> int:
        """What a question costs here whose default price is `centiseconds`."""
        kind = kind_of(datatype, centiseconds)
        return round(asks_of(kind, centiseconds) * self.of(kind))


ASSUMED = Prices()
