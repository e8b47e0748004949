"""Sends nowhere and remembers what came: for tests and for trying out a program before it is connected."""

from __future__ import annotations

from dataclasses import dataclass, field

from capture.deliver.backends.base import Outcome, Parcel


@dataclass
class NullBackend:
    """Answers with `state` and keeps every parcel."""

    state: str = ""
    parcels: list[Parcel] = field(default_factory=list)

    def send(self, parcel: Parcel) -> Outcome:
        self.parcels.append(parcel)
        return Outcome(self.state, "Sent nowhere.")
