"""Portals that must be typed: sending does nothing, the delivery waits for a person at the copy helper."""

from __future__ import annotations

from capture.deliver.backends.base import Outcome, Parcel


class TranscribeBackend:
    """Leaves the delivery prepared."""

    def send(self, parcel: Parcel) -> Outcome:
        return Outcome("", "Waits to be copied by hand.")
