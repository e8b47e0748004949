"""check_burden_ledger: agrees after real submissions, and names each row that was touched behind its back."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models import Sum

from capture.ask import charges
from capture.ask.asksheet import AVOIDED
from capture.deliver import receipts
from capture.enter import ledger_check, signing
from capture.models import Delivery, Submission, Timepoint, Visit
from sites.burden import dashboards, ledger
from sites.burden.cost import ASSUMED
from sites.burden.entries import Entry
from sites.models import BurdenEntry, Participation
from sites.trail import system
from tests.answering import submit
from tests.tampering import behind_its_back
from tests.world import World, visit_on

SETUP = system("test")
ADDED = ("source", "source_uuid", "program", "kind", "site", "local_date", "share")


@pytest.fixture
def submitted(car_world: World) -> Submission:
    """The joint day-100 visit, submitted through its gateway."""
    Participation.objects.exclude(program__code="car_pass_sponsor").update(mode="transcribe")
    first = Visit.objects.filter(timepoints__entry_code="D100").distinct().get()
    return submit(first, car_world.actor("alice"))


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command."""
    out = StringIO()
    try:
        call_command("check_burden_ledger", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_it_agrees_after_a_submission(submitted: Submission) -> None:
    code, text = run()
    kinds = set(BurdenEntry.objects.values_list("kind", flat=True))
    assert code == 0
    assert "no difference" in text
    assert {"predicted", "avoided", "measured"} <= kinds


def test_it_names_a_changed_figure(submitted: Submission) -> None:
    row = BurdenEntry.objects.filter(kind="predicted").first()
    assert row
    with behind_its_back(BurdenEntry):
        BurdenEntry.objects.filter(pk=row.pk).update(share=row.share + 1, shown=99)
    code, text = run("--json")
    found = json.loads(text)["drift"]
    assert code == 1
    assert [(d["program"], d["column"]) for d in found] == [(row.program, "share"), (row.program, "shown")]
    assert found[0]["replayed"] == str(row.share)


def test_it_names_a_lost_row_and_one_too_many(submitted: Submission) -> None:
    lost = BurdenEntry.objects.filter(kind="avoided").first()
    assert lost
    with behind_its_back(BurdenEntry):
        BurdenEntry.objects.filter(pk=lost.pk).delete()
    ledger.write([Entry("submission", uuid4(), "x", "predicted", "north", date(2026, 6, 1))], actor=SETUP)
    code, text = run()
    assert code == 1
    assert f"{lost.program} avoided r1: not in the ledger" in text
    assert "x predicted r1: in the ledger, not by the record" in text


def test_it_names_a_sheet_that_cannot_be_read(submitted: Submission) -> None:
    with behind_its_back(Submission):
        Submission.objects.filter(pk=submitted.pk).update(sheet={"sheet": 1})
    code, text = run()
    assert code == 1
    assert f"submission {submitted.uuid}: its frozen sheet cannot be read" in text


def test_the_replay_uses_the_defaults_of_the_day_it_was_charged(submitted: Submission) -> None:
    cheaper = {**submitted.sheet, "assumed": {**submitted.sheet["assumed"], "visit": 0}}
    with behind_its_back(Submission):
        Submission.objects.filter(pk=submitted.pk).update(sheet=cheaper)
    found = {d.column for d in ledger_check.replay().drift}
    assert {"share", "alone"} <= found


def test_every_figure_of_the_page_follows_from_the_frozen_sheets(submitted: Submission) -> None:
    """ADR 0010: nothing the burden page shows needs more than the sheets."""
    made = charges.thaw(submitted.sheet)[0]
    day = submitted.submitted_at.date()
    for line in dashboards.of_site(submitted.visit.site, day, day).lines:
        own = [x for x in made.lines if x.program == line.code]
        asked = [q for q in made.visible if q.kind != "field" and line.code in {a.program for a in q.askers}]
        kept = [q for q in asked if q.key in submitted.sheet["work"]["kept"]]
        saved = sum(x.centiseconds for x in own if x.state in AVOIDED)
        looked = sum(max(0, x.centiseconds - ASSUMED.confirmed) for x in own if x.state == "confirmed")
        typed = sum(q.centiseconds + ASSUMED.query for q in asked if q not in kept)
        assert {s: n for s, n in line.totals.counts.items() if n} == dict(Counter(x.state for x in own))
        assert line.totals.avoided.alone == saved + looked
        assert line.totals.predicted.alone == ASSUMED.visit + typed + ASSUMED.confirmed * len(kept)


@pytest.mark.usefixtures("db")
def test_an_empty_ledger_agrees() -> None:
    assert ledger_check.replay() == ledger_check.Replay()


def test_the_ledger_takes_the_date_of_the_site(car_world: World) -> None:
    patient = Visit.objects.first()
    assert patient
    done = submit(visit_on(patient.patient, "D100"), car_world.actor("alice"))
    assert set(BurdenEntry.objects.values_list("local_date", "site")) == {(done.submitted_at.date(), "north")}


def copied_rejected_signed(world: World) -> None:
    """Every delivery is copied by hand, the first one refused; every report is signed."""
    alice = world.actor("alice")
    for row in Delivery.objects.filter(state="prepared").order_by("pk"):
        receipts.mark_transcribed(row, actor=alice, active_centiseconds=0 if row.pk % 2 else 54_321)
    refused = Delivery.objects.filter(state="transcribed").order_by("pk")[0]
    receipts.reject(refused, path="", text="wrong form", actor=alice)
    for done in Submission.objects.all():
        for report in done.visit.timepoints.all():
            signing.sign(done, report, meaning="seen and correct", actor=alice)


def test_each_kind_of_work_is_in_the_ledger_and_replayed(car_world: World, submitted: Submission) -> None:
    copied_rejected_signed(car_world)
    assert run()[0] == 0
    assert set(BurdenEntry.objects.values_list("kind", flat=True)) == set(BurdenEntry.Kind.values)
    queries = BurdenEntry.objects.filter(kind="query")
    assert [q.share for q in queries] == [30_000]
    assert BurdenEntry.objects.filter(kind="signing").count() == submitted.visit.timepoints.count()


def test_copying_counts_what_it_took_and_not_twice_what_was_expected(car_world: World, submitted: Submission) -> None:
    copied_rejected_signed(car_world)
    for row in Delivery.objects.filter(receipts__kind="transcribed"):
        code = row.timepoint.enrollment.program.code
        told = row.receipts.get(kind="transcribed").details["charge"]
        total = BurdenEntry.objects.filter(program=code, kind="transcription").aggregate(n=Sum("share"))["n"]
        assert total == told["centiseconds"]
        assert told["centiseconds"] == (ASSUMED.copied * told["values"] if row.pk % 2 else 54_321)
        assert told["values"] == row.copied.filter(undone=False).count()


def test_a_signature_is_charged_once_however_often_it_is_sent(car_world: World, submitted: Submission) -> None:
    report = submitted.visit.timepoints.all()[0]
    one, two = (signing.sign(submitted, report, meaning="seen", actor=car_world.actor("alice")) for _ in range(2))
    assert one == two
    assert BurdenEntry.objects.filter(kind="signing").count() == 1
    other = Timepoint.objects.exclude(visit=submitted.visit)[0]
    with pytest.raises(signing.SigningError):
        signing.sign(submitted, other, meaning="seen", actor=car_world.actor("alice"))


HARMS = {"changed": "share is", "deleted": "not in the ledger", "added": "in the ledger, not by the record"}


def harmed(row: BurdenEntry, harm: str) -> str:
    """What the command says after raw SQL has touched the row; the row is whole again afterwards."""
    with transaction.atomic():
        with behind_its_back(BurdenEntry), connection.cursor() as cursor:
            if harm == "changed":
                cursor.execute("UPDATE sites_burdenentry SET share = share + 1 WHERE id = %s", [row.pk])
            if harm == "deleted":
                cursor.execute("DELETE FROM sites_burdenentry WHERE id = %s", [row.pk])
            if harm == "added":
                BurdenEntry.objects.create(**{f: getattr(row, f) for f in ADDED}, written_at=row.written_at, revision=9)
        code, text = run()
        transaction.set_rollback(True)
    assert code == 1
    return text


def test_a_row_of_any_kind_that_was_tampered_with_is_named(car_world: World, submitted: Submission) -> None:
    copied_rejected_signed(car_world)
    for kind in BurdenEntry.Kind.values:
        row = BurdenEntry.objects.filter(kind=kind)[0]
        for harm, words in HARMS.items():
            where = f"{row.source} {row.source_uuid} {row.program} {kind} r{9 if harm == 'added' else 1}: "
            assert where + words in harmed(row, harm)
    assert run()[0] == 0
