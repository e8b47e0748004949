"""A dictionary under the names and choice codes that another format takes: fields, logic, and what that cost. Pure.

Which names and codes are legal is the format's own rule (redcap/names, xlsform/names); what follows from them is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from forms_catalog.language import NewNames, renamed_text
from forms_catalog.specs import FieldSpec, Loss, Option

Codes = Mapping[str, str]  # old choice code → new one


@dataclass(frozen=True, slots=True)
class Named:
    """The fields under names that the format takes, in order; path → name where they differ; what that cost."""

    fields: tuple[FieldSpec, ...]
    renamed: Mapping[str, str]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """How the format speaks of its rules: which codes it takes, and how logic names choices then."""

    codes: str
    logic: str


def under(
    fields: Sequence[FieldSpec],
    names: Mapping[str, str],
    codes: Mapping[str, Codes],
    words: Words,
    *,
    forms: Mapping[str, str] | None = None,
    other_names: Mapping[str, str] | None = None,
) -> Named:
    """Every field under `names[path]` with `codes[path]`; its logic follows, read and written as a tree.

    `forms` are new form names; `other_names` are further names that logic may read.
    """
    new = _new_names(fields, names, codes, other_names or {})
    return Named(
        fields=tuple(_field(f, names[f.path], (forms or {}).get(f.form, f.form), codes[f.path], new) for f in fields),
        renamed={path: name for path, name in names.items() if name != path},
        losses=tuple(loss for f in fields for loss in _losses(f, codes[f.path], new, words)),
    )


def _new_names(
    fields: Sequence[FieldSpec],
    names: Mapping[str, str],
    codes: Mapping[str, Codes],
    other_names: Mapping[str, str],
) -> NewNames:
    by_name = dict(other_names)
    by_code: dict[tuple[str, str], str] = {}
    for field in reversed(fields):  # of two fields with one name, logic means the first
        by_name[field.name] = names[field.path]
        by_code |= {(field.name, old): new for old, new in codes[field.path].items()}
    return NewNames({old: name for old, name in by_name.items() if old != name}, by_code)


def _field(field: FieldSpec, name: str, form: str, codes: Codes, new: NewNames) -> FieldSpec:
    return replace(
        field,
        path=name,
        name=name,
        form=form,
        options=_options(field.options, codes),
        translations=tuple(replace(t, options=_options(t.options, codes)) for t in field.translations),
        branching=renamed_text(field.branching, new),
        calculation=renamed_text(field.calculation, new),
    )


def _options(options: tuple[Option, ...], codes: Codes) -> tuple[Option, ...]:
    return tuple(Option(codes.get(o.code, o.code), o.label) for o in options) if codes else options


def _losses(field: FieldSpec, codes: Codes, new: NewNames, words: Words) -> Iterable[Loss]:
    if codes:
        shown = ", ".join(f"{old[:40]!r} is {made}" for old, made in [*codes.items()][:5])
        yield Loss(field.path, "options", f"{words.codes}: {shown}.")
        if any(t.options for t in field.translations):
            yield Loss(field.path, "translations", f"Its choices have other codes: {shown}.")
    only_codes = NewNames({}, new.codes)
    for what in ("branching", "calculation"):
        text = getattr(field, what)
        if new.codes and renamed_text(text, only_codes) != text:
            yield Loss(field.path, what, words.logic)
