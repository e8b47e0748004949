"""Find the unit a program wrote into a field's label, such as 'Platelets (10^3/uL)', and keep it as written. Pure."""

from __future__ import annotations

import re

from forms_catalog.formats.unit_words import ucum_of

_TRAILING = re.compile(r"(\s*)[(\[]([^()\[\]]{1,40})[)\]]\s*[:?.*]?$")
_SHARE = re.compile(r",\s*(% of [\w\s-]{2,40})$")
_SHAPE = re.compile(r"[A-Za-zµμ%°]{1,12}[0-9]?(?:/[A-Za-zµμ0-9.]{1,12}){1,2}")


def unit_of(label: str, note: str, *, number: bool) -> str:
    """The unit at the end of a label, or else the note where that is nothing but a unit; '' where there is none.

    For a `number` an unknown ratio (nmol/h) counts as a unit too; any other field needs one that is known.
    """
    found = _TRAILING.search(label[-80:])
    if found and _is_unit(found[2].strip(), number=number, glued=not found[1]):
        return found[2].strip()
    share = _SHARE.search(label[-80:]) if number else None
    if share:
        return share[1].strip()
    text = note.strip().strip("()")
    return text if number and ucum_of(text) else ""


def _is_unit(text: str, *, number: bool, glued: bool) -> bool:
    if glued and len(text) == 1 and text != "%":
        return False  # "test(s)" is a plural, not seconds
    return bool(ucum_of(text)) or (number and bool(_SHAPE.fullmatch(text)))
