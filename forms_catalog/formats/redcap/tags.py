"""Action tags of REDCap's field annotation: who fills the field in, and calculations written as tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_TAG = re.compile(r"@[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")
_DEFAULT = re.compile(r"@DEFAULT\s*=\s*('[^']*'|\"[^\"]*\")")
_NOBODY = frozenset({"@HIDDEN", "@READONLY", "@CALCTEXT", "@CALCDATE"})


@dataclass(frozen=True, slots=True)
class Tags:
    """What the annotation says: `asks` is False where no person can answer; `calculation` is the tag's expression.

    `initial` is the text of @DEFAULT, which may name fields in brackets.
    """

    asks: bool
    calculation: str = ""
    initial: str = ""


NONE = Tags(asks=True)


def tags_of(annotation: str) -> Tags:
    """Read the tags. Those inside @IF(...) depend on data, so the field is taken as asked."""
    if "@" not in annotation:
        return NONE
    plain = _without_conditional(annotation)
    found = set(_TAG.findall(_QUOTED.sub("", plain)))
    default = _DEFAULT.search(plain)
    return Tags(
        asks=not (_NOBODY & found) and not _closed(found),
        calculation=_calculation(plain),
        initial=default[1][1:-1] if default else "",
    )


def _closed(found: set[str]) -> bool:
    """Closed to staff on the form and to participants on the survey: then nobody is left to answer."""
    return bool({"@HIDDEN-FORM", "@READONLY-FORM"} & found) and bool({"@HIDDEN-SURVEY", "@READONLY-SURVEY"} & found)


def _without_conditional(annotation: str) -> str:
    kept, at = [], 0
    while (start := annotation.find("@IF(", at)) >= 0:
        kept.append(annotation[at:start])
        at = start + 4 + len(_argument(annotation, start + 4)) + 1
    return "".join([*kept, annotation[at:]])


def _calculation(annotation: str) -> str:
    start = annotation.find("@CALCTEXT(")
    if start >= 0:
        return _argument(annotation, start + 10).strip()
    start = annotation.find("@CALCDATE(")
    return f"calcdate({_argument(annotation, start + 10)})" if start >= 0 else ""


def _argument(text: str, start: int) -> str:
    """The text from `start` up to the bracket that closes the one just before it, quotes respected."""
    depth, quote = 1, ""
    for position in range(start, len(text)):
        char = text[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += (char == "(") - (char == ")")
        if depth == 0:
            return text[start:position]
    return text[start:]
