"""Sending: at least once, never half, a killed sender loses nothing, a broken row does not block the others."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from capture.deliver import receipts, sending
from capture.deliver.backends import BACKENDS, Outcome, Parcel, SendError
from capture.deliver.backends.file import FileBackend
from capture.deliver.backends.null import NullBackend
from capture.deliver.outbox import WrongState
from capture.models import Delivery, Receipt
from sites import claims
from tests.capture.deliver.rows import Case, case, corrected, d100, day, of
from tests.world import AT, World

pytestmark = pytest.mark.django_db
NA = "car_registry_na"


class Broken:
    """Cannot send."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, parcel: Parcel) -> Outcome:
        raise self.error


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing after it runs."""


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where import files go in this test."""
    settings.DELIVERY_DIR = tmp_path
    return tmp_path


@pytest.fixture
def queued(world: World, folder: Path) -> Case:
    """Three deliveries of day 100 wait as import files."""
    made = case(world)
    made.prepare(d100(made))
    return made


def files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_an_import_file_is_written_with_its_note_and_receipt(queued: Case, folder: Path) -> None:
    assert sending.send_one(of(NA).pk)
    row = of(NA)
    data = (folder / row.file_path).read_bytes()
    assert (row.state, row.next_try_at, row.claimed_by) == ("exported", None, "")
    assert row.receipts.get().details["file_sha256"] == hashlib.sha256(data).hexdigest()
    assert data.startswith(b"crid,redcap_event_name,visit,contact_dt,surv")
    assert "YYYY-MM-DD" in (folder / row.file_path).with_suffix(".txt").read_text()


def test_it_is_sent_once_only(queued: Case, folder: Path) -> None:
    assert [sending.send_one(of(NA).pk) for _ in range(3)] == [True, False, False]
    assert Receipt.objects.count() == 1


def test_killed_while_writing_the_next_sweep_sends_it_under_the_same_name(queued: Case, folder: Path) -> None:
    with pytest.raises(Killed):
        sending.send_one(of(NA).pk, backends={"file": Dies()})
    assert sending.pending() == [d.pk for d in Delivery.objects.exclude(pk=of(NA).pk).order_by("pk")]
    lease_runs_out()
    assert sending.send_one(of(NA).pk)
    assert (len(files(folder)), of(NA).attempts, Receipt.objects.count()) == (2, 2, 1)


class Dies:
    """Writes the file and is killed before the mark."""

    def send(self, parcel: Parcel) -> Outcome:
        FileBackend().send(parcel)
        raise Killed


def lease_runs_out() -> None:
    Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_killed_after_the_mark_nothing_is_sent_again(queued: Case, folder: Path) -> None:
    row = claims.claim(Delivery, of(NA).pk)
    assert row is not None
    receipts.advance(row, "exported", actor=AT)  # and killed before finish()
    Delivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
    lease_runs_out()
    null = NullBackend("exported")
    assert not sending.send_one(row.pk, backends={"file": null})
    assert (null.parcels, of(NA).next_try_at) == ([], None)


def test_two_senders_do_not_send_the_same(queued: Case, folder: Path) -> None:
    assert claims.claim(Delivery, of(NA).pk) is not None
    assert not sending.send_one(of(NA).pk)
    assert files(folder) == []


def test_an_error_waits_for_a_later_try_and_ends_as_stopped(queued: Case) -> None:
    for _ in range(len(claims.BACKOFF) + 1):
        Delivery.objects.filter(pk=of(NA).pk).update(next_try_at=timezone.now())
        assert not sending.send_one(of(NA).pk, backends={"file": Broken(SendError("The disk is full."))})
    row = of(NA)
    assert (row.state, row.last_error, row.next_try_at) == ("prepared", "The disk is full.", None)
    assert row.dead_at is not None


def test_a_stopped_one_goes_back_into_the_queue_on_a_persons_word(queued: Case) -> None:
    with pytest.raises(WrongState):
        sending.retry(of(NA), actor=AT, reason="again")
    sending.send_one(of(NA).pk, backends={"file": Broken(SendError("No such folder.", permanent=True))})
    sending.retry(of(NA), actor=AT, reason="the folder is there now")
    assert sending.send_one(of(NA).pk)


def test_an_unknown_error_is_kept_without_its_text(queued: Case) -> None:
    with pytest.raises(ValueError, match="1980"):
        sending.send_one(of(NA).pk, backends={"file": Broken(ValueError("born 1980-02-03"))})
    assert "1980" not in of(NA).last_error
    assert "ValueError" in of(NA).last_error


def test_a_newer_revision_in_between_wins(queued: Case) -> None:
    class Late:
        def send(self, parcel: Parcel) -> Outcome:
            Delivery.objects.filter(uuid=parcel.delivery).update(state="superseded")
            return Outcome("exported", "too late")

    assert not sending.send_one(of(NA).pk, backends={"file": Late()})
    assert (of(NA).state, Receipt.objects.count()) == ("superseded", 0)


def test_the_next_revision_holds_what_changed_since_the_one_that_left(queued: Case, folder: Path) -> None:
    sending.send_one(of(NA).pk)
    corrected("contact-date", str(day(99)))
    queued.prepare(of(NA).submission)
    sending.send_one(of(NA, 2).pk)
    text = (folder / of(NA, 2).file_path).read_text().splitlines()
    assert text[0] == "crid,redcap_event_name,contact_dt,ct_followup_complete"
    assert text[1] == f"7002,100_days_arm_1,{day(99)},2"


def test_the_same_delivery_gives_the_same_bytes_before_and_after_it_left(queued: Case, folder: Path) -> None:
    before, _ = sending.file_of(of(NA))
    sending.send_one(of(NA).pk)
    assert sending.file_of(of(NA))[0] == before


@pytest.mark.parametrize("mode", ["transcribe", "pull"])
def test_other_modes_wait_and_write_nothing(world: World, folder: Path, mode: str) -> None:
    made = case(world, mode)
    made.prepare(d100(made))
    assert sending.pending() == []
    assert BACKENDS[mode].send(sending.parcel(of(NA))).state == ""
    assert files(folder) == []


def test_the_command_lists_and_sends_what_is_due(queued: Case, folder: Path, capsys: Any) -> None:
    call_command("deliver_pending", "--dry-run", "--json")
    assert len(json.loads(capsys.readouterr().out)["deliveries"]) == 3
    assert files(folder) == []
    call_command("deliver_pending", "--json")
    assert json.loads(capsys.readouterr().out) == {"dry_run": False, "sent": 3, "skipped": 0, "failed": 0}
    assert len(files(folder)) == 6


def test_the_command_says_what_could_not_be_sent(queued: Case, folder: Path, settings: Any) -> None:
    (folder / "file").write_text("in the way")
    settings.DELIVERY_DIR = folder / "file"
    with pytest.raises(CommandError) as stopped:
        call_command("deliver_pending")
    assert stopped.value.returncode == 1
    assert "could not be written" in of(NA).last_error
