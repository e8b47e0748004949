"""The rules of an R4 Questionnaire that fhir.resources does not check: codes, and que-0 to que-13."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

TYPES = {"group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url"}
TYPES |= {"choice", "open-choice", "attachment", "reference", "quantity"}
OPERATORS = {"exists", "=", "!=", ">", "<", ">=", "<="}
SIMPLE = {"boolean", "decimal", "integer", "string", "text", "url", "open-choice"}
Json = dict[str, Any]


def walk(items: list[Json]) -> Iterator[Json]:
    for item in items:
        yield item
        yield from walk(item.get("item", []))


def broken_rules(body: Json) -> list[str]:
    """What R4 does not allow, each as 'rule linkId'."""
    items = list(walk(body.get("item", [])))
    links = Counter(item.get("linkId", "") for item in items)
    found = [f"que-2 {link}" for link, count in links.items() if count > 1 or not link.strip()]
    found += ["status"] if body.get("status") not in ("draft", "active", "retired", "unknown") else []
    found += ["que-0"] if not re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", body.get("name", "A")) else []
    found += ["url"] if not re.fullmatch(r"(https?://|urn:)\S+", body.get("url", "")) else []
    for item in items:
        found += [f"{rule} {item['linkId']}" for rule in _of_item(item)]
        found += [f"{rule} {item['linkId']}" for rule in _of_conditions(item, set(links))]
    return found


def _of_item(item: Json) -> Iterator[str]:
    type_, shown = item.get("type"), item.get("type") == "display"
    checks = {
        "type": type_ not in TYPES,
        "que-1": (type_ == "group") != bool(item.get("item")) and (type_ in ("group", "display")),
        "que-3": shown and "code" in item,
        "que-4": "answerOption" in item and "answerValueSet" in item,
        "que-5": "answerOption" in item and type_ not in ("choice", "open-choice"),
        "que-6": shown and (item.get("required") or item.get("repeats")),
        "que-8": "initial" in item and type_ in ("group", "display"),
        "que-9": shown and item.get("readOnly"),
        "que-10": "maxLength" in item and type_ not in SIMPLE,
        "que-11": "answerOption" in item and "initial" in item,
        "que-12": len(item.get("enableWhen", [])) > 1 and "enableBehavior" not in item,
        "que-13": len(item.get("initial", [])) > 1 and not item.get("repeats"),
        "selected": sum(o.get("initialSelected", False) for o in item.get("answerOption", [])) > 1
        and not item.get("repeats"),
        "empty": any(value in ("", [], {}, None) for value in item.values()),
    }
    return (rule for rule, broken in checks.items() if broken)


def _of_conditions(item: Json, links: set[str]) -> Iterator[str]:
    if item.get("enableBehavior", "all") not in ("all", "any"):
        yield "enableBehavior"
    for rule in item.get("enableWhen", []):
        answers = [key for key in rule if key.startswith("answer")]
        if rule.get("operator") not in OPERATORS or len(answers) != 1 or rule.get("question") not in links:
            yield "enableWhen"
        if (rule.get("operator") == "exists") and answers != ["answerBoolean"]:
            yield "que-7"
        if rule.get("operator") in (">", "<", ">=", "<=") and answers[0] in ("answerCoding", "answerBoolean"):
            yield "order"
