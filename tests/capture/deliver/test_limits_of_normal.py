"""ALT as a multiple of the laboratory's own limit, and back: only with the limit of the same draw, through a slice."""

from __future__ import annotations

from capture.ask.facts import Answer
from capture.deliver.slicing import cut
from forms_catalog.specs import AskSpec, MappingSpec, ReleaseSpec, Source, Step
from tests.capture.deliver.made import facts, fields, small
from tests.occasions import day, occasion


def ratio(element: str, name: str) -> ReleaseSpec:
    """A program that asks for one number worked out from a lab value and its limit."""
    (field,) = fields("alt_x")
    sources = (Source(element), Source("alt-uln"))
    mapping = MappingSpec("study", field.path, "broader", sources, (Step("rollup", {"name": name}),))
    return small(AskSpec(field, mapping, "m@1"))


def delivered(release: ReleaseSpec, *answers: Answer) -> tuple[str, str]:
    at = occasion(release, "study", "M6", 180)
    cell = cut(at, facts(at, *answers), release).rows[0].cells[0]
    return cell.value, cell.note


def drawn(element: str, value: str, visit: int = 7) -> Answer:
    return Answer(element, "", f"v{visit}", value, observed_on=day(180), visit_id=visit, id=f"r-{element}")


def test_a_multiple_of_the_limit_is_worked_out_from_one_draw() -> None:
    release = ratio("alt", "per_limit")
    assert delivered(release, drawn("alt", "60"), drawn("alt-uln", "40")) == ("1.5", "")


def test_without_the_limit_of_that_laboratory_it_stays_blank_with_a_note() -> None:
    value, note = delivered(ratio("alt", "per_limit"), drawn("alt", "60"))
    assert value == ""
    assert "limit of normal is not known for this draw" in note


def test_the_value_comes_back_from_its_multiple_and_the_limit() -> None:
    release = ratio("alt-xuln", "times_limit")
    assert delivered(release, drawn("alt-xuln", "1.5"), drawn("alt-uln", "40"))[0] == "60"
    assert delivered(release, drawn("alt-xuln", "1.5"))[0] == ""


def test_the_limit_of_another_draw_does_not_serve() -> None:
    release = ratio("alt", "per_limit")
    value, note = delivered(release, drawn("alt", "60"), drawn("alt-uln", "40", visit=3))
    assert (value, note) == ("", "the limit of normal is not from the same draw")
