"""How a delivery leaves, by mode. Each backend answers with a state and a note; none changes rows itself."""

from __future__ import annotations

from capture.deliver.backends.base import Backend, Outcome, Parcel, SendError
from capture.deliver.backends.file import FileBackend
from capture.deliver.backends.pull import PullBackend
from capture.deliver.backends.transcribe import TranscribeBackend

BACKENDS: dict[str, Backend] = {"file": FileBackend(), "transcribe": TranscribeBackend(), "pull": PullBackend()}

__all__ = ["BACKENDS", "Backend", "Outcome", "Parcel", "SendError"]
