"""A mailbox in files for the one-command run: each mail appears whole or not at all, under its Message-ID."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FileMailbox(BaseEmailBackend):
    """Writes messages as `<Message-ID>.<n>.eml` into MAILBOX_DIR; a repeat of a message is its n = 2, 3, …"""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Give the number written; each is on disk before the next is begun."""
        folder = Path(settings.MAILBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            self.write(folder, message)
        return len(email_messages)

    def write(self, folder: Path, message: EmailMessage) -> Path:
        """Write one message and give its path. A crash leaves at most a `.part` file, which is no mail."""
        mail = message.message()
        name = re.sub(r"[^A-Za-z0-9@._-]", "", str(mail["Message-ID"]))[:150]
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mail.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            return _publish(Path(temporary), folder, name)
        finally:
            os.unlink(temporary)


def _publish(temporary: Path, folder: Path, name: str) -> Path:
    """Give the finished file its name. Unlike a rename, a link never writes over an earlier try."""
    for path in (folder / f"{name}.{number}.eml" for number in count(1)):
        try:
            os.link(temporary, path)
        except FileExistsError:
            continue
        _sync(folder)
        return path
    raise AssertionError("count never ends")


def _sync(folder: Path) -> None:
    """The new name itself must survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
