"""The widgets of the visit form: name, kind, choices and what stands in each. Used by visit_form and visit_records."""

from __future__ import annotations

from dataclasses import dataclass

from capture.ask.asksheet import Question
from capture.ask.facts import Entry
from forms_catalog.specs import Option

RADIO_LIMIT = 7


@dataclass(frozen=True, slots=True)
class Box:
    """One widget: its form name, id, kind (radio, select, checks, date, number, text) and what stands in it."""

    name: str
    missing_name: str
    html_id: str
    widget: str
    options: tuple[Option, ...]
    value: str
    missing: str
    errors: tuple[str, ...]

    @property
    def chosen(self) -> list[str]:
        return self.value.split("|")


def box_of(question: Question, entry: Entry, name: str, missing_name: str, errors: tuple[str, ...]) -> Box:
    """The widget of a question under its name in the form."""
    value = "" if entry.confirmed else entry.value
    return Box(name, missing_name, id_of(name), widget_of(question), question.options, value, entry.missing, errors)


def choice_of(options: tuple[Option, ...], entry: Entry, name: str, errors: tuple[str, ...] = ()) -> Box:
    """One of a few, or a text where there are none."""
    shown = f"rm.{name.removeprefix('r.')}"  # posted always, so that taking a choice back is noticed
    return Box(name, shown, id_of(name), "radio" if options else "text", options, entry.value, "", errors)


def id_of(name: str) -> str:
    """A form name as an HTML id."""
    return "q-" + "".join(c if c.isalnum() else "-" for c in name)


def widget_of(question: Question) -> str:
    """The widget that fits an answer: radio up to seven options, else a list."""
    if question.datatype == "multichoice":
        return "checks"
    if question.datatype == "choice":
        return "radio" if len(question.options) <= RADIO_LIMIT else "select"
    if question.datatype in ("integer", "decimal"):
        return "number"
    return "date" if question.datatype == "date" else "text"
