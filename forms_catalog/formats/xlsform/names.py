"""Names and choice codes that XForms take, for a dictionary of another format. Pure; the writer calls it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from forms_catalog.formats.renamed import Named, Words, under
from forms_catalog.specs import FieldSpec, Option

_LEGAL = re.compile(r"[^\W\d][\w.-]*")
_LEGAL_CODE = re.compile(r"[^\s'\"]+")
_RESERVED = frozenset({"meta", "data", "instanceID"})
WORDS = Words(
    codes="XLSForm takes codes without spaces and quotation marks only",
    logic="It names choices by codes without spaces.",
)


def legal(name: str, stem: str = "q") -> str:
    """Letters, digits, _ - and . with a letter first; a legal name stays."""
    if _LEGAL.fullmatch(name):
        return name
    plain = re.sub(r"[^\w.-]+", "_", name).strip("_") or stem
    return plain if _LEGAL.fullmatch(plain) else f"{stem}_{plain}"


def unique(wanted: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """The wanted names, with _2, _3 … where one is taken already."""
    used, last, found = set(taken), Counter[str](), []
    for name in wanted:
        made = name
        while made in used:
            last[name] += 1
            made = f"{name}_{last[name] + 1}"
        used.add(made)
        found.append(made)
    return found


def named(fields: tuple[FieldSpec, ...]) -> Named:
    """Every name and code made legal and unique; logic follows, read and written as a tree."""
    keep = {f.name for f in fields if legal(f.name) == f.name}
    order = sorted(range(len(fields)), key=lambda at: fields[at].name not in keep)  # what is legal goes first
    made = unique((legal(fields[at].name) for at in order), _RESERVED)
    names = {fields[at].path: name for at, name in zip(order, made, strict=True)}
    return under(fields, names, {f.path: _codes(f.options) for f in fields}, WORDS)


def _codes(options: tuple[Option, ...]) -> dict[str, str]:
    """Old code → new one for codes with spaces or quotation marks, which expressions could not name."""
    if all(_LEGAL_CODE.fullmatch(option.code) for option in options):
        return {}
    kept = [option.code for option in options if _LEGAL_CODE.fullmatch(option.code)]
    wrong = [option.code for option in options if not _LEGAL_CODE.fullmatch(option.code)]
    made = unique((re.sub(r"[\s'\"]+", "_", code).strip("_") or "choice" for code in wrong), kept)
    return dict(zip(wrong, made, strict=True))
