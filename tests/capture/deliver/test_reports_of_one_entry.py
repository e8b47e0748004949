"""Two malignancies give two reports of one entry: every format tells them apart; a withdrawal takes its own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from capture.ask.facts import Entry, Record
from capture.deliver import data_files, fhir_file, odm_file, redcap_file, slices, slicing, xform_file
from capture.deliver.slices import Slice, content_sha
from capture.enter import occasions
from capture.enter.occasions import Report
from capture.models import Delivery, Occurrence, Patient, Timepoint
from forms_catalog import exporting, serial
from forms_catalog.specs import DictionarySpec
from forms_catalog.specs.triggers import TriggerSpec
from tests import occasions as days
from tests.capture.deliver import delivered, made
from tests.forms_catalog.formats.odm_schemas import faults
from tests.world import TODAY, World

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
AWARE = datetime(2026, 5, 30, 22, 30, tzinfo=UTC)
TRIGGER = TriggerSpec("INF", "Infection", group="infection", due_days=1)
Line = dict[str, str]


def spec() -> DictionarySpec:
    """The dictionary of the small program, in which each infection opens a report."""
    program = delivered.REPEATING.programs["study"]
    fields = [a.field for a in program.asks]
    return exporting.program("study", "A study", 1, fields, program.entries, [TRIGGER]).spec


def report(number: int, *records: Record, taken: dict[str, int] | None = None) -> Slice:
    """The report about record `number`, on the day the site was aware of it."""
    at = days.occasion(delivered.REPEATING, "study", "M6", 380, last=183)
    about = replace(
        at, entry_code="INF", label=f"Infection {number}", kind="triggered", record=str(number), number=number
    )
    known = records or (delivered.infection(1, 330, "4"), delivered.infection(2, 350, "3"))
    patient = made.facts(about, made.own_id(about), records=known, identified=True)
    return slicing.cut(about, patient, delivered.REPEATING, instances=taken)


def lines(*found: Slice) -> list[Line]:
    return list(csv.DictReader(io.StringIO(redcap_file.write(found).decode())))


def event(data: bytes) -> ElementTree.Element:
    (found,) = ElementTree.fromstring(data).iter(f"{ODM}StudyEventData")
    return found


def odm(slice_: Slice) -> bytes:
    return odm_file.write(slice_, spec(), file_oid="x", created=delivered.MADE_AT)


def test_in_the_import_file_the_number_is_the_instance_of_the_form_under_one_event() -> None:
    found = lines(report(1), report(2))
    places = [
        tuple(f[k] for k in ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")) for f in found
    ]
    assert places == [
        ("infection_arm_1", "infections", "1"),
        ("infection_arm_1", "infections", "2"),
    ]
    assert [f["inf_gr"] for f in found] == ["4", "3"]


def test_in_odm_the_number_is_the_repeat_key_of_an_event_that_repeats() -> None:
    for number in (1, 2):
        data = odm(report(number))
        assert dict(event(data).attrib) == {"StudyEventOID": "INF", "StudyEventRepeatKey": str(number)}
        assert faults(data, "odm") == []
    removed = event(odm(slicing.withdraw(report(2), "wrong patient")))
    assert (removed.get("StudyEventRepeatKey"), removed.get("TransactionType")) == ("2", "Remove")


def test_in_fhir_the_number_is_part_of_the_encounters_identifier() -> None:
    found = [json.loads(fhir_file.write(report(n), spec(), identifier="x", authored=delivered.MADE_AT)) for n in (1, 2)]
    assert [f["encounter"]["identifier"]["value"] for f in found] == ["INF#1", "INF#2"]
    groups = [item["id"] for f in found for item in f["item"] if "id" in item]
    assert groups == ["infections-1", "infections-2"]


def instance_names() -> Iterator[str]:
    for number in (1, 2):
        found = ElementTree.fromstring(xform_file.write(report(number), spec(), instance=str(uuid4())))
        yield found.findtext("meta/instanceName", "")


def test_in_an_xform_submission_the_number_is_part_of_the_instances_name() -> None:
    assert [*instance_names()] == ["1001 INF#1", "1001 INF#2"]


def test_a_withdrawal_blanks_only_its_own_instance() -> None:
    taken_back = slicing.withdraw(report(2), "wrong patient")
    found = list(csv.DictReader(io.StringIO(redcap_file.write([taken_back], before=report(2)).decode())))
    assert {f["redcap_repeat_instance"] for f in found} == {"2"}
    assert {f["inf_gr"] for f in found} == {""}


def test_the_number_names_a_second_report_and_leaves_the_name_of_the_first_and_of_others_as_it_was() -> None:
    first, second = report(1), report(2)
    assert content_sha(first) == content_sha(replace(first, number=0))
    assert content_sha(second) != content_sha(replace(second, number=0))
    _, plain, _ = delivered.of_repeats()
    assert plain.number == 0


def test_what_was_stored_before_reports_had_numbers_is_read_and_its_place_is_another() -> None:
    stored = serial.dump(report(2))
    del stored["number"]
    old = slices.load(stored)
    assert (old.number, old.report) == (0, "INF")
    whole = list(csv.DictReader(io.StringIO(redcap_file.write([report(2)], before=old).decode())))
    assert [f["inf_gr"] for f in whole if f["redcap_repeat_instrument"]] == ["3"]
    assert report(2, taken={"infections/2": 1}).rows[-1].instance == "2"


def test_other_records_inside_a_later_report_have_numbers_that_no_other_report_uses() -> None:
    told = (delivered.infection(1, 330, "4"), delivered.infection(2, 350, "3"))
    numbers = {}
    for report_number in (1, 2):
        at = days.occasion(delivered.REPEATING, "study", "M6", 380, last=183)
        about = replace(at, kind="triggered", record="99", number=report_number)
        cut = slicing.cut(about, made.facts(about, made.own_id(about), records=told), delivered.REPEATING)
        numbers[report_number] = [r.instance for r in cut.rows if r.instance]
    assert numbers == {1: ["1", "2"], 2: ["1001", "1002"]}


@dataclass
class Malignancies:
    """A patient with two malignancies saved one after the other, each reported to a registry."""

    world: World
    patient: Patient

    def save(self, day: str) -> None:
        values = {"new-malignancy-date": Entry(day), "new-malignancy-type": Entry("t-cell")}
        made = Report(uuid4(), "malignancy", values, AWARE, None)
        occasions.save(self.patient, made, actor=self.world.actor("alice"), today=TODAY)

    def last(self, number: int) -> Delivery:
        """The newest revision of the registry's report about one of them."""
        point = Timepoint.objects.get(entry_code="MALIG", cycle=number)
        return Delivery.objects.filter(timepoint=point).latest("revision")


