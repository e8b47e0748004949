"""Reads a failed sending: can another try help? Pure. A doubt counts as yes, since tries are bounded anyway."""

from __future__ import annotations

from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError

# A 5xx to these speaks of our account or server, not of this message: it is put right while the digests wait.
OURS = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError, SMTPSenderRefused)


def is_permanent(error: Exception) -> bool:
    """True where trying again cannot help: a bad address or header, or a 5xx answer to recipient or content."""
    if isinstance(error, ValidationError | BadHeaderError):
        return True
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, SMTPResponseException) and not isinstance(error, OURS) and error.smtp_code >= 500
