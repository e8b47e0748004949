"""Roll-ups over dated records and earlier answers of an interval. Called by the pipeline through rollup.ROLLUPS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from forms_catalog.transforms.answers import Answer, Facts, Record, Refusal
from forms_catalog.transforms.dates import in_interval, months_before, parts, placed, up_to
from forms_catalog.transforms.recode import joined

State = tuple[Answer, ...]
Args = Mapping[str, Any]
UNKNOWN = "unknown"


def selected(args: Args, state: State, facts: Facts) -> tuple[Record, ...]:
    """The first source's records of the `scope` (interval or ever) that pass `where` and `where_not`, oldest first."""
    within = up_to if args.get("scope", "interval") == "ever" else in_interval
    kept = [r for r in state[0].records if within(r.date, facts) and _passes(args, state, r)]
    return tuple(sorted(kept, key=lambda r: (placed(r.date), r.occurrence)))


def _passes(args: Args, state: State, record: Record) -> bool:
    wanted, unwanted = dict(args.get("where", {})), dict(args.get("where_not", {}))
    return all(_sibling(state, record, element) in codes for element, codes in wanted.items()) and not any(
        _sibling(state, record, element) in codes for element, codes in unwanted.items()
    )


def _sibling(state: State, record: Record, element: str) -> str:
    """The value of another field of the same occurrence, '' where it is not known."""
    found = (r for a in state if a.element == element for r in a.records)
    return next((r.value for r in found if r.occurrence == record.occurrence), "")


def first_of(args: Args, state: State, facts: Facts) -> Answer:
    """The field of the earliest occurrence. A note says when the program's form has room for fewer than there are."""
    return _one(args, state, facts, 0, "first")


def last_of(args: Args, state: State, facts: Facts) -> Answer:
    """The field of the latest occurrence."""
    return _one(args, state, facts, -1, "last")


def _one(args: Args, state: State, facts: Facts, index: int, word: str) -> Answer:
    if _plain(state[0]):
        return state[0]
    found = selected(args, state, facts)
    if not found:
        return _none(state[0])
    pick = found[index]
    note = f"{word} of {len(found)} records in this period" if len(found) > 1 else ""
    return _from(state[0], pick, note)


def union(args: Args, state: State, facts: Facts) -> Answer:
    """All codes of the interval's occurrences, each once, in the order first seen."""
    if _plain(state[0]):
        return state[0]
    found = selected(args, state, facts)
    codes = [c for r in found for c in r.value.split("|") if c]
    if codes:
        return _result(state[0], value="|".join(dict.fromkeys(codes)))
    missing = next((r.missing for r in found if r.missing), "")
    return _result(state[0], missing=missing) if missing else _none(state[0])


def any_where(args: Args, state: State, facts: Facts) -> Answer:
    """Yes where an occurrence of the interval passes the filter; no where none does or `summary` says no."""
    summary = next((a for a in state if a.element == args.get("summary")), None)
    if selected(args, state, facts):
        return _result(state[0], value="yes")
    if args.get("scope") == "ever" and summary and not summary.answered:
        return _result(state[0])  # earlier records alone say nothing about this period
    bare = selected({"scope": args.get("scope", "interval")}, state, facts)
    if bare or (summary and summary.value == "no"):
        return _result(state[0], value="no")
    if summary and summary.value == "yes":
        return _result(state[0], missing="unknown", note="a yes without its records; enter the record to answer")
    return _result(state[0], missing=summary.missing if summary else "", note="")


def count_before(args: Args, state: State, facts: Facts) -> Answer:
    """How many records the `months` up to a day hold, the day of the source `until`; it waits for this period's answer.

    The months need not be the report's period: the start day is not counted, the last day is.
    """
    if not {"until", "months"} <= set(args):
        raise Refusal("no_window", "count_before needs 'months' and 'until', the source with the last day.")
    until = next((a for a in state if a.element == args["until"]), None)
    if not state[0].value or until is None or not until.value:
        return _result(state[0], missing=state[0].missing or (until.missing if until else ""))
    last = placed(until.value)
    if len(parts(until.value, until.precision)) < 3 or not up_to(until.value, facts):
        return _result(state[0], note=f"the months before '{until.element}' need a full date that has come")
    window = replace(facts, after=months_before(last, int(args["months"])), as_of=last)
    return _result(
        state[0], value=str(sum(bool(r.occurrence) and in_interval(r.date, window) for r in state[0].records))
    )


