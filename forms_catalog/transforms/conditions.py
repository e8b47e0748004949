"""The condition of a mapping: a rule over canonical answers that must hold before anything is delivered.

Grammar: `element in a|b`, `element not in a|b`, `element known`, joined by ` and `. Read by decisions and pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from forms_catalog.transforms.answers import Refusal

CLAUSE = re.compile(r"(?P<element>[a-z0-9:_-]+)\s+(?:(?P<known>known)|(?P<op>not in|in)\s+(?P<codes>\S+))")


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule: the element's value is (or is not) among `codes`; without codes it must be known."""

    element: str
    op: str
    codes: tuple[str, ...] = ()

    def holds(self, value: str) -> bool:
        """True where the canonical value satisfies the clause; no value satisfies none."""
        if self.op == "known" or not value:
            return bool(value)
        return any(v in self.codes for v in value.split("|")) == (self.op == "in")


def parse(text: str) -> tuple[Clause, ...]:
    """The clauses of a condition; none for ''. Raises Refusal with the part that cannot be read."""
    return tuple(_clause(part) for part in text.split(" and ")) if text.strip() else ()


def _clause(text: str) -> Clause:
    found = CLAUSE.fullmatch(text.strip())
    if found is None:
        raise Refusal("condition_unreadable", f"'{text}' is not a condition; write 'element in code|code'.")
    codes = tuple((found["codes"] or "").split("|")) if found["codes"] else ()
    return Clause(found["element"], found["op"] or "known", codes)


def why_not(text: str, values: Mapping[str, str]) -> str:
    """'' where the condition holds for the canonical values, else the clause that fails, in words."""
    for clause in parse(text):
        if not clause.holds(values.get(clause.element, "")):
            return f"not delivered: needs {clause.element} {clause.op} {' or '.join(clause.codes)}".rstrip()
    return ""
