"""The named roll-ups, data in content/rollups.json and code here: a program is coarser than the catalog, so derive.

Called by the pipeline. Each takes its args, the answers so far and the facts, and gives one answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from forms_catalog.transforms import measures, records
from forms_catalog.transforms.answers import Answer, Facts, Refusal
from forms_catalog.transforms.dates import parts
from forms_catalog.transforms.recode import joined
from forms_catalog.transforms.records import UNKNOWN

State = tuple[Answer, ...]
Args = Mapping[str, Any]
Rollup = Callable[[Args, State, Facts], Answer]

NEGATIVE = re.compile(r"<.*|neg(ative)?|not detected|undetectable|none|0+([.,]0+)?", re.IGNORECASE)
POSITIVE = re.compile(r"pos(itive)?|detected|[>=]*\s*(1\s*[:/]\s*)?\d+([.,]\d+)?", re.IGNORECASE)


def apply_rollup(args: Args, state: State, facts: Facts) -> Answer:
    """The roll-up named in `args`. Raises Refusal where the name is unknown or the answers do not fit it."""
    name = str(args.get("name", ""))
    if name not in ROLLUPS:
        raise Refusal("unknown_rollup", f"there is no roll-up '{name}'; see forms_catalog/content/rollups.json.")
    return ROLLUPS[name](args, state, facts)


def label_of(args: Args, state: State, facts: Facts) -> Answer:
    """The label of a coded answer, for a program that wants words; several labels are joined with '; '."""
    answer = state[0]
    element = facts.elements.get(answer.element)
    labels = {o.code: o.label for o in element.options} if element else {}
    codes = [c for c in answer.value.split("|") if c]
    return _with(answer, value="; ".join(labels.get(c, c) for c in codes))


def year_of(args: Args, state: State, facts: Facts) -> Answer:
    """The year of a date known at least to the year."""
    answer = state[0]
    return _with(answer, value=parts(answer.value)[0] if answer.value else "")


def month_year_of(args: Args, state: State, facts: Facts) -> Answer:
    """Year and month of a date, as YYYY-MM; blank where only the year is known."""
    answer = state[0]
    if not answer.value:
        return answer
    known = parts(answer.value, answer.precision)
    if len(known) == 1:
        return _with(answer, value="", note="date known to the year only; this program needs the month")
    return Answer(answer.element, value="-".join(known[:2]), precision="month", note=answer.note)


def first_code(args: Args, state: State, facts: Facts) -> Answer:
    """One code of several, by `order`; the note names what the program's single choice leaves out."""
    answer = state[0]
    order = [str(c) for c in args.get("order", ())]
    codes = [c for c in answer.value.split("|") if c]
    ranked = sorted(codes, key=lambda c: order.index(c) if c in order else len(order))
    left = f"only one code fits; left out: {', '.join(ranked[1:])}" if ranked[1:] else ""
    return _with(answer, value=ranked[0] if ranked else "", note=left)


def known_if(args: Args, state: State, facts: Facts) -> Answer:
    """Yes where there is a value, such as a date."""
    answer = state[0]
    if answer.value == UNKNOWN:
        return Answer(answer.element, missing=UNKNOWN, note=answer.note)
    return _with(answer, value="yes" if answer.value else "")


def first_known(args: Args, state: State, facts: Facts) -> Answer:
    """The first source that has an answer, in the mapping's order."""
    return next((a for a in state if a.value), next((a for a in state if a.answered), state[0]))


def if_else(args: Args, state: State, facts: Facts) -> Answer:
    """The `then` of the first of the `rules` whose source has one of the codes in `is`."""
    for rule in args.get("rules", ()):
        source = next((a for a in state if a.element == rule["source"]), None)
        if source is not None and source.value in rule["is"]:
            return _with(source, value=str(rule["then"]))
    missing = next((a.missing for a in state if a.missing), "")
    return Answer(state[0].element, missing=missing, note="" if missing else "no rule fits these answers")


def of_scale(args: Args, state: State, facts: Facts) -> Answer:
    """The grade from the element of the scale that was used; other scales stay blank, grades are never converted."""
    selector = next((a for a in state if a.element == args["selector"]), None)
    if selector is None or not selector.value:
        return Answer(state[0].element, missing=selector.missing if selector else "", note="the scale is not given")
    picked = dict(args["pick"]).get(selector.value, "")
    grade = next((a for a in state if picked and a.element == picked), None)
    note = f"no grade is kept for the scale '{selector.value}'; grades of different scales are never converted"
    return grade or Answer(state[0].element, note=note)


def qualified(args: Args, state: State, facts: Facts) -> Answer:
    """The answer to the extra question of a narrower field, unless the element's own answer settles it (`carry`)."""
    base, extra = state[0], next((a for a in state if a.qualifier), None)
    if base.missing or not base.value or base.value in args.get("carry", ("no", "unknown")):
        return _with(base, value=base.value)
    if extra is None or not extra.answered:
        return _with(base, value="", note="the extra question is not answered")
    return _with(extra, value=extra.value)


def sent_of(args: Args, state: State, facts: Facts) -> Answer:
    """Whether a sample was sent, from its result: positive, negative and pending mean that it was."""
    return _yes_no(state[0], args.get("yes", ("positive", "negative", "pending")), args.get("no", ("not-done",)))


def is_one_of(args: Args, state: State, facts: Facts) -> Answer:
    """Whether the answer, or one of several choices, is one of `codes` → yes or no; an unknown stays unknown."""
    answer = state[0]
    chosen = [c for c in answer.value.split("|") if c]
    named = next((c for c in chosen if c in args["codes"]), "")
    if named or UNKNOWN in chosen:
        return _yes_no(replace(answer, value=named or UNKNOWN), args["codes"], ())
    return _yes_no(answer, args["codes"], (answer.value,))


def positive_if(args: Args, state: State, facts: Facts) -> Answer:
    """Positive or negative from a titer: below the limit, 0 or 'negative' is no, any other titer is yes."""
    answer = state[0]
    text = answer.value.strip()
    if not text:
        return answer
    if NEGATIVE.fullmatch(text):
        return _with(answer, value="no")
    if POSITIVE.fullmatch(text):
        return _with(answer, value="yes")
    raise Refusal("titer_unreadable", f"'{text}' is not a titer that can be read as positive or negative.")


def _yes_no(answer: Answer, yes: Sequence[str], no: Sequence[str]) -> Answer:
    if not answer.value:
        return answer
    if answer.value in yes:
        return _with(answer, value="yes")
    if answer.value in no:
        return _with(answer, value="no")
    return Answer(answer.element, missing="unknown", note=answer.note)


def _with(answer: Answer, value: str, note: str = "") -> Answer:
    return Answer(answer.element, value=value, missing=answer.missing, note=joined(answer.note, note))


ROLLUPS: dict[str, Rollup] = {
    "ever": records.ever,
    "any_of": records.any_of,
    "any_where": records.any_where,
    "count_before": records.count_before,
    "worst": records.worst,
    "includes": records.includes,
    "union": records.union,
    "first_of": records.first_of,
    "last_of": records.last_of,
    "label_of": label_of,
    "year_of": year_of,
    "month_year_of": month_year_of,
    "first_code": first_code,
    "known_if": known_if,
    "first_known": first_known,
    "if_else": if_else,
    "of_scale": of_scale,
    "qualified": qualified,
    "sent_of": sent_of,
    "is_one_of": is_one_of,
    "positive_if": positive_if,
    "time_between": measures.time_between,
    "per_limit": measures.per_limit,
    "times_limit": measures.times_limit,
}
