"""What every backend is: a slice and where it goes in, an outcome out. A repeat carries the same delivery id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from capture.deliver.slices import Slice


class SendError(Exception):
    """A delivery that did not leave. `permanent` ones are not tried again. The message holds no value of a person."""

    code = "not_sent"

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Parcel:
    """One slice on its way. `before` is the slice the program already has, so that only what changed is written."""

    delivery: UUID
    revision: int
    slice: Slice
    folder: Path
    before: Slice | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened: the new state ('' = none yet), a note for the receipt, the file under the delivery folder."""

    state: str
    note: str
    file: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class Backend(Protocol):
    """Sends one parcel; doing it twice does no harm. Raises SendError."""

    def send(self, parcel: Parcel) -> Outcome: ...
