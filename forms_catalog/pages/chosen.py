"""What a person chose to see on the review page: filter, form, search. Every link and every decision carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from forms_catalog.reviewing import FILTERS
from sites.models import Program


@dataclass(frozen=True, slots=True)
class Chosen:
    """`show` is a name of FILTERS, `part` a form of the dictionary ('' = all of them), `q` the search as typed."""

    show: str = "review"
    q: str = ""
    part: str = ""

    @property
    def search(self) -> str:
        """The search as fields are compared with it."""
        return self.q.strip().casefold()

    def address(self, program: Program, field: str = "", element: str = "") -> str:
        """The review page as chosen, with a field open beside an element."""
        query = {"show": self.show, "q": self.q, "part": self.part, "field": field, "element": element}
        return f"{reverse('mapping_program', args=[program.code])}?{urlencode({k: v for k, v in query.items() if v})}"


def of(asked: Mapping[str, object], otherwise: str = "review") -> Chosen:
    """What a query string or a sent form chose; a filter that is not known gives `otherwise`."""
    show, q, part = (str(asked.get(name, "")).replace("\x00", "") for name in ("show", "q", "part"))
    return Chosen(show if show in FILTERS else otherwise, q.strip(), part)
