"""Receipts and ticks: who copied, who attests, what was rejected, and which deliveries a mapping touched."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from capture.deliver import copied, data_files, outbox, receipts, states
from capture.deliver.outbox import WrongState
from capture.models import CopiedField, DataQuery, Delivery, Move
from sites.trail import ReasonMissing
from tests.capture.deliver.rows import Case, case, corrected, d100, day, of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
NA, PASS = "car_registry_na", "car_pass_sponsor"


@pytest.fixture
def to_copy(world: World) -> Case:
    """Three deliveries of day 100 wait to be copied by hand."""
    made = case(world, "transcribe")
    made.prepare(d100(made))
    return made


def tick(row: Delivery, path: str, value: str) -> CopiedField:
    return copied.tick(row, row="", path=path, value=value, actor=AT)


def by_path(row: Delivery) -> dict[str, copied.CopyRow]:
    return {r.cell.path: r for r in copied.copy_rows(row)}


def revised(made: Case) -> Delivery:
    """The contact date was corrected by a day."""
    corrected("contact-date", str(day(99)))
    made.prepare(of(NA).submission)
    return of(NA, 2)


def test_a_tick_is_kept_once_and_can_be_taken_back(to_copy: Case) -> None:
    assert tick(of(NA), "surv", "1").pk == tick(of(NA), "surv", "1").pk
    assert by_path(of(NA))["surv"].ticked
    copied.untick(of(NA), row="", path="surv", value="1", actor=AT)
    assert not by_path(of(NA))["surv"].ticked
    assert [c.undone for c in CopiedField.objects.all()] == [False, True]


def test_a_tick_for_another_value_is_refused(to_copy: Case) -> None:
    with pytest.raises(copied.NothingThere):
        tick(of(NA), "surv", "2")
    with pytest.raises(copied.NothingThere):
        tick(of(NA), "no_such_field", "")


def test_progress_counts_what_has_to_be_copied(to_copy: Case) -> None:
    tick(of(NA), "surv", "1")
    done, wanted = copied.progress(copied.copy_rows(of(NA)))
    assert (done, wanted) == (1, sum(1 for r in copied.copy_rows(of(NA)) if r.cell.value))
    assert wanted > 2


def test_the_helper_keeps_the_programs_own_order(to_copy: Case) -> None:
    rows = copied.copy_rows(of(NA))
    assert [r.cell.path for r in rows][:3] == ["visit", "contact_dt", "surv"]
    assert [r.cell.section for r in rows if r.new_section][:2] == ["Survival", "Response"]
    assert [r.row.form for r in rows if r.new_form] == ["ct_followup"]


def test_what_was_copied_before_and_did_not_change_counts_as_done(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    rows = by_path(revised(to_copy))
    assert (rows["surv"].ticked, rows["surv"].changed) == (True, False)


def test_changes_since_copied_are_marked_with_the_old_value(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    rows = by_path(revised(to_copy))
    changed = rows["contact_dt"]
    assert (changed.ticked, changed.changed, changed.old, changed.cell.value) == (
        False,
        True,
        str(day(100)),
        str(day(99)),
    )
    assert copied.progress(rows.values())[0] == copied.progress(rows.values())[1] - 1


def test_a_value_that_became_blank_has_to_be_cleared(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    corrected("contact-date", missing="unknown")
    to_copy.prepare(of(NA).submission)
    row = by_path(of(NA, 2))["contact_dt"]
    assert (row.to_copy, row.changed, row.cell.value, row.old) == (True, True, "", str(day(100)))


def test_nothing_is_red_before_anything_was_copied(to_copy: Case) -> None:
    assert not any(r.changed for r in copied.copy_rows(revised(to_copy)))


def test_all_copied_ticks_the_rest_and_says_who_and_how_long(to_copy: Case) -> None:
    tick(of(NA), "surv", "1")
    receipts.mark_transcribed(of(NA), actor=AT, active_centiseconds=4200)
    receipt = of(NA).receipts.get()
    assert (of(NA).state, receipt.kind, receipt.by) == ("transcribed", "transcribed", AT.name)
    assert (receipt.details["ticked_before"], receipt.details["active_centiseconds"]) == (1, 4200)
    assert all(r.ticked for r in copied.copy_rows(of(NA)) if r.cell.value)


def test_a_held_or_finished_delivery_is_not_copied(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    with pytest.raises(WrongState):
        tick(of(NA), "surv", "1")
    Delivery.objects.filter(pk=of(PASS).pk).update(state="held")
    with pytest.raises(WrongState):
        receipts.mark_transcribed(of(PASS), actor=AT)
    assert not CopiedField.objects.filter(delivery=of(PASS)).exists()


def test_a_named_person_confirms_only_what_was_copied_and_says_what_they_saw(to_copy: Case) -> None:
    with pytest.raises(WrongState):
        receipts.confirm(of(NA), actor=AT, note="seen")
    receipts.mark_transcribed(of(NA), actor=AT)
    with pytest.raises(ReasonMissing):
        receipts.confirm(of(NA), actor=AT, note=" ")
    receipts.confirm(of(NA), actor=AT, note="status complete")
    assert of(NA).state == "confirmed"
    moves = Move.objects.filter(subject_uuid=of(NA).uuid).order_by("pk")
    assert [m.after for m in moves] == ["prepared", "transcribed", "confirmed"]


def test_a_rejection_opens_a_query_on_its_field(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    query = receipts.reject(of(NA), path="surv", text="does not fit the death form", actor=AT)
    assert (query.timepoint, query.path, query.state) == (of(NA).timepoint, "surv", "open")
    assert (of(NA).state, of(NA).state_reason) == ("rejected", "does not fit the death form")


def test_a_rejection_of_an_unknown_field_changes_nothing(to_copy: Case) -> None:
    receipts.mark_transcribed(of(NA), actor=AT)
    with pytest.raises(receipts.UnknownField):
        receipts.reject(of(NA), path="spm", text="no", actor=AT)
    assert (of(NA).state, DataQuery.objects.count()) == ("transcribed", 0)


def test_a_program_that_pulls_acknowledges_once(world: World) -> None:
    made = case(world, "pull")
    made.prepare(d100(made))
    receipts.acknowledge(of(NA), actor=AT)
    receipts.acknowledge(of(NA), actor=AT)
    assert of(NA).state == "confirmed"
    assert [r.kind for r in of(NA).receipts.all()] == ["acknowledged"]


def test_a_replaced_revision_cannot_be_acknowledged(world: World) -> None:
    made = case(world, "pull")
    made.prepare(d100(made))
    revised(made)
    with pytest.raises(WrongState):
        receipts.acknowledge(of(NA), actor=AT)


def test_a_mapping_lists_the_deliveries_that_carry_its_value(to_copy: Case) -> None:
    reference = "starter-surv@1"
    assert receipts.touched_by(reference) == [of(NA)]
    assert receipts.touched_by("starter-surv") == [of(NA)]
    assert receipts.touched_by("starter-cod@1") == []  # asked, but blank


def test_every_state_leads_somewhere_or_is_final() -> None:
    assert {s.value for s in Delivery.State} == set(states.ALLOWED)
    assert {s for s, after in states.ALLOWED.items() if not after} == {"confirmed", "superseded"}
    assert not any(states.allows(s, s) for s in states.ALLOWED)


def test_a_change_that_is_not_allowed_names_both_states(to_copy: Case) -> None:
    with pytest.raises(WrongState, match="'Prepared' and cannot become 'Rejected'"):
        outbox.change(of(NA), "rejected", actor=AT)


def test_the_api_gives_a_program_its_values_and_takes_its_receipt(world: World) -> None:
    made = case(world, "pull")
    made.prepare(d100(made))
    client = APIClient()
    client.force_authenticate(world.people["sam"])
    url = f"/api/v1/deliveries/{of(PASS).uuid}/"
    given = client.get(url).json()
    assert (given["subject_id"], given["values"]["survstat"], given["repeats"]) == ("7000", "A", [])
    assert client.post(f"{url}acknowledge/", {}).json()["state"] == "confirmed"
    assert client.get(f"/api/v1/deliveries/{of(NA).uuid}/").status_code == 404


@pytest.mark.parametrize(("to", "names"), [("odm", "ClinicalData"), ("fhir", "linkId"), ("xform", "uuid:")])
def test_the_api_gives_a_data_file_and_writes_down_which(world: World, to: str, names: str) -> None:
    made = case(world, "pull")
    made.prepare(d100(made))
    client = APIClient()
    client.force_authenticate(world.people["sam"])
    url = f"/api/v1/deliveries/{of(PASS).uuid}/"
    answer = client.get(url, {"to": to})
    assert (answer.status_code, names in answer.content.decode()) == (200, True)
    assert [r.details for r in of(PASS).receipts.filter(kind="fetched")] == [{"format": to}]
    refused = client.get(url, {"to": "sas"})
    assert (refused.status_code, "Choose one of odm, fhir, xform" in refused.content.decode()) == (400, True)
    assert client.get(f"/api/v1/deliveries/{of(NA).uuid}/", {"to": to}).status_code == 404


def test_a_submission_names_the_revision_that_left_before_it(world: World) -> None:
    made = case(world, "pull")
    made.prepare(d100(made))
    first = of(PASS)
    receipts.acknowledge(first, actor=AT)
    corrected("vital-status", "dead")
    made.prepare(first.submission)
    second = of(PASS, 2)
    assert f"<deprecatedID>uuid:{first.uuid}<" in data_files.write(second, "xform").decode()
    assert "deprecatedID" not in data_files.write(first, "xform").decode()
