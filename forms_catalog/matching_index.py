"""Beside step 2a: what the matcher read of a catalog, kept by the catalog's version in memory and in a file.

Reading 6,000 elements takes seconds, taking the file a tenth of one. The name of a file is the digest of the catalog,
the word lists and the code that reads; so a file is right or not asked for. No pickle: arrays and JSON only.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from scipy import sparse

from forms_catalog.matching import CatalogEntry, tables
from forms_catalog.matching.tables import Tables

KEPT = 4  # in memory and as files; the oldest go
PARTS = ("data", "indices", "indptr")
log = logging.getLogger(__name__)
_here: dict[str, Tables] = {}


def of(catalog: Sequence[CatalogEntry]) -> Tables:
    """The tables of a catalog: those of this process, else of the file, else read now and kept."""
    digest = tables.digest(catalog)
    found = _here.get(digest)
    if found is None:
        place = folder() / f"{digest}.npz"
        found = load(place)
        if found is None:
            found = tables.read(catalog)
            keep(found, place)
        while len(_here) >= KEPT:
            _here.pop(next(iter(_here)), None)
        _here[digest] = found
    return found


def folder() -> Path:
    """Where the files lie. All of them may be deleted at any time."""
    return Path(settings.VAR) / "matching"


def load(place: Path) -> Tables | None:
    """The tables of a file; None where there is none or it is damaged."""
    try:
        with np.load(place, allow_pickle=False) as kept:
            said = json.loads(kept["said"].tobytes())
            matrices = {name: _matrix(kept, name, shape) for name, shape in said["shapes"].items()}
            return Tables(
                digest=said["digest"],
                mined=tuple((short, long) for short, long in said["mined"]),
                vocabularies={
                    name: {word: column for column, word in enumerate(words)}
                    for name, words in said["vocabularies"].items()
                },
                matrices=matrices,
                gram_weights=kept["gram_weights"],
                arrays={name: kept[f"array {name}"] for name in said["arrays"]},
                keys={key: tuple(places) for key, places in said["keys"].items()},
            )
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        log.warning("The kept index %s cannot be used (%s); the catalog is read again.", place, error)
        return None


def _matrix(kept: Mapping[str, Any], name: str, shape: Sequence[int]) -> Any:
    return sparse.csr_matrix(tuple(kept[f"{name} {part}"] for part in PARTS), shape=tuple(shape), copy=False)


def keep(found: Tables, place: Path) -> None:
    """Write the file, whole or not at all; where that fails the next process reads the catalog again."""
    said = {
        "digest": found.digest,
        "mined": found.mined,
        "vocabularies": {name: list(words) for name, words in found.vocabularies.items()},
        "keys": found.keys,
        "shapes": {name: matrix.shape for name, matrix in found.matrices.items()},
        "arrays": list(found.arrays),
    }
    arrays = {f"{name} {part}": getattr(matrix, part) for name, matrix in found.matrices.items() for part in PARTS}
    arrays |= {f"array {name}": array for name, array in found.arrays.items()}
    arrays |= {"gram_weights": found.gram_weights, "said": np.frombuffer(json.dumps(said).encode(), np.uint8)}
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as file:
            np.savez(file, **arrays)
        os.replace(file.name, place)
        _let_go(place.parent)
    except OSError as error:
        log.warning("The index of the catalog could not be kept in %s: %s", place, error)


def _let_go(folder: Path) -> None:
    kept = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in kept[KEPT:]:
        file.unlink(missing_ok=True)
