"""Which unit may become which, element by element, and why the others may not: the table in docs/units.md. Pure.

Called by the command unit_table and by the test that holds the page to the code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms_catalog.specs import ElementSpec
from forms_catalog.transforms import Refusal, ucum, unit_lists
from forms_catalog.transforms.units import factor_text, to_program

REASONS = {
    "unit_not_listed": "same kind, not listed",
    "unit_molar_mass": "molar mass not listed",
    "unit_annotated": "counts something else",
    "unit_arbitrary": "arbitrary unit of another assay",
    "unit_logarithm": "logarithm",
    "unit_other_kind": "measures something else",
    "unit_unknown_unit": "unknown unit",
    "factor_not_constant": "needs another value of the patient",
}

NAMED = (REASONS["unit_not_listed"], REASONS["unit_molar_mass"], REASONS["factor_not_constant"])


@dataclass(frozen=True, slots=True)
class Pair:
    """One element's unit and one other. `rule` says how a canonical value becomes it ('' = refused)."""

    element: str
    own: str
    asked: str
    rule: str
    why: str


def pairs(elements: Mapping[str, ElementSpec], asked: Iterable[str]) -> list[Pair]:
    """Every element with a unit against every unit that the catalog or a program knows, and its own."""
    kept = [e for e in elements.values() if e.unit]
    known = {e.unit for e in kept} | {u.ucum for e in kept for u in e.convertible_units} | {a for a in asked if a}
    return [_pair(e, unit) for e in kept for unit in sorted(known)]


def _pair(element: ElementSpec, unit: str) -> Pair:
    try:
        rule = factor_text(to_program(element, unit))
    except Refusal as refused:
        return Pair(element.id, element.unit, unit, "", REASONS[refused.code])
    listed = next((u for u in element.convertible_units if u.ucum == unit), None)
    return Pair(element.id, element.unit, unit, rule, unit_lists.basis(element, listed).why if listed else "the same")


def text(elements: Mapping[str, ElementSpec], asked: Iterable[str]) -> str:
    """The two tables as Markdown."""
    every = pairs(elements, asked)
    return f"{_allowed(every)}\n{_refused(every)}"


def _allowed(every: Sequence[Pair]) -> str:
    rows: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for p in every:
        if p.rule and p.asked != p.own:
            rows[(p.own, p.asked, p.rule, p.why)].append(p.element)
    lines = ["| elements | kept in | delivered in | as | rests on |", "|---|---|---|---|---|"]
    for (own, asked, rule, why), names in rows.items():
        lines.append(f"| {', '.join(names)} | `{own}` | `{asked}` | `{rule}` | {why} |")
    return "\n".join(lines) + "\n"


def _refused(every: Sequence[Pair]) -> str:
    """Pairs of units that no element converts, by reason: one row a unit that elements are kept in."""
    fine = {(p.own, p.asked) for p in every if p.rule}
    rows: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for p in every:
        if not p.rule and (p.own, p.asked) not in fine:
            rows[p.own][p.why].add(p.asked)
    reasons = [r for r in REASONS.values() if any(r in row for row in rows.values())]
    lines = [f"| kept in | {' | '.join(reasons)} |", f"|---|{'---|' * len(reasons)}"]
    for own, row in rows.items():
        lines.append(f"| `{own}` | {' | '.join(_cell(r, row.get(r, set())) for r in reasons)} |")
    return "\n".join(lines) + "\n"


def _cell(reason: str, units: set[str]) -> str:
    """The units by name where that tells something, else how many there are."""
    if reason not in NAMED:
        return str(len(units) or "")
    return " ".join(f"`{u}`" for u in sorted(units))


def known_units(units: Iterable[str]) -> frozenset[str]:
    """The units of programs as UCUM, as far as they are read."""
    return frozenset(ucum.spelled(u) for u in units if u and ucum.read(ucum.spelled(u)))
