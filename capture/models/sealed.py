"""Text that the database holds as ciphertext only: identifier values, typed drafts, delivery payloads.

A gateway writes `Sealed(value)`; readers get `Sealed` back, which is the plain text as a str. The first key of
IDENTITY_KEY seals, every key opens, so that keys can be rotated (docs/operations.md). Plain rows stay readable.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "sealed:"
if TYPE_CHECKING:
    from typing import TypeAlias

    _Text: TypeAlias = models.TextField[str, str]
    _JSON: TypeAlias = models.JSONField[Any, Any]
else:
    _Text, _JSON = models.TextField, models.JSONField


class UnknownKey(Exception):
    """Ciphertext that no key of ASKONCE_IDENTITY_KEY opens."""

    code = "unknown_identity_key"


class Sealed(str):
    """Plain text that is stored as ciphertext."""

    __slots__ = ()


def seal(plain: bytes) -> str:
    """Ciphertext under the newest key; the same text gives other ciphertext each time."""
    return PREFIX + _keys(settings.IDENTITY_KEY).encrypt(plain).decode("ascii")


def unseal(stored: str) -> bytes:
    """The plain bytes. Raises UnknownKey."""
    try:
        return _keys(settings.IDENTITY_KEY).decrypt(stored.removeprefix(PREFIX))
    except InvalidToken as error:
        message = "A stored identifier opens with none of the keys. Put the key it was written with at the end of"
        raise UnknownKey(f"{message} ASKONCE_IDENTITY_KEY, after a comma.") from error


def fingerprint(text: str) -> str:
    """Names a content that may hold identifiers; without the key nobody can try values against it."""
    newest = settings.IDENTITY_KEY.split(",")[0].strip()
    return hmac.new(newest.encode(), text.encode(), hashlib.sha256).hexdigest()


class SealedTextField(_Text):
    """Text, of which `Sealed` values are stored as ciphertext. Rows cannot be found by a sealed value."""

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        # typed text that looks like ciphertext is sealed too, else it could not be told from it
        if isinstance(value, str) and value and (isinstance(value, Sealed) or value.startswith(PREFIX)):
            value = seal(value.encode())
        return super().get_db_prep_save(value, connection)

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        return Sealed(unseal(value).decode()) if value and value.startswith(PREFIX) else value


class SealedJSONField(_JSON):
    """JSON that is stored as one ciphertext, as a whole: nothing in it can be looked up by the database."""

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return super().get_db_prep_save(seal(zlib.compress(text.encode())), connection)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        found = super().from_db_value(value, expression, connection)
        sealed = isinstance(found, str) and found.startswith(PREFIX)
        return json.loads(zlib.decompress(unseal(found))) if sealed else found


@lru_cache(maxsize=4)
def _keys(text: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in text.split(",") if key.strip()])
