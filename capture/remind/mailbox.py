"""A mailbox in files for the one-command run: each mail appears whole or not at all, under its Message-ID."""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FileMailbox(BaseEmailBackend):
    """Writes messages as .eml files into MAILBOX_DIR. Two tries of one message are two files with one Message-ID."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAILBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self._write(folder, message)
        return len(email_messages)

    def _write(self, folder: Path, message: EmailMessage) -> None:
        mail = message.message()
        name = re.sub(r"[^A-Za-z0-9.-]", "", str(mail["Message-ID"]))[:120]
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(mail.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / f"{name}.{uuid.uuid4().hex[:8]}.eml")
