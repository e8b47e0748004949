"""Names, forms and choice codes that REDCap takes, for a dictionary of another format. Pure; the writer calls it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from forms_catalog.language import NewNames, renamed_text
from forms_catalog.specs import FieldSpec, Loss, Option, Translation

LONGEST = 100  # what REDCap takes; it advises 26
_LEGAL = re.compile(r"[a-z][a-z0-9_]{0,99}")
_LEGAL_CODE = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Named:
    """The fields under names that REDCap takes, in the same order; path → name where they differ; what that cost."""

    fields: tuple[FieldSpec, ...]
    renamed: Mapping[str, str]
    losses: tuple[Loss, ...]


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
    new = _new_names(fields, names, codes, forms)
    made = tuple(_field(f, names[f.path], forms[f.form], codes[f.path], new) for f in fields)
    return Named(
        fields=made,
        renamed={path: name for path, name in names.items() if name != path},
        losses=tuple(loss for f in fields for loss in _losses(f, codes[f.path], new)),
    )


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


def _new_names(
    fields: tuple[FieldSpec, ...],
    names: Mapping[str, str],
    codes: Mapping[str, Mapping[str, str]],
    forms: Mapping[str, str],
) -> NewNames:
    by_name = {f"{form}_complete": f"{new}_complete" for form, new in forms.items() if form != new}
    by_code: dict[tuple[str, str], str] = {}
    for field in reversed(fields):  # of two fields with one name, logic means the first
        by_name[field.name] = names[field.path]
        by_code |= {(field.name, old): new for old, new in codes[field.path].items()}
    return NewNames(by_name, by_code)


def _field(field: FieldSpec, name: str, form: str, codes: Mapping[str, str], new: NewNames) -> FieldSpec:
    return replace(
        field,
        path=name,
        name=name,
        form=form,
        options=_options(field.options, codes),
        translations=tuple(_translation(t, codes) for t in field.translations),
        branching=renamed_text(field.branching, new),
        calculation=renamed_text(field.calculation, new),
    )


def _options(options: tuple[Option, ...], codes: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(codes.get(o.code, o.code), o.label) for o in options) if codes else options


def _translation(found: Translation, codes: Mapping[str, str]) -> Translation:
    return replace(found, options=_options(found.options, codes))


def _losses(field: FieldSpec, codes: Mapping[str, str], new: NewNames) -> Iterable[Loss]:
    if codes:
        shown = ", ".join(f"{old[:40]!r} is {made}" for old, made in [*codes.items()][:5])
        yield Loss(field.path, "options", f"REDCap takes codes of letters, digits, . _ and - only: {shown}.")
        if any(t.options for t in field.translations):
            yield Loss(field.path, "translations", f"Its choices have other codes: {shown}.")
    only_codes = NewNames({}, new.codes)
    for what in ("branching", "calculation"):
        text = getattr(field, what)
        if new.codes and renamed_text(text, only_codes) != text:
            yield Loss(field.path, what, "It names choices by the codes that REDCap takes.")
