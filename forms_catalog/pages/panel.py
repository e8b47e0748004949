"""What the review page shows of one field: it beside one element, what a decision would say, and the form's texts.

Called by the pages review and bulk. Side by side are answers (aligned) and examples (computed by the transforms).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from forms_catalog import proposing, rollups, serial, suggesting
from forms_catalog.examples import Example, examples
from forms_catalog.mapping_warnings import warnings
from forms_catalog.narrowing import extra_choices
from forms_catalog.reviewing import FieldRow, Proposed, Review
from forms_catalog.specs import RELATIONS, ElementSpec, FieldSpec, MappingSpec, Option, Step
from forms_catalog.transforms import sentences

AGREEMENTS = {
    "broader": "The element says more than the program asks: you agree that what is left out is not needed.",
    "narrower": "The program asks less than the element: sites get an extra question, and you write it.",
}
CHOICES = tuple(r for r in RELATIONS if r not in ("not_same", "new"))


@dataclass(frozen=True, slots=True)
class MapRow:
    """One answer of the element and the program's code it becomes ('' = none)."""

    code: str
    label: str
    target: str


@dataclass(frozen=True, slots=True)
class Aligned:
    """An answer of the program (None = it has none) beside those of the element that become it, and missing ones."""

    theirs: Option | None
    ours: tuple[Option, ...]
    missing: tuple[str, ...] = ()

    @property
    def unmatched(self) -> bool:
        """Whether one side stands alone."""
        return self.theirs is None or not (self.ours or self.missing)


@dataclass(frozen=True, slots=True)
class Panel:
    """One field beside one element (None where nothing is chosen yet). `texts` fill the form's inputs."""

    row: FieldRow
    element: ElementSpec | None
    about: Proposed | None
    facts: tuple[tuple[str, str, str], ...]
    texts: Mapping[str, str]
    map_rows: tuple[MapRow, ...] = ()
    aligned: tuple[Aligned, ...] = ()
    examples: tuple[Example, ...] = ()
    warnings: tuple[str, ...] = ()
    history: tuple[Any, ...] = default(default=())

    @property
    def to_match(self) -> int:
        """How many answers of either side stand alone."""
        return sum(a.unmatched for a in self.aligned)

    @property
    def rollups(self) -> list[tuple[str, str]]:
        """The roll-ups a person may pick by their words."""
        return rollups.words()

    @property
    def agreement(self) -> str:
        """What a person says by accepting a relation that is not direct; '' where it is."""
        return AGREEMENTS.get(self.texts.get("relation", ""), "")

    @property
    def place(self) -> int:
        """Which candidate this is, from 1; 0 where a person chose another element."""
        keys = [p.element for p in self.row.proposals]
        return keys.index(self.element.id) + 1 if self.element and self.element.id in keys else 0

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations a person may choose for an element."""
        return CHOICES


def panel(review: Review, row: FieldRow, program: str, chosen: str = "") -> Panel:
    """The field beside the chosen element, else the decided one, else the best candidate."""
    decided = row.decision if row.decision and row.decision.spec.relation != "new" else None
    key = chosen or (decided.spec.sources[0].element if decided else row.proposals[0].element if row.proposals else "")
    element = review.elements.get(key)
    if element is None:
        return Panel(row, None, None, facts(row.field, None), _texts(None, row, None))
    about = next((p for p in row.proposals if p.element == key), None) or _compared(row.field, element)
    if decided and decided.spec.sources[0].element == key:
        draft = decided.spec
    else:
        relation, value_map = (about.relation, about.value_map) if about else ("exact", {})
        draft = suggesting.suggest(program, row.field, element, relation, value_map)  # type: ignore[arg-type]
    return of_draft(row, element, about, draft, review.elements)


def of_draft(
    row: FieldRow,
    element: ElementSpec,
    about: Proposed | None,
    draft: MappingSpec,
    elements: Mapping[str, ElementSpec] | None = None,
) -> Panel:
    """The panel with a decision filled in, taken or not. `elements` hold its further sources."""
    table = _table(row.field, element, draft)
    return Panel(
        row=row,
        element=element,
        about=about,
        facts=facts(row.field, element),
        texts=_texts(draft, row, about, with_map=not table),
        map_rows=table,
        aligned=aligned(row.field, element, draft),
        examples=examples(draft, {**(elements or {}), element.id: element}),
        warnings=warnings(draft, row.field, {**(elements or {}), element.id: element}),
    )


def aligned(field: FieldSpec, element: ElementSpec, draft: MappingSpec) -> tuple[Aligned, ...]:
    """Every answer of the program beside what becomes it, then the element's answers without a code."""
    table = _table(field, element, draft)
    if not table:
        return ()
    step = next(s for s in draft.transform if s.op == "recode")
    missing = {str(code): name for name, code in dict(step.args.get("missing", {})).items()}
    ours = {r.code: Option(r.code, r.label) for r in table}
    both = [
        Aligned(
            o,
            tuple(ours[r.code] for r in table if r.target == o.code),
            tuple(m for c, m in missing.items() if c == o.code),
        )
        for o in field.options
    ]
    return (*both, *(Aligned(None, (ours[r.code],)) for r in table if not r.target))


