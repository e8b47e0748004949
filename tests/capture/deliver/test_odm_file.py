"""The ODM file, read back as a system would that knows the exported dictionary only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

import pytest

from capture.deliver import odm_file, slicing
from capture.deliver.slices import Slice
from forms_catalog import formats
from forms_catalog.specs import DictionarySpec
from tests.capture.deliver import delivered
from tests.forms_catalog.formats.odm_schemas import faults

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
Tree = ElementTree.Element


def written(slice_: Slice, spec: DictionarySpec) -> bytes:
    return odm_file.write(slice_, spec, file_oid="delivery-1", created=delivered.MADE_AT)


def references(dictionary: Tree, kind: str, of: str) -> dict[str, set[str]]:
    """OID of each definition of a kind → the OIDs it refers to."""
    defs = dictionary.iter(f"{ODM}{kind}Def")
    return {d.get("OID", ""): {r.get(f"{of}OID", "") for r in d.iter(f"{ODM}{of}Ref")} for d in defs}


class Importing:
    """A system that was set up from the exported dictionary."""

    def __init__(self, spec: DictionarySpec) -> None:
        found = ElementTree.fromstring(formats.write(spec, "odm").data)
        self.study = next(iter(found.iter(f"{ODM}Study"))).get("OID")
        self.version = next(iter(found.iter(f"{ODM}MetaDataVersion"))).get("OID")
        self.events = references(found, "StudyEvent", "Form")
        self.forms = references(found, "Form", "ItemGroup")
        self.groups = references(found, "ItemGroup", "Item")
        self.repeating = {g.get("OID") for g in found.iter(f"{ODM}ItemGroupDef") if g.get("Repeating") == "Yes"}

    def take(self, data: bytes) -> Iterator[tuple[tuple[str, str], str]]:
        """((item, repeat key), value) of everything in the file; fails where the dictionary has no such place."""
        (clinical,) = ElementTree.fromstring(data).iter(f"{ODM}ClinicalData")
        assert (clinical.get("StudyOID"), clinical.get("MetaDataVersionOID")) == (self.study, self.version)
        (event,) = clinical.iter(f"{ODM}StudyEventData")
        for form in event:
            assert form.get("FormOID") in self.events[event.get("StudyEventOID", "")]
            for group in form:
                oid, key = group.get("ItemGroupOID", ""), group.get("ItemGroupRepeatKey", "")
                assert oid in self.forms[form.get("FormOID", "")]
                assert bool(key) == (oid in self.repeating)
                for item in group:
                    assert item.get("ItemOID") in self.groups[oid]
                    yield (item.get("ItemOID", ""), key), item.get("Value", "")


@pytest.mark.parametrize("program", delivered.PROGRAMS)
def test_every_value_of_a_made_up_patient_is_there_once_and_fits_the_exported_dictionary(program: str) -> None:
    spec, slices = delivered.of_shipped(program)
    system, taken = Importing(spec), 0
    for slice_ in slices:
        found = list(system.take(written(slice_, spec)))
        assert max(Counter(place for place, _ in found).values()) == 1
        assert dict(found) == delivered.values(slice_)
        taken += len(found)
    assert taken > 150, "too few values to say anything"
    assert faults(written(slices[-1], spec), "odm") == []


def test_repeat_keys_are_the_instances_of_the_import_file_and_stay_over_a_revision() -> None:
    spec, first, later = delivered.of_repeats()
    system = Importing(spec)
    for slice_, keys in ((first, ["1", "2"]), (later, ["1", "2", "3"])):
        found = list(system.take(written(slice_, spec)))
        assert [key for (oid, key), _ in found if oid == "inf_dt"] == keys == delivered.redcap_instances(slice_)
        assert dict(found) == delivered.values(slice_)
        assert len(found) == len(delivered.values(slice_))
    before, after = dict(system.take(written(first, spec))), dict(system.take(written(later, spec)))
    assert before.items() < after.items()


def test_the_file_is_valid_for_the_schema_and_the_same_each_time() -> None:
    spec, slice_, _ = delivered.of_repeats()
    assert faults(written(slice_, spec), "odm") == []
    assert written(slice_, spec) == written(slice_, spec)


def test_a_report_that_was_entered_in_error_is_removed() -> None:
    spec, slice_, _ = delivered.of_repeats()
    data = written(slicing.withdraw(slice_, "wrong patient"), spec)
    root = ElementTree.fromstring(data)
    (event,) = root.iter(f"{ODM}StudyEventData")
    assert root.get("FileType") == "Transactional"
    assert dict(event.attrib) == {"StudyEventOID": "M6", "TransactionType": "Remove"}
    assert list(event) == []
    assert faults(data, "odm") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [({"subject_id": ""}, "own number"), ({"entry_code": "M7"}, "no event M7")],
)
def test_what_the_dictionary_has_no_place_for_is_refused(change: dict[str, str], words: str) -> None:
    spec, slice_, _ = delivered.of_repeats()
    with pytest.raises(ValueError, match=words):
        written(replace(slice_, **change), spec)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no field inf_org"):
        written(slice_, replace(spec, fields=spec.fields[:-1]))
    with pytest.raises(ValueError, match="zone"):
        odm_file.write(slice_, spec, file_oid="x", created=datetime(2026, 1, 1))
