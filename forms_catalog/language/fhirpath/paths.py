"""FHIRPath steps such as %resource.item.where(linkId = 'x').answer.value.code to the answer they read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from forms_catalog.language.fhirpath.building import Answer
from forms_catalog.language.fhirpath.grammar import Tree
from forms_catalog.language.tree import LogicError

Find = Callable[[str], Answer | None]
_TREE = frozenset(
    {"item", "QuestionnaireResponse", "resource", "context", "descendants", "repeat", "answer", "children"}
)
_SAME = frozenset(
    {"first", "last", "single", "toInteger", "toDecimal", "toString", "toBoolean", "ofType", "as", "trim"}
)
_WEIGHTS = frozenset({"ordinalValue", "itemWeight", "questionnaire-ordinalValue"})


@dataclass(frozen=True, slots=True)
class Path:
    """The answers of one item: `part` is item, answer, value, code, display or weight; `only` keeps some codes."""

    answer: Answer
    part: str = "item"
    only: tuple[str, ...] | None = None


def unsupported(what: str) -> LogicError:
    """An expression this project does not understand: it is kept as the file has it."""
    return LogicError("unsupported", f"The FHIRPath expression uses {what[:60]}, which is not translated here.")


def path_of(steps: tuple[Tree, ...], find: Find) -> tuple[Path, tuple[Tree, ...]]:
    """The path and the steps left after it. Raises LogicError('unsupported' or 'unknown_item')."""
    at = _start(steps)
    link = _link_of(steps[at])
    answer = find(link)
    if answer is None and steps[at + 1 : at + 2] == (("name", "item"),):
        return path_of((("variable", "resource"), *steps[at + 1 :]), find)  # a group on the way
    if answer is None:
        raise LogicError("unknown_item", f"The expression reads item {link[:60]!r}, which is not in the file.")
    found, at = Path(answer), at + 1
    while at < len(steps):
        further = _further(found, steps[at])
        if further is None:
            break
        if steps[at][0] == "call" and steps[at][1] == "where" and found.part == "item":
            break
        found, at = further, at + 1
        if found.part == "item" and at < len(steps):
            return path_of((("variable", "resource"), *steps[at - 1 :]), find)  # a nested item is meant
    return found, steps[at:]


def _start(steps: tuple[Tree, ...]) -> int:
    """Where the step stands that names the item; before it are only steps through the answers' tree."""
    for at, step in enumerate(steps):
        if step[0] == "call" and step[1] == "where" and at:
            return at
        if step[0] not in ("name", "variable", "call") or step[1] not in _TREE:
            break
    shown = steps[0][1] if steps[0][0] in ("name", "variable", "call") else "an expression in brackets"
    raise unsupported(f"%{shown}" if steps[0][0] == "variable" else str(shown))


def _link_of(step: Tree) -> str:
    match step[2]:
        case (("op", "=" | "~", (("path", (("name", "linkId"),)), ("text", link))),):
            return str(link)
        case (("op", "=" | "~", (("text", link), ("path", (("name", "linkId"),)))),):
            return str(link)
    raise unsupported("a where() that names no linkId")


def _further(path: Path, step: Tree) -> Path | None:
    """The path one step on, or None where the step is no part of a path."""
    match step:
        case ("name", "item"):
            return replace(path, part="item")
        case ("name", "answer"):
            return replace(path, part="answer")
        case ("name", str(name)) if name.startswith("value") and path.part in ("answer", "weight", "value"):
            return path if path.part == "weight" else replace(path, part="value")
        case ("name", "code" | "display") if path.part == "value":
            return replace(path, part=step[1])
        case ("call", "where", (criterion,)) if path.part in ("answer", "value"):
            return replace(path, only=codes_of(criterion))
        case ("call", "extension", (("text", str(url)),)) if path.part in ("value", "answer"):
            return replace(path, part="weight") if url.rsplit("/", 1)[-1] in _WEIGHTS else None
        case ("call", "ordinal" | "weight", ()) if path.part in ("answer", "value"):
            return replace(path, part="weight")
        case ("call", str(name), _) if name in _SAME:
            return path
        case ("index", ("number", "0")):
            return path
    return None


def codes_of(criterion: Tree) -> tuple[str, ...]:
    """The codes a where() keeps: value.code = 'a', or several of them with 'or'."""
    match criterion:
        case ("op", "or", parts):
            return tuple(code for part in parts for code in codes_of(part))
        case ("op", "=" | "~", (("path", steps), ("text", code))) if _names_code(steps):
            return (str(code),)
        case ("op", "=" | "~", (("text", code), ("path", steps))) if _names_code(steps):
            return (str(code),)
    raise unsupported("a where() on something else than a code")


def _names_code(steps: tuple[Tree, ...]) -> bool:
    names = [step[1] for step in steps if step[0] in ("name", "variable") and step[1] not in ("$this", "answer")]
    return len(names) > 0 and all(n in ("value", "valueCoding", "code", "valueString", "coding") for n in names)
