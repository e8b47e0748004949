"""A mailbox as slow as a mail server: each message takes a moment before and after it is accepted."""

from __future__ import annotations

import time
from pathlib import Path

from django.core.mail import EmailMessage

from capture.remind.mailbox import FileMailbox

PAUSE = 0.01  # seconds; a kill falls before or after the message is accepted, about equally often


class SlowMailbox(FileMailbox):
    """Named by ASKONCE_EMAIL_BACKEND in fault tests only."""

    def write(self, folder: Path, message: EmailMessage) -> Path:
        """Wait, write, wait."""
        time.sleep(PAUSE)
        path = super().write(folder, message)
        time.sleep(PAUSE)
        return path
