"""Steps 1 to 4 and 7: upload, decide, cost, accept, plan, remind."""

from __future__ import annotations

from django.core.management import call_command

from capture.models import Digest, Run, Timepoint, Visit
from forms_catalog.models import Mapping, Proposal
from forms_catalog.starter import CONTENT
from tests.journeys.journey import Journey
from tests.journeys.stage import SPONSOR
from tests.processes import wait_until


def a_sponsor_uploads_a_dictionary_with_its_schedule(journey: Journey) -> None:
    sam = journey.sam
    sam.go("/requests/")
    sam.look("01-requests")
    sam.go(f"/requests/{SPONSOR}/upload/")
    sam.page.get_by_label("Data dictionary").set_input_files(CONTENT / "programs" / f"{SPONSOR}.csv")
    sam.page.get_by_label("Follow-up schedule").set_input_files(CONTENT / "schedules" / f"{SPONSOR}.json")
    sam.look("02-upload")
    sam.press("Upload")
    sam.reads("Import report")
    sam.reads("55")
    sam.look("03-import-report")


def a_curator_decides_with_reasons(journey: Journey) -> None:
    cora = journey.cora
    cora.go("/mapping/")
    cora.look("04-mapping-list")
    cora.go(f"/mapping/{SPONSOR}/?show=all&field=survstat")
    cora.page.get_by_label("Reason", exact=True).fill("same question, own letters")
    cora.look("05-review", keep=True)
    cora.press("Confirm a")
    cora.page.wait_for_selector(".messages .notice-success")
    cora.go(f"/mapping/{SPONSOR}/?show=all&field=visdt&element=contact-date")
    cora.page.locator("#refusal").fill("a contact closes the registry's period, a visit is a visit")
    cora.press("Not the same n")
    cora.page.wait_for_selector(".messages .notice-success")
    assert Proposal.objects.get(path="visdt", element__key="contact-date").state == "not_same"
    cora.go(f"/mapping/{SPONSOR}/?show=machine")
    boxes = cora.page.locator(".review-table input[type=checkbox]")
    many = min(3, boxes.count())
    for n in range(many):
        boxes.nth(n).check()
    cora.press("Confirm ticked")
    cora.page.get_by_label("One reason for all of them").fill("same words, same answers")
    cora.look("06-many-at-once")
    cora.press("Confirm the ticked fields")
    cora.reads(f"{many} fields confirmed.")
    call_command("load_decisions", SPONSOR, verbosity=0)  # the rest as recorded by a curator, each with its reason
    decided = Mapping.objects.filter(program__code=SPONSOR, state="confirmed")
    assert decided.count() == 55
    assert decided.filter(decided_by="cora").count() == many + 1
    assert not decided.filter(reason="").exists()


def the_cost_is_seen_before_the_admin_accepts(journey: Journey) -> None:
    dana, sam = journey.dana, journey.sam
    dana.go(f"/requests/{SPONSOR}/cost/")
    dana.press("Estimate the cost")
    dana.reads("min a visit")
    dana.look("07-cost", keep=True)
    sam.go(f"/requests/{SPONSOR}/cost/")
    sam.reads("min a visit")
    sam.look("08-cost-for-the-sponsor")
    dana.page.get_by_label("Reason", exact=True).fill("the board agreed on these numbers")
    dana.press("Accept and plan")
    dana.page.wait_for_selector(".messages .notice-success")


def the_run_plans_53_timepoints_in_19_visits(journey: Journey) -> None:
    wait_until(lambda: not Run.objects.exclude(state="done").exists(), 60, "the worker has planned")
    assert Timepoint.objects.filter(kind="followup").count() == 53
    assert Visit.objects.filter(kind="followup").count() == 19
    alice = journey.alice
    alice.go(f"/patients/{journey.stage.patient.uuid}/")
    alice.look("09-patient")


def each_coordinator_gets_one_digest(journey: Journey) -> None:
    wait_until(lambda: Digest.objects.filter(user__username="alice", state="sent").exists(), 60, "the digest is sent")
    wait_until(lambda: Digest.objects.filter(user__username="bea", state="sent").exists(), 60, "the digest is sent")
    assert Digest.objects.filter(user__username="alice").count() == 1
    mine = Digest.objects.get(user__username="alice")
    assert len(list(journey.mail.glob(f"digest-{mine.uuid}*.eml"))) == 1
    journey.alice.go("/reminders/")
    journey.alice.page.locator("main details summary").last.click()
    journey.alice.reads("NRT-0001")
    journey.alice.look("10-reminders")
