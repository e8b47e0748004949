"""How a delivery leaves, by mode. Each backend answers with a state and a note; none changes rows itself."""

from __future__ import annotations

from capture.deliver.backends.base import Backend, Outcome, SendError
from capture.deliver.backends.file import FileBackend
from capture.deliver.backends.waiting import WaitingBackend

BACKENDS: dict[str, Backend] = {
    "file": FileBackend(),
    "transcribe": WaitingBackend("Waits to be copied by hand."),
    "pull": WaitingBackend("Waits to be fetched through the API."),
}

__all__ = ["BACKENDS", "Backend", "Outcome", "SendError"]
