"""A posted visit form as typed values. Pure: names in, `Typed` out; the page and the tests speak this one scheme.

a.<key> value (repeated for several choices) · m.<key> missing reason · k.<key> keep the offered value · d.<key> date
observed · r.<group>.<record>.<element> and rm.<...> record fields · asof.<timepoint> date a report speaks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from capture.ask.facts import Entered, EnteredRecord, Entry
from capture.ask.records import latest_day
from capture.enter.drafts import Typed

GetList = Callable[[str], list[str]]


def read(names: Iterable[str], get: GetList, offers: Mapping[str, str]) -> Typed:
    """What was typed. `offers` is question key → offered value, used for kept ones."""
    keys = {n[2:] for n in names if n[:2] in ("a.", "m.", "k.", "d.")}
    answers = {key: entry for key in sorted(keys) if (entry := _entry(key, get, offers)).given}
    as_of = {n[5:]: day for n in names if n.startswith("asof.") and (day := _day(get(n)))}
    return Typed(Entered(answers, _records(names, get)), as_of)


def shown(names: Iterable[str]) -> frozenset[str]:
    """The places that the posted page had a box for: its list of missing reasons is always posted."""
    return frozenset("r." + n[3:] if n.startswith("rm.") else n[2:] for n in names if n.startswith(("m.", "rm.")))


def _entry(key: str, get: GetList, offers: Mapping[str, str]) -> Entry:
    if get(f"k.{key}") and key in offers:
        return Entry(value=offers[key], confirmed=True)
    return Entry(value=_joined(get(f"a.{key}")), missing=_joined(get(f"m.{key}")), observed_on=_day(get(f"d.{key}")))


def _records(names: Iterable[str], get: GetList) -> tuple[EnteredRecord, ...]:
    found: dict[tuple[str, str], dict[str, Entry]] = {}
    for name in sorted(names):
        parts = name.split(".", 3)
        if len(parts) == 4 and parts[0] in ("r", "rm"):
            _, group, record, element = parts
            tail = f"{group}.{record}.{element}"
            entry = Entry(value=_joined(get(f"r.{tail}")), missing=_joined(get(f"rm.{tail}")))
            if entry.given:
                found.setdefault((group, record), {})[element] = entry
    return tuple(EnteredRecord(record, group, values) for (group, record), values in found.items())


def _joined(values: list[str]) -> str:
    return "|".join(v.strip() for v in values if v.strip())


def _day(values: list[str]) -> date | None:
    text = _joined(values)
    return latest_day(text) if len(text) == 10 else None
