"""What changed about a field, in words for a reason and a page. Pure."""

from __future__ import annotations

from forms_catalog import comparing_parts
from forms_catalog.comparing import Aspect, Change, Changed

NAMES = {
    "label": "question",
    "note": "note",
    "kind": "kind of answer",
    "options": "choices",
    "unit": "unit",
    "date_format": "date format",
    "validation": "validation",
    "branching": "condition",
    "calculation": "calculation",
    "repeating": "repeats",
    "asks": "answered by a person",
    "identifier": "identifies a person",
    "minimum": "lower limit",
    "maximum": "upper limit",
    "required": "required",
    "initial": "first value",
    "section": "section",
    "translations": "translations",
    "annotation": "annotation",
    "codes": "codes",
    "form": "form",
}
ASPECT_WORDS: dict[Aspect, str] = {
    "meaning": "changed in meaning",
    "rules": "changed in rules",
    "wording": "changed in wording",
    "place": "moved",
}
LONGEST = 60


def summary(changed: Changed) -> str:
    """What is different, the gravest first: 'changed in meaning (unit: mg/dL → g/L); moved (form: a → b)'."""
    parts = [f"renamed from {changed.before.path}"] if changed.renamed else []
    for aspect, words in ASPECT_WORDS.items():
        found = [said(change) for change in changed.changes if change.aspect == aspect]
        if found:
            parts.append(f"{words} ({'; '.join(found)})")
    return "; ".join(parts) or "only written otherwise"


def said(change: Change) -> str:
    """One difference: 'unit: mg/dL → g/L', 'choices: added 9', or only its name where the texts are long."""
    name = NAMES.get(change.what, change.what)
    if change.what == "options" and isinstance(change.before, tuple) and isinstance(change.after, tuple):
        return f"{name}: {_options(change.before, change.after)}"
    one, other = shown(change.before), shown(change.after)
    short = max(len(one), len(other)) <= LONGEST
    return f"{name}: {one or 'none'} → {other or 'none'}" if short else name


def shown(value: object) -> str:
    """A value of a field as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(shown(v) for v in value)
    if value is None:
        return ""
    return " ".join(str(value).split())


def _options(before: tuple[object, ...], after: tuple[object, ...]) -> str:
    found = comparing_parts.options(before, after)  # type: ignore[arg-type]
    parts = []
    for state in ("added", "removed", "recoded", "relabelled"):
        codes = [(o.after or o.before).code for o in found if o.state == state and (o.after or o.before)]  # type: ignore[union-attr]
        if codes:
            more = f" and {len(codes) - 5} more" if len(codes) > 5 else ""
            parts.append(f"{state} {', '.join(codes[:5])}{more}")
    return "; ".join(parts) or "in another order"
