"""From a program's code back to canonical codes, only where that is sound. Called by branching over elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from forms_catalog.specs import Step
from forms_catalog.transforms.recode import before_recode

Codes = frozenset[str]
NOTHING: Codes = frozenset()
Back = Callable[[Mapping[str, Any], Codes], Codes]


def inverse(steps: Sequence[Step], program_code: str) -> Codes:
    """The canonical codes of the first source that make the program's value `program_code`.

    Sufficient always; for ever, any_of and first_known other sources or periods may do so too. Empty where the first
    source's code alone cannot tell (an 'ever' that is no, a grade by scale, units, dates). `forward` is always right.
    """
    codes: Codes = frozenset({program_code})
    for step in reversed(steps):
        codes = _back(step, codes)
    return codes


def _back(step: Step, codes: Codes) -> Codes:
    if step.op == "recode":
        return before_recode(step.args, codes)
    if step.op == "rollup":
        return ROLLUPS.get(str(step.args.get("name", "")), _unsound)(step.args, codes)
    return NOTHING


def _unsound(args: Mapping[str, Any], codes: Codes) -> Codes:
    return NOTHING


def _same(args: Mapping[str, Any], codes: Codes) -> Codes:
    return codes


def _only_yes(args: Mapping[str, Any], codes: Codes) -> Codes:
    return frozenset(args.get("yes", ("yes",))) if codes == {"yes"} else NOTHING


def _includes(args: Mapping[str, Any], codes: Codes) -> Codes:
    return frozenset({str(args["code"])}) if codes == {"yes"} else NOTHING


def _is_one_of(args: Mapping[str, Any], codes: Codes) -> Codes:
    return frozenset(args["codes"]) if codes == {"yes"} else NOTHING


def _sent_of(args: Mapping[str, Any], codes: Codes) -> Codes:
    table = {"yes": args.get("yes", ("positive", "negative", "pending")), "no": args.get("no", ("not-done",))}
    return frozenset(c for answer in codes for c in table.get(answer, ()))


def _if_else(args: Mapping[str, Any], codes: Codes) -> Codes:
    """Rules on the first rule's source only, and only as long as no rule on another source could come before."""
    rules = list(args.get("rules", ()))
    found: set[str] = set()
    for rule in rules:
        if rule["source"] != rules[0]["source"]:
            break
        found |= set(rule["is"]) if str(rule["then"]) in codes else set()
    return frozenset(found)


ROLLUPS: dict[str, Back] = {
    "first_of": _same,
    "last_of": _same,
    "union": _same,
    "first_known": _same,
    "worst": _same,
    "ever": _only_yes,
    "any_of": _only_yes,
    "includes": _includes,
    "is_one_of": _is_one_of,
    "sent_of": _sent_of,
    "if_else": _if_else,
}
