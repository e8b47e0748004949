"""What names a field inside a file, and a file's content: the same rules for every format."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable


def paths_of(placed: Iterable[tuple[str, str]]) -> list[str]:
    """The path of each (form, name), in order: the name where it is unique in the file, else form/name#n."""
    found = list(placed)
    uses = Counter(name for _, name in found)
    taken = {name for name, count in uses.items() if count == 1}
    seen: Counter[str] = Counter()
    return [name if uses[name] == 1 else _numbered(f"{form}/{name}", seen, taken) for form, name in found]


def _numbered(place: str, seen: Counter[str], taken: set[str]) -> str:
    """place#n with the next number that no field bears as its own name."""
    while True:
        seen[place] += 1
        path = f"{place}#{seen[place]}"
        if path not in taken:
            taken.add(path)
            return path


def content_version(data: bytes) -> str:
    """What names the content of a file: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(data).hexdigest()[:12]