def ever(args: Args, state: State, facts: Facts) -> Answer:
    """Yes where any source ever says yes or holds a record; no where the question is answered and all say no."""
    return _any({"scope": "ever", **args}, state, facts)


def any_of(args: Args, state: State, facts: Facts) -> Answer:
    """Yes where one of several sources says yes; a no needs all of them. `scope` ever also looks at earlier answers."""
    result = _any({"scope": "interval", **args}, state, facts)
    if result.value == "no" and not all(a.answered for a in state):
        return _result(state[0], note="a no needs the answers to all its questions")
    return result


def _any(args: Args, state: State, facts: Facts) -> Answer:
    said = [v for a in state for v in _verdicts(args, a, facts)]
    if "yes" in said:
        return _result(state[0], value="yes")
    if not state[0].answered:
        return _result(state[0])
    if "unknown" in said:
        return _result(state[0], missing="unknown")
    if "no" in said:
        return _result(state[0], value="no")
    return _result(state[0], missing="not-applicable" if said else "")


def _verdicts(args: Args, answer: Answer, facts: Facts) -> Iterable[str]:
    """yes, no, unknown or not-applicable, for the answer itself and (scope ever) each earlier one or record."""
    if answer.value or answer.missing:
        yield _verdict(args, answer.value, answer.missing)
    for record in answer.records:
        if record.occurrence and _record_counts(args, record, facts):
            yield "yes"
        elif not record.occurrence and args["scope"] == "ever" and up_to(record.date, facts):
            yield _verdict(args, record.value, record.missing)


def _record_counts(args: Args, record: Record, facts: Facts) -> bool:
    return up_to(record.date, facts) if args["scope"] == "ever" else in_interval(record.date, facts)


def _verdict(args: Args, value: str, missing: str) -> str:
    if value in args.get("yes", ("yes",)):
        return "yes"
    if value in args.get("no", ("no",)):
        return "no"
    return "not-applicable" if value == "na" or missing == "not-applicable" else "unknown"


def includes(args: Args, state: State, facts: Facts) -> Answer:
    """Whether one code is among the chosen ones; a no needs an answer now. `scope` ever also looks at earlier ones."""
    sets = values_over_time(args, state, facts)
    codes = {c for value, _ in sets for c in value.split("|") if c}
    if str(args["code"]) in codes:
        return _result(state[0], value="yes")
    missing = next((m for _, m in sets if m), UNKNOWN if UNKNOWN in codes else "")
    return _result(state[0], missing=missing) if missing else _result(state[0], value="no" if state[0].value else "")


def worst(args: Args, state: State, facts: Facts) -> Answer:
    """The highest grade over the answer and the scope's records, by `order` or else by number.

    An unknown grade is no grade: the highest known one is given with a note, or unknown where none is known.
    """
    order = [str(c) for c in args.get("order", ())]
    said = values_over_time(args, state, facts)
    known = [v for v, _ in said if v and (v != UNKNOWN or v in order)]
    unknown = any(v == UNKNOWN and v not in order for v, _ in said)
    if not known:
        return _result(state[0], missing=next((m for _, m in said if m), UNKNOWN if unknown else ""))
    try:
        note = "another grade of this time is unknown" if unknown else ""
        return _result(state[0], value=max(known, key=order.index if order else int), note=note)
    except ValueError as error:
        raise Refusal("no_order", f"'{state[0].element}' has a value outside the order of its grades.") from error


def values_over_time(args: Args, state: State, facts: Facts) -> list[tuple[str, str]]:
    """(value, missing) of the first source: its answer, and the records or earlier answers of the scope."""
    own = [(state[0].value, state[0].missing)] if state[0].value or state[0].missing else []
    wide = args.get("scope", "interval") == "ever"
    found = [r for r in selected(args, state, facts) if r.occurrence or wide]
    return own + [(r.value, r.missing) for r in found]


def _plain(answer: Answer) -> bool:
    return not answer.records and answer.answered


def _none(answer: Answer) -> Answer:
    return _result(answer, missing=answer.missing, note="no record in this period")


def _from(answer: Answer, record: Record, note: str) -> Answer:
    result = _result(answer, value=record.value, missing=record.missing, note=note)
    return replace(result, precision=record.precision)


def _result(answer: Answer, value: str = "", missing: str = "", note: str = "") -> Answer:
    return Answer(answer.element, value=value, missing=missing, note=joined(answer.note, note))
