"""From a program's code back to canonical codes, only where that is sound. Called by branching over elements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from forms_catalog.specs import Step
from forms_catalog.transforms.recode import before_recode

Codes = frozenset[str]
NOTHING: Codes = frozenset()
Back = Callable[[Mapping[str, Any], Codes], Codes]


def inverse(steps: Sequence[Step], program_code: str, options: Collection[str] = ()) -> Codes:
    """The canonical codes of the first source that make the program's value `program_code`.

    Sufficient always; for ever, any_of and first_known other sources or periods may do so too. Empty where the first
    source's code alone cannot tell (an 'ever' that is no, a grade by scale, units, dates): a coarse value never picks a
    fine one. `options` are the element's codes: with them a 'no' of is_one_of is every other code. `forward` is always
    right.
    """
    codes: Codes = frozenset({program_code})
    for place in range(len(steps) - 1, -1, -1):
        codes = _back(steps[place], codes, options if place == 0 else ())
    return codes


def _back(step: Step, codes: Codes, options: Collection[str]) -> Codes:
    if step.op == "recode":
        return before_recode(step.args, codes)
    if step.op == "rollup" and step.args.get("name") == "is_one_of" and codes == {"no"}:
        return frozenset(options) - frozenset(step.args["codes"]) - {"unknown"}
    if step.op == "rollup":
        return ROLLUPS.get(str(step.args.get("name", "")), _unsound)(step.args, codes)
    if step.op == "reported":  # what may be told as reported before is not told for certain
        return codes - frozenset(step.args.get("of", ()))
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
    taken: set[str] = set()
    for rule in rules:
        if rule["source"] != rules[0]["source"]:
            break
        found |= set(rule["is"]) - taken if str(rule["then"]) in codes else set()
        taken |= set(rule["is"])
    return frozenset(found)


def _first_code(args: Mapping[str, Any], codes: Codes) -> Codes:
    """Only the first in the order: any other may stand beside one that goes before it."""
    return codes & frozenset(str(c) for c in list(args.get("order", ()))[:1])


def _worst(args: Mapping[str, Any], codes: Codes) -> Codes:
    """Any grade of this period's answer; over all time only the highest, for an earlier one may be higher."""
    if args.get("scope", "interval") != "ever":
        return codes
    return codes & frozenset(str(c) for c in list(args.get("order", ()))[-1:])


def _carried(args: Mapping[str, Any], codes: Codes) -> Codes:
    """The answers that settle the extra question by themselves."""
    return codes & frozenset(args.get("carry", ("no", "unknown")))


ROLLUPS: dict[str, Back] = {
    "first_of": _same,
    "last_of": _same,
    "union": _same,
    "first_known": _same,
    "worst": _worst,
    "first_code": _first_code,
    "qualified": _carried,
    "ever": _only_yes,
    "any_of": _only_yes,
    "includes": _includes,
    "is_one_of": _is_one_of,
    "sent_of": _sent_of,
    "if_else": _if_else,
}
