"""Programs that fetch for themselves: sending does nothing, the delivery waits for the API's acknowledgement."""

from __future__ import annotations

from capture.deliver.backends.base import Outcome, Parcel


class PullBackend:
    """Leaves the delivery prepared."""

    def send(self, parcel: Parcel) -> Outcome:
        return Outcome("", "Waits to be fetched through the API.")