def _compared(field: FieldSpec, element: ElementSpec) -> Proposed | None:
    found = proposing.compare(field, element)
    if found is None:
        return None
    value_map = found.value_map or {}
    return Proposed(element.id, element, found.score, found.relation, found.reasons, found.guards, value_map)


def facts(field: FieldSpec, element: ElementSpec | None) -> tuple[tuple[str, str, str], ...]:
    """What both sides say, line by line: (about, the program's words, the catalog's words)."""
    e = element
    limits = f"{field.minimum} to {field.maximum}" if field.minimum or field.maximum else ""
    own = f"{e.minimum:g} to {e.maximum:g}" if e and e.minimum is not None and e.maximum is not None else ""
    return (
        ("Question", field.label, e.label if e else ""),
        ("Meaning", field.note, e.definition if e else ""),
        ("Answer", _kind(field), e.datatype if e else ""),
        ("Unit", field.unit, e.unit if e else ""),
        ("Limits", limits, own),
        ("Period", "", f"{e.recall}, {e.scope}" if e else ""),
        ("Used again", "", e.reuse if e else ""),
        ("Section", f"{field.form}: {field.section}".strip(": "), e.section if e else ""),
        ("Asked if", field.branching, f"detail of {e.detail_of}" if e and e.detail_of else ""),
    )


def _kind(field: FieldSpec) -> str:
    written = f" ({field.date_format})" if field.date_format else ""
    return f"{field.kind}{written}{', repeating' if field.repeating else ''}"


def _table(field: FieldSpec, element: ElementSpec, draft: MappingSpec) -> tuple[MapRow, ...]:
    """One line for each answer of the element; none where its codes are not what is recoded (after a roll-up)."""
    step = next((s for s in draft.transform if s.op == "recode"), None)
    table = dict(step.args.get("map", {})) if step else {}
    codes = {o.code for o in element.options}
    if step is None or not field.options or not codes or not set(table) <= codes:
        return ()
    return tuple(MapRow(o.code, o.label, str(table.get(o.code, ""))) for o in element.options)


def _texts(
    draft: MappingSpec | None, row: FieldRow, about: Proposed | None, *, with_map: bool = True
) -> dict[str, str]:
    fits = _nothing_fits(row)
    if draft is None:
        return {"reason": "", "refusal": "", "new": fits}
    standing = row.decision.reason if row.decision and row.decision.stands else ""
    steps = [serial.dump(s if with_map else _without_map(s)) for s in draft.transform]
    return {
        "relation": draft.relation,
        "steps": json.dumps(steps, ensure_ascii=False) if steps else "",
        "said": " ".join(sentences(draft.transform)),
        "further": " | ".join(f"{s.element}#{s.qualifier}".rstrip("#") for s in draft.sources[1:]),
        "condition": draft.condition,
        "question": draft.qualifier_question,
        "choices": " | ".join(f"{o.code}, {o.label}" for o in draft.qualifier_options or extra_choices(draft)),
        "reason": standing or " ".join(about.reasons if about else ()),
        "refusal": about.guards[0] if about and about.guards else "",
        "new": fits,
    }


def _nothing_fits(row: FieldRow) -> str:
    """Why a new element is made, where the machine itself says that nothing fits."""
    if not row.nothing_fits:
        return ""
    best = next((p for p in row.proposals if p.spec), None)
    nearest = f" The nearest, {best.element}, scores {best.score:.2f}." if best else ""
    return f"No element of the catalog asks this.{nearest}"


def _without_map(step: Step) -> Step:
    """The step without what the table of answers shows."""
    return Step(step.op, {k: v for k, v in step.args.items() if k != "map"}) if step.op == "recode" else step
