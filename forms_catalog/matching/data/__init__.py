"""Reviewed word lists and guard patterns, read once from the package. The only file access of the matcher."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any


@cache
def pairs(name: str) -> tuple[tuple[str, str], ...]:
    """The (left, right) columns of a two-column TSV file of this folder; lines that start with # are comments."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((left, right) for left, _, right in (line.partition("\t") for line in lines))


@cache
def document(name: str) -> Any:
    """A JSON file of this folder as plain values."""
    return json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def digest() -> str:
    """What names the state of this package but for its models: changes with every byte of its code and word lists."""
    found = hashlib.sha256()
    for folder, ending in ((files(__package__), ".tsv"), (files(__package__.rpartition(".")[0]), ".py")):
        for file in sorted((f for f in folder.iterdir() if f.name.endswith(ending)), key=lambda f: f.name):
            found.update(file.read_bytes())
    return found.hexdigest()


def place(name: str) -> Path:
    """Where a file of this folder lies; train_matcher writes the model there."""
    return Path(str(files(__package__).joinpath(name)))
