"""Where the one-command run keeps its things: data folder, broker socket, keys. Settings and supervisor ask here."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes; Valkey binds a longer temporary name first


def broker_socket(var: Path) -> Path:
    """The broker's unix socket: in the data folder, or in a short temporary folder where that path is too long."""
    path = var / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"askonce-{os.getuid()}-{name}" / "valkey.sock"


def celery_url(socket: Path) -> str:
    """A unix socket as Celery names it."""
    return f"redis+socket://{socket}?virtual_host=0"


def private_folder(folder: Path) -> Path:
    """Make `folder` for this user only; refuse one that somebody else owns (the temporary folder is shared)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to someone else. Remove it or choose another ASKONCE_VAR.")
    return folder


def kept_key(path: Path) -> str:
    """The key in `path`, made on first use: 32 random bytes in URL-safe base64, readable by this user only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"))
        try:
            os.link(draft, path)  # atomic, and the first of two starters wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
