"""The XForm submission, read back as a server would that knows the form made of the exported XLSForm only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from pyxform.xls2xform import convert

from capture.deliver import slicing, xform_file
from capture.deliver.slices import CellOut, Row, Slice
from forms_catalog import formats
from forms_catalog.specs import DictionarySpec, FieldSpec, Option
from tests.capture.deliver import delivered
from tests.releases import ALL

X = "{http://www.w3.org/2002/xforms}"
META = {"instanceID", "deprecatedID", "instanceName"}  # of the block that OpenRosa and ODK define beside the form
UUID, BEFORE = "5c1f4d4e-0000-4000-8000-000000000001", "5c1f4d4e-0000-4000-8000-000000000000"
Tree = ElementTree.Element
Values = dict[tuple[str, str], str]


def written(slice_: Slice, spec: DictionarySpec, replaces: str = "") -> bytes:
    return xform_file.write(slice_, spec, instance=UUID, replaces=replaces)


class Server:
    """Set up from the XForm that pyxform makes of the exported XLSForm."""

    def __init__(self, spec: DictionarySpec) -> None:
        form = ElementTree.fromstring(
            convert(formats.write(spec, "xlsform").data, validate=False, file_type=".xlsx").xform
        )
        primary = next(form.iter(f"{X}instance"))[0]
        self.root = (primary.tag.removeprefix(X), primary.get("id"), primary.get("version"))
        self.paths = set(paths(primary, f"/{primary.tag}"))
        self.repeats = {r.get("nodeset", "") for r in form.iter(f"{X}repeat")} - {""}
        self.types = {b.get("nodeset", ""): b.get("type", "") for b in form.iter(f"{X}bind")}
        self.several = {s.get("ref", "") for s in form.iter(f"{X}select")}
        self.months = {i.get("ref") for i in form.iter(f"{X}input") if "month-year" in i.get("appearance", "")}

    def take(self, data: bytes) -> Values:
        """(question, repeat) → value of a submission; fails where the form has no such place, or not twice."""
        root = ElementTree.fromstring(data)
        assert (root.tag, root.get("id"), root.get("version")) == self.root
        meta = root.find("meta")
        assert meta is not None
        assert {one.tag for one in meta} <= META
        root.remove(meta)
        return dict(self._inside(root, f"/{root.tag}", ""))

    def _inside(self, holder: Tree, path: str, instance: str) -> Iterator[tuple[tuple[str, str], str]]:
        seen: dict[str, int] = {}
        for one in holder:
            here = f"{path}/{one.tag}"
            seen[here] = seen.get(here, 0) + 1
            assert here in self.paths
            assert seen[here] == 1 or here in self.repeats
            if len(one):
                yield from self._inside(one, here, str(seen[here]) if here in self.repeats else instance)
            else:
                assert one.text, "blanks are left out"
                yield (one.tag, instance), self._value(here, one.text)

    def _value(self, path: str, text: str) -> str:
        """As delivered.values has it: codes with commas between, a month without its day."""
        if path in self.several:
            return text.replace(" ", ",")
        if self.types[path] == "date":
            assert len(text) == 10
        return text[:7] if path in self.months else text


def paths(node: Tree, path: str) -> Iterator[str]:
    path = path.replace(X, "")
    yield path
    for one in node:
        yield from paths(one, f"{path}/{one.tag}")


@pytest.mark.parametrize("program", ALL)
def test_every_value_of_a_made_up_patient_is_there_once_where_the_form_has_it(program: str) -> None:
    spec, slices = delivered.of_shipped(program)
    made, taken = Server(spec), 0
    for slice_ in slices:
        found = made.take(written(slice_, spec))
        assert found == delivered.values(slice_)
        taken += len(found)
    assert taken > 30, "too few values to say anything"


def test_a_form_that_repeats_is_a_repeat_there_once_a_record_in_order() -> None:
    spec, first, later = delivered.of_repeats()
    made = Server(spec)
    assert made.repeats == {"/data/infections/repeat"}
    for slice_, numbers in ((first, ["1", "2"]), (later, ["1", "2", "3"])):
        found = made.take(written(slice_, spec))
        assert [number for name, number in found if name == "inf_dt"] == numbers
        assert found == delivered.values(slice_)


def meta(data: bytes) -> dict[str, str | None]:
    found = ElementTree.fromstring(data).find("meta")
    assert found is not None
    return {one.tag: one.text for one in found}


def test_it_names_the_delivery_the_one_it_replaces_and_the_report() -> None:
    spec, slice_, _ = delivered.of_repeats()
    assert meta(written(slice_, spec)) == {"instanceID": f"uuid:{UUID}", "instanceName": "1001 M6"}
    second = replace(slice_, entry_code="INF", number=2)
    assert meta(written(second, spec, BEFORE)) == {
        "instanceID": f"uuid:{UUID}",
        "deprecatedID": f"uuid:{BEFORE}",
        "instanceName": "1001 INF#2",
    }
    assert written(slice_, spec) == written(slice_, spec)


def test_a_report_that_was_entered_in_error_holds_nothing() -> None:
    spec, slice_, _ = delivered.of_repeats()
    gone = written(slicing.withdraw(slice_, "wrong patient"), spec, BEFORE)
    assert Server(spec).take(gone) == {}
    assert meta(gone)["deprecatedID"] == f"uuid:{BEFORE}"


def test_what_the_form_has_no_place_for_is_refused() -> None:
    spec, slice_, _ = delivered.of_repeats()
    with pytest.raises(ValueError, match="own number"):
        written(replace(slice_, subject_id=""), spec)
    with pytest.raises(ValueError, match="no field inf_org"):
        written(slice_, replace(spec, fields=spec.fields[:-1]))


def one_field(field: FieldSpec, cell: CellOut) -> tuple[Slice, DictionarySpec]:
    """A slice of one more field beside the person's number."""
    spec, slice_, _ = delivered.of_repeats()
    row = Row(field.form, "", "", (cell,))
    return replace(slice_, rows=(row,)), replace(spec, fields=(spec.fields[0], field, *spec.fields[1:]))


