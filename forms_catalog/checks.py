"""System checks of the shipped content: read at start, so that a broken catalog or decision stops `manage.py check`.

E001 unreadable, E002 names nothing, E003 unknown reuse, E004 roll-ups differ from the code, E007 a listed conversion
cannot be true: at every start.
E005 a program does not fit its schedule, E006 a decision does not fit its program: with `check --deploy`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register

from forms_catalog import decisions, formats, intake_schedule, starter
from forms_catalog.specs import ElementSpec
from forms_catalog.transforms import ROLLUPS, unit_lists

CATALOG = "forms_catalog/content/catalog.json"


@register("content")
def check_catalog(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The catalog reads, and everything it names exists."""
    try:
        elements, groups = starter.elements(), starter.record_groups()
        defined = set(_json("catalog.json")["reuse_values"])
        approved = {row["name"] for row in _json("rollups.json")["rollups"]}
    except (starter.StarterError, OSError, ValueError, KeyError, TypeError) as error:
        return [Error(f"The shipped catalog cannot be read: {error}", obj=CATALOG, id="forms_catalog.E001")]
    found: list[CheckMessage] = list(_dangling(elements.values(), set(elements), set(groups)))
    for group in groups.values():
        missing = {group.date, group.end, *group.fields, *group.summaries} - {"", *elements}
        found += [
            _error("E002", f"group {group.id}", f"names {name}, which is no element.") for name in sorted(missing)
        ]
    for element in elements.values():
        found += [_error("E007", element.id, f"lists {text}") for text in unit_lists.contradictions(element)]
        if element.reuse not in defined:
            found.append(_error("E003", element.id, f"has the reuse '{element.reuse}', which is not defined."))
    if approved != set(ROLLUPS):
        names = ", ".join(sorted(approved ^ set(ROLLUPS)))
        found.append(_error("E004", "rollups.json", f"and the code differ in {names}. Bring both together."))
    return found


def _json(name: str) -> Any:
    return json.loads((starter.CONTENT / name).read_bytes())


def _dangling(elements: Any, ids: set[str], groups: set[str]) -> Iterator[CheckMessage]:
    """Elements that name an element or a group that is not there."""
    for element in elements:
        for name in sorted(_named(element) - ids):
            yield _error("E002", element.id, f"names {name}, which is no element.")
        for name in sorted({element.group, element.summary_of} - {"", *groups}):
            yield _error("E002", element.id, f"names the record group {name}, which is not there.")


def _named(element: ElementSpec) -> set[str]:
    return {element.detail_of, *element.do_not_merge_with} - {""}


def _error(number: str, what: str, text: str) -> CheckMessage:
    return Error(f"{what} {text}", obj=CATALOG, id=f"forms_catalog.{number}")


@register("content", deploy=True)
def check_programs(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every shipped program reads with its schedule, and its recorded decisions fit it. Takes about a second."""
    return [message for code in starter.program_codes() for message in _program(code)]


def _program(code: str) -> Iterator[CheckMessage]:
    try:
        dictionary = formats.read(starter.program_csv(code), code)
        _, problems = intake_schedule.read(starter.schedule_json(code), code, dictionary)
    except (formats.UnreadableFile, intake_schedule.IntakeError, OSError) as error:
        yield _error("E005", code, f"cannot be taken in: {error}")
        return
    wrong = [p for p in problems if p.severity == "error" or p.code in ("form_missing", "form_never_due")]
    for problem in wrong:
        yield _error("E005", code, problem.message)
    texts = starter.decision_texts(code)
    if texts is None:
        return
    for problem in decisions.read(*texts, dictionary, starter.elements()).problems:
        if problem.severity == "error":
            yield _error("E006", f"decisions of {code}", f"{problem.path}: {problem.message}")
