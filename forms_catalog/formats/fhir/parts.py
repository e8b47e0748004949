"""Safe access to the parts of FHIR JSON, whatever stands there: texts, lists, value[x], extensions, translations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

from forms_catalog.formats.html_text import plain

Json = dict[str, Any]
OWN = "https://askonce.example/fhir/StructureDefinition/"  # what FHIR has no element for, written by this product
_PREFIXES = ("sdc-questionnaire-", "questionnaire-")
MAX_TEXT = 1_000_000  # what FHIR allows a string


def text(value: Any) -> str:
    """A primitive as text; '' for anything else. Booleans are 'true' and 'false', decimals keep their zeros."""
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, int | float) else ""


def shown(value: Any) -> str:
    """A text as people read it: one line, without markup."""
    return plain(text(value))


def is_true(value: Any) -> bool:
    """JSON true, or the word where a file has it as a text."""
    return value is True or value == "true"


def dicts(value: Any) -> list[Json]:
    """The objects in a list; a single object where a list was meant counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def node_of(value: Any) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def value_of(node: Json, prefix: str = "value") -> tuple[str, Any]:
    """('Coding', {...}) of valueCoding; ('', None) where there is none."""
    for key, value in node.items():
        if key.startswith(prefix) and len(key) > len(prefix) and key[len(prefix)].isupper():
            return key[len(prefix) :], value
    return "", None


def extensions(node: Json) -> dict[str, Json]:
    """The extensions by the last part of their address without questionnaire-, the first of each; own ones as own:…"""
    found: dict[str, Json] = {}
    for extension in dicts(node.get("extension")) if "extension" in node else ():
        found.setdefault(_short(text(extension.get("url"))[:300]), extension)
    return found


@lru_cache(maxsize=256)
def _short(url: str) -> str:
    if url.startswith(OWN):
        return "own:" + url[len(OWN) :]
    name = url.rsplit("/", 1)[-1]
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def extended(node: Json, name: str) -> Any:
    """The value of one extension, or None."""
    found = extensions(node).get(name)
    return value_of(found)[1] if found else None


def translations(node: Json, key: str) -> Iterator[tuple[str, str]]:
    """(language, text) of each translation extension of a primitive, which stand under _key."""
    beside = node.get(f"_{key}")
    for extension in dicts(beside.get("extension")) if isinstance(beside, dict) else ():
        if _short(text(extension.get("url"))) == "translation":
            parts = extensions(extension)
            language = text(value_of(parts.get("lang", {}))[1])
            content = text(value_of(parts.get("content", {}))[1])
            if language and content:
                yield language[:40], content


def compact(value: Any) -> str:
    """The value as JSON on one line, for evidence."""
    return json.dumps(value, ensure_ascii=False, default=text, separators=(",", ":"))
