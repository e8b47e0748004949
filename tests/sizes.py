"""How much a test tries: few cases on every run, all of them with `make thorough` (ASKONCE_THOROUGH=1).

For tests whose strength is their number: generated plans, patients, histories, expressions. The everyday number
keeps the suite under ten minutes; the thorough number is the one that docs and closing notes may quote.
"""

from __future__ import annotations

import os

THOROUGH = os.environ.get("ASKONCE_THOROUGH") == "1"


def size(everyday: int, thorough: int) -> int:
    """The number of cases of this run."""
    return thorough if THOROUGH else everyday
