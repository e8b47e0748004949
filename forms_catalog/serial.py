"""Frozen specs as JSON and back, and the hash that names a content. Used wherever a spec is stored or frozen."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any, TypeVar

from cattrs import Converter

Spec = TypeVar("Spec")

_converter = Converter()
_converter.register_unstructure_hook(date, lambda day: day.isoformat())
_converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))


def dump(spec: Any) -> Any:
    """`spec` (a dataclass, or a list or dict of them) as plain JSON values; dates as ISO text."""
    return _converter.unstructure(spec)


def load(kind: type[Spec], data: Any) -> Spec:
    """The `kind` that `dump` made `data` from. Raises cattrs errors where the shape is another."""
    return _converter.structure(data, kind)


def digest(data: Any) -> str:
    """SHA-256 of JSON `data`, the same for equal content whatever the key order."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
