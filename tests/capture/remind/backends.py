"""Mail servers that do not take a message."""

from __future__ import annotations

import smtplib

from django.core.mail.backends.base import BaseEmailBackend


class Unreachable(BaseEmailBackend):
    """No server answers."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("connection refused")


class Greylist(BaseEmailBackend):
    """The server asks to come back later."""

    def send_messages(self, email_messages: object) -> int:
        raise smtplib.SMTPDataError(451, b"try again later")