CODES = (Option("a b", "A"), Option("a_b", "B"), Option("-9", "Not known"))


@pytest.mark.parametrize(
    ("kind", "value", "more", "text"),
    [
        ("multichoice", "a b|-9", {"multiple": ("a b", "a_b", "-9")}, "a_b_2 -9"),
        ("choice", "a b", {}, "a_b_2"),
        ("date", "03-2025", {"date_format": "my"}, "2025-03-01"),
        ("date", "2025", {"date_format": "my"}, "2025"),
        ("date", "30-06-2025", {"date_format": "dmy"}, "2025-06-30"),
        ("datetime", "30-06-2025 10:15", {"date_format": "dmy"}, "2025-06-30T10:15:00"),
        ("time", "08:00", {}, "08:00:00"),
        ("text", "10:15", {}, "10:15"),
        ("text", "a < b & bell \x07", {}, "a < b & bell \ufffd"),
    ],
)
def test_a_value_is_written_as_an_odk_form_keeps_it(kind: str, value: str, more: dict[str, str], text: str) -> None:
    field = FieldSpec("p", "1 q", "visit", "Q", kind, 1, 1, options=CODES if kind in ("choice", "multichoice") else ())
    cell = CellOut("p", "1 q", "visit", "", "Q", value, "given", **more)  # type: ignore[arg-type]
    slice_, spec = one_field(field, cell)
    (found,) = ElementTree.fromstring(written(slice_, spec)).iter("q_1_q")
    assert found.text == text
    assert "/data/visit/q_1_q" in Server(spec).paths


def test_groups_that_come_again_keep_the_names_of_the_form() -> None:
    spec, slice_, _ = delivered.of_repeats()
    extra = FieldSpec("again", "again", "visit", "Again", "text", 9, 9, section="Part")
    cell = CellOut("again", "again", "visit", "Part", "Again", "yes", "given")
    longer = replace(spec, fields=(*spec.fields, extra))
    data = written(replace(slice_, rows=(*slice_.rows, Row("visit", "", "", (cell,)))), longer)
    assert ElementTree.fromstring(data).findtext("visit_2/Part/again") == "yes"
    assert Server(longer).take(data)[("again", "")] == "yes"
