"""Canonical codes and missing codes to a program's own codes. Called by the pipeline; its way back by branching."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from forms_catalog.transforms.answers import Answer, Facts

NO_CODE = "no code for {code} in this program"


def apply_recode(args: Mapping[str, Any], state: tuple[Answer, ...], facts: Facts) -> Answer:
    """Each canonical code through `map`; a missing code through `missing`; what has no code is left out with a note.

    `map` is catalog code → program code, many to one. `ignore_case` compares free text without case; `else` is the
    program's own code for anything not listed.
    """
    answer = state[0]
    if answer.missing:
        return recode_missing(args, answer)
    table = {_key(k, args): str(v) for k, v in dict(args.get("map", {})).items()}
    rest = str(args.get("else", ""))
    codes = [c for c in answer.value.split("|") if c]
    pairs = [(c, table.get(_key(c, args), rest)) for c in codes]
    lost = [c for c, target in pairs if not target]
    value = "|".join(dict.fromkeys(t for _, t in pairs if t))
    return replace(answer, value=value, note=joined(answer.note, *(NO_CODE.format(code=c) for c in lost)))


def recode_missing(args: Mapping[str, Any], answer: Answer) -> Answer:
    """A missing code as the program's own code where it has one; else the missing code stays and ends as a note."""
    target = dict(args.get("missing", {})).get(answer.missing, "")
    return replace(answer, value=str(target), missing="") if target else answer


def without_code(args: Mapping[str, Any], codes: Iterable[str]) -> tuple[str, ...]:
    """The canonical codes a recode step would leave out."""
    table = {_key(k, args) for k in dict(args.get("map", {}))}
    return () if args.get("else") else tuple(c for c in codes if _key(c, args) not in table)


def before_recode(args: Mapping[str, Any], codes: frozenset[str]) -> frozenset[str]:
    """The canonical codes that end as one of `codes`; empty where `else` makes the answer unknowable."""
    if str(args.get("else", "")) in codes:
        return frozenset()
    return frozenset(str(k) for k, v in dict(args.get("map", {})).items() if str(v) in codes)


def joined(*notes: str) -> str:
    """Notes as one text."""
    return "; ".join(n for n in notes if n)


def _key(code: object, args: Mapping[str, Any]) -> str:
    text = str(code).strip()
    return text.casefold() if args.get("ignore_case") else text
