"""The decided programs for the tests of decisions and merging; the specs themselves come from tests.releases."""

from __future__ import annotations

from forms_catalog import starter
from tests.releases import CAR, HEMO, SCD, SMA, decided, dictionary
from tests.releases import program_spec as program

DECIDED = (*CAR, *HEMO, *SCD, *SMA)
FOLDER = starter.CONTENT / "decisions"

__all__ = ["DECIDED", "FOLDER", "decided", "dictionary", "program"]
