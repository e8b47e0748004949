"""Step 6's rules: canonical answers to a program's own codes, units and dates, and back where that is sound.

Pure. `forward` and `deliver` give an `Outcome`; `sources_needed` tells the ask sheet what is still open.
"""

from forms_catalog.transforms.answers import MISSING_CODES, Answer, Facts, Inputs, Outcome, Record, Refusal
from forms_catalog.transforms.dates import in_interval
from forms_catalog.transforms.inverse import inverse
from forms_catalog.transforms.needs import looks_back, sources_needed
from forms_catalog.transforms.pipeline import OPERATIONS, VERSION, codes_without_target, deliver, forward
from forms_catalog.transforms.rollup import ROLLUPS
from forms_catalog.transforms.select import PLAIN, Selection, selection_of
from forms_catalog.transforms.wording import sentences

__all__ = [
    "MISSING_CODES",
    "OPERATIONS",
    "PLAIN",
    "ROLLUPS",
    "VERSION",
    "Answer",
    "Facts",
    "Inputs",
    "Outcome",
    "Record",
    "Refusal",
    "Selection",
    "codes_without_target",
    "deliver",
    "forward",
    "in_interval",
    "inverse",
    "looks_back",
    "selection_of",
    "sentences",
    "sources_needed",
]
