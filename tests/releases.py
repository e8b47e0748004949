"""Real releases from the starter content and the recorded decisions, without a database. For tests of pure rules."""

from __future__ import annotations

from forms_catalog.starter_release import decided, dictionary, program_spec, release_of

__all__ = ["ALL", "CAR", "HEMO", "SCD", "SMA", "decided", "dictionary", "program_spec", "release_of"]

CAR = ("car_pass_sponsor", "car_registry_eu", "car_registry_na")
HEMO = ("hemo_registry_global", "hemo_sponsor_aav")
SMA = ("sma_registry",)
SCD = ("payer_outcomes_scd", "scd_gt_ltfu")
ALL = (*CAR, *HEMO, *SCD, *SMA)
