"""Names, forms and choice codes that REDCap takes, for a dictionary of another format. Pure; the writer calls it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from forms_catalog.formats.renamed import Named, Words, under
from forms_catalog.specs import FieldSpec, Option

LONGEST = 100  # what REDCap takes; it advises 26
_LEGAL = re.compile(r"[a-z][a-z0-9_]{0,99}")
_LEGAL_CODE = re.compile(r"[A-Za-z0-9._-]+")
WORDS = Words(
    codes="REDCap takes codes of letters, digits, . _ and - only",
    logic="It names choices by the codes that REDCap takes.",
)


def legal(name: str, stem: str = "field") -> str:
    """a-z, 0-9 and _, a letter first, at most LONGEST characters; a legal name stays."""
    if _LEGAL.fullmatch(name):
        return name
    ascii_only = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")
    if not plain:
        return stem
    return (plain if plain[0].isalpha() else f"{stem[0]}_{plain}")[:LONGEST]


def named(fields: tuple[FieldSpec, ...]) -> Named:
    """Every name, form and code made legal and unique; logic follows, read and written as a tree."""
    forms = _unique({form: legal(form, "form") for form in dict.fromkeys(f.form for f in fields)}, ())
    done = [f"{form}_complete" for form in forms.values()]
    names = _unique({f.path: legal(f.name) for f in fields}, done)
    codes = {f.path: _codes(f.options) for f in fields}
    marks = {f"{form}_complete": f"{new}_complete" for form, new in forms.items()}
    return under(fields, names, codes, WORDS, forms=forms, other_names=marks)


def _unique(wanted: dict[str, str], taken: Iterable[str]) -> dict[str, str]:
    """The wanted names with _2, _3 … where several want one; what was legal already goes first."""
    used, found, last = set(taken), dict[str, str](), dict[str, int]()
    for key, name in sorted(wanted.items(), key=lambda item: item[0] != item[1]):
        number, made = last.get(name, 1), name
        while made in used:
            number += 1
            made = f"{name[: LONGEST - len(str(number)) - 1]}_{number}"
        last[name] = number
        used.add(made)
        found[key] = made
    return {key: found[key] for key in wanted}


def _codes(options: tuple[Option, ...]) -> dict[str, str]:
    """Old code → new one for the codes that REDCap does not take: letters, digits, . _ and - only."""
    if all(_LEGAL_CODE.fullmatch(option.code) for option in options):
        return {}
    wanted = {o.code: o.code if _LEGAL_CODE.fullmatch(o.code) else _code(o) for o in options}
    return {old: new for old, new in _unique(wanted, ()).items() if old != new}


def _code(option: Option) -> str:
    for text in (option.code, option.label):
        ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        if made := re.sub(r"[^A-Za-z0-9.-]+", "_", ascii_only).strip("_")[:LONGEST]:
            return made
    return "choice"
