"""All shipped programs with their decisions, for the tests of decisions and merging; made by tests.releases."""

from __future__ import annotations

from forms_catalog import starter
from tests.releases import ALL as DECIDED
from tests.releases import decided, dictionary
from tests.releases import program_spec as program

FOLDER = starter.CONTENT / "decisions"

__all__ = ["DECIDED", "FOLDER", "decided", "dictionary", "program"]