@pytest.fixture
def malignancies(car_world: World) -> Malignancies:
    made = Malignancies(car_world, Patient.objects.get())
    made.save("2026-05-20")
    made.save("2026-05-21")
    return made


@pytest.mark.django_db
def test_a_malignancy_entered_in_error_is_taken_back_and_the_other_one_stands(malignancies: Malignancies) -> None:
    assert [slices.load(malignancies.last(n).payload).number for n in (1, 2)] == [1, 2]
    wrong = Occurrence.objects.get(group="malignancy", ordinal=2)
    alice = malignancies.world.actor("alice")
    occasions.cancel(malignancies.patient, wrong, actor=alice, reason="wrong patient", today=TODAY)
    stands, gone = malignancies.last(1), malignancies.last(2)
    assert (stands.revision, gone.revision) == (1, 2)
    for row, number, removes in ((stands, "1", None), (gone, "2", "Remove")):
        row.payload = {**row.payload, "subject_id": "1001"}
        found = event(data_files.write(row, "odm"))
        assert (found.get("StudyEventRepeatKey"), found.get("TransactionType")) == (number, removes)
        (line,) = lines(slices.load(row.payload))
        assert (line["redcap_event_name"], line["redcap_repeat_instance"]) == ("new_malignancy_arm_1", number)
