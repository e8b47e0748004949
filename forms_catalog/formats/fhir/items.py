"""The items of a Questionnaire as records: what is no group becomes a field, with what its groups say of it."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from forms_catalog.formats.fhir.own import is_own
from forms_catalog.formats.fhir.parts import Json, dicts, extended, is_true, shown, text
from forms_catalog.formats.identity import paths_of
from forms_catalog.formats.problems import Findings

_LINK = re.compile(rb'"linkId"\s*+:\s*+"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_LONGEST_SECTION = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """An item with a condition, and the repeating groups around it (by their place in the file)."""

    node: Json
    scope: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """One item that is no group. `rules` are the items, groups first, whose conditions decide whether it is shown;
    `scope` the repeating groups around it: a condition in the same repetition reads its one answer."""

    node: Json
    link: str
    form: str
    line: int
    name: str = ""
    path: str = ""
    section: str = ""
    rules: tuple[Rule, ...] = ()
    scope: tuple[str, ...] = ()
    closed: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """What an item takes from the items around it."""

    form: str
    section: str = ""
    rules: tuple[Rule, ...] = ()
    scope: tuple[str, ...] = ()
    closed: bool = False


@dataclass(slots=True)
class Lines:
    """In which line of the file each linkId stands."""

    _found: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, data: bytes) -> Lines:
        """The lines, counted once; a file in UTF-16 has none."""
        lines, line, at = cls(), 1, 0
        for found in _LINK.finditer(data):
            line, at = line + data.count(b"\n", at, found.start()), found.start()
            lines._found[_decoded(found[1])].append(line)
        for each in lines._found.values():
            each.reverse()
        return lines

    @classmethod
    def given(cls, pairs: list[tuple[str, int]]) -> Lines:
        """The lines as (linkId, line) in file order."""
        lines = cls()
        for link, line in reversed(pairs):
            lines._found[link].append(line)
        return lines

    def take(self, link: str) -> int:
        """The next line in which the linkId stands, 0 where none is left."""
        found = self._found.get(link)
        return found.pop() if found else 0


def _decoded(raw: bytes) -> str:
    word = raw.decode("utf-8", "replace")
    if "\\" in word:
        try:
            return str(json.loads(f'"{word}"', strict=False))
        except ValueError:
            return word
    return word


def records(questionnaire: Json, form: str, lines: Lines, findings: Findings) -> list[Record]:
    """Every item that is no group, in file order. Findings: missing_link_id, duplicate_link_id."""
    seen: Counter[str] = Counter()
    found = list(_records(questionnaire, form, lines, seen, findings))
    for record in found:
        if seen[record.link] > 1 and seen.pop(record.link, 0):
            message = f"The linkId {record.link[:60]!r} is used more than once. Give each item its own."
            findings.error(record.line, record.link, "duplicate_link_id", message)
    return found


def _records(questionnaire: Json, form: str, lines: Lines, seen: Counter[str], findings: Findings) -> Iterator[Record]:
    waiting = _children(questionnaire, _Place(form), "")
    while waiting:
        item, place, at = waiting.pop()
        link = text(item.get("linkId")).strip()
        line = lines.take(link) if link else 0
        if link:
            seen[link] += 1
        else:
            link = f"item{at}"
            message = f"The item ({shown(item.get('text'))[:60]!r}) has no linkId; it is called {link!r}. Give it one."
            findings.error(line, link, "missing_link_id", message)
        inner = _inside(item, place, at)
        if "item" in item:
            waiting += _children(item, inner, at)
        if item.get("type") != "group":
            yield Record(
                item,
                link,
                place.form,
                line,
                name=text(extended(item, "own:name")) or link,
                section=place.section,
                rules=inner.rules,
                scope=place.scope,
                closed=place.closed,
                hidden=is_true(extended(item, "hidden")),
            )


def _children(item: Json, place: _Place, at: str) -> list[tuple[Json, _Place, str]]:
    children = [(child, place, f"{at}-{number}") for number, child in enumerate(dicts(item.get("item")), start=1)]
    return children[::-1]


def _inside(item: Json, place: _Place, at: str) -> _Place:
    """What the items inside this one take from it."""
    ruled = "enableWhen" in item or ("extension" in item and extended(item, "enableWhenExpression") is not None)
    rules = (*place.rules, Rule(item, place.scope)) if ruled else place.rules
    scope = (*place.scope, at) if is_true(item.get("repeats")) else place.scope
    if item.get("type") != "group":
        return place if rules is place.rules and scope is place.scope else replace(place, rules=rules, scope=scope)
    own_form = text(extended(item, "own:form"))
    title = "" if own_form else shown(item.get("text"))
    section = " / ".join(part for part in (place.section, title) if part)[:_LONGEST_SECTION]
    closed = place.closed or is_true(item.get("readOnly")) or is_true(extended(item, "hidden"))
    return _Place(own_form or place.form, section, rules, scope, closed)


def placed(by_questionnaire: Iterable[list[Record]]) -> list[list[Record]]:
    """The same records, now with names and paths: a linkId that two Questionnaires use is named form/linkId."""
    parts = list(by_questionnaire)
    homes: dict[str, set[int]] = defaultdict(set)
    for number, part in enumerate(parts):
        for record in part:
            homes[record.name].add(number)
    for record in (record for part in parts for record in part):
        record.name = f"{record.form}/{record.name}" if len(homes[record.name]) > 1 else record.name
    records = [record for part in parts for record in part]
    for record, path in zip(records, paths_of((r.form, r.name) for r in records), strict=True):
        record.path = path
    return parts


def titled(questionnaires: list[Json], fallback: str) -> list[tuple[str, Json]]:
    """Each Questionnaire with the name of its form: its name, id, title or the file's name; no two are the same."""
    found: list[tuple[str, Json]] = []
    uses: Counter[str] = Counter()
    for node in questionnaires:
        name = text(extended(node, "own:form")) if is_own(node) else _form_name(node) or fallback or "questionnaire"
        uses[name] += 1
        found.append((name if uses[name] == 1 else f"{name}-{uses[name]}", node))
    return found


def _form_name(node: Json) -> str:
    said: list[Any] = [node.get("name"), node.get("id"), node.get("title")]
    return next((name for one in said if (name := shown(one)[:200])), "")
