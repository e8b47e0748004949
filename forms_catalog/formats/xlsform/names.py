"""Names and choice codes that XForms take, for a dictionary of another format. Pure; the writer calls it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from forms_catalog.language import NewNames, renamed_text
from forms_catalog.specs import FieldSpec, Loss, Option

_LEGAL = re.compile(r"[^\W\d][\w.-]*")
_LEGAL_CODE = re.compile(r"[^\s'\"]+")
_RESERVED = frozenset({"meta", "data", "instanceID"})


@dataclass(frozen=True, slots=True)
class Named:
    """The fields under names that XForms take, in the same order; path → name where they differ; what that cost."""

    fields: tuple[FieldSpec, ...]
    renamed: Mapping[str, str]
    losses: tuple[Loss, ...]


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
    names = dict(zip(order, made, strict=True))
    codes = [_codes(f.options) for f in fields]
    by_name: dict[str, str] = {}
    by_code: dict[tuple[str, str], str] = {}
    for at in range(len(fields) - 1, -1, -1):  # of two fields with one name, logic means the first
        by_name[fields[at].name] = names[at]
        by_code |= {(fields[at].name, old): new for old, new in codes[at].items()}
    new = NewNames({old: name for old, name in by_name.items() if old != name}, by_code)
    return Named(
        fields=tuple(_field(f, names[at], codes[at], new) for at, f in enumerate(fields)),
        renamed={f.path: names[at] for at, f in enumerate(fields) if f.path != names[at]},
        losses=tuple(loss for at, f in enumerate(fields) for loss in _losses(f, codes[at], new)),
    )


def _codes(options: tuple[Option, ...]) -> dict[str, str]:
    """Old code → new one for codes with spaces or quotation marks, which expressions could not name."""
    if all(_LEGAL_CODE.fullmatch(option.code) for option in options):
        return {}
    kept = [option.code for option in options if _LEGAL_CODE.fullmatch(option.code)]
    wrong = [option.code for option in options if not _LEGAL_CODE.fullmatch(option.code)]
    made = unique((re.sub(r"[\s'\"]+", "_", code).strip("_") or "choice" for code in wrong), kept)
    return dict(zip(wrong, made, strict=True))


def _field(field: FieldSpec, name: str, codes: Mapping[str, str], new: NewNames) -> FieldSpec:
    return replace(
        field,
        path=name,
        name=name,
        options=_options(field.options, codes),
        translations=tuple(replace(t, options=_options(t.options, codes)) for t in field.translations),
        branching=renamed_text(field.branching, new),
        calculation=renamed_text(field.calculation, new),
    )


def _options(options: tuple[Option, ...], codes: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(codes.get(o.code, o.code), o.label) for o in options) if codes else options


def _losses(field: FieldSpec, codes: Mapping[str, str], new: NewNames) -> Iterable[Loss]:
    if codes:
        shown = ", ".join(f"{old[:40]!r} is {made}" for old, made in [*codes.items()][:5])
        yield Loss(field.path, "options", f"XLSForm takes codes without spaces and quotation marks only: {shown}.")
        if any(t.options for t in field.translations):
            yield Loss(field.path, "translations", f"Its choices have other codes: {shown}.")
    only_codes = NewNames({}, new.codes)
    for what in ("branching", "calculation"):
        text = getattr(field, what)
        if new.codes and renamed_text(text, only_codes) != text:
            yield Loss(field.path, what, "It names choices by codes without spaces.")
