"""What every backend is: a slice and where it goes in, an outcome out. A repeat carries the same delivery id."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from capture.deliver.slicing import Slice


class SendError(Exception):
    """A delivery that did not leave. `permanent` ones are not tried again."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Parcel:
    """One slice on its way. `before` is the slice of the last revision that left, for overwriting only what changed."""

    delivery: UUID
    revision: int
    slice: Slice
    folder: Path
    before: Slice | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened: the new state ('' = none), a note for the receipt, where a file lies."""

    state: str
    note: str
    file: str = ""
    details: dict[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """Sends one parcel. Raises SendError."""

    def send(self, parcel: Parcel) -> Outcome: ...
