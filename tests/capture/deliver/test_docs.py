"""docs/deliveries.md names every state of cells and deliveries, and the columns of the import file."""

from __future__ import annotations

from capture.deliver import redcap_file, slices, states
from tests.processes import ROOT

DOCS = (ROOT / "docs" / "deliveries.md").read_text(encoding="utf-8")


def test_every_state_is_explained() -> None:
    assert [s for s in (*slices.CELL_STATES, *states.ALLOWED) if s not in DOCS] == []


def test_every_column_is_explained() -> None:
    assert [c for c in (redcap_file.EVENT, redcap_file.INSTRUMENT, redcap_file.INSTANCE) if c not in DOCS] == []
    assert redcap_file.event_name("6 months") in DOCS
