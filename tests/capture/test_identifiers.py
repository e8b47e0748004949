"""Identifiers: ciphertext in every table, in no sheet, mail or log, in clear only for the program entitled."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from capture.ask import charges, load, sheet
from capture.ask.facts import Answer, Entered, Entry, PatientFacts
from capture.deliver import copied, sending
from capture.enter import correcting, drafts, enrolling, recording
from capture.enter.correcting import Correction
from capture.enter.drafts import Typed
from capture.enter.enrolling import ConsentGiven, EnrollingError
from capture.models import CopiedField, Delivery, Draft, Enrollment, Response, Submission, Visit
from capture.models.sealed import PREFIX, UnknownKey
from sites.models import TrailEntry
from tests.answering import answers_for, submit
from tests.capture.deliver.made import ask, fields, small
from tests.occasions import PATIENT, day, occasion
from tests.occasions import visit as visit_of
from tests.tampering import behind_its_back
from tests.world import AT, TODAY, World

pytestmark = pytest.mark.django_db
BORN, NUMBER = "1964-05-03", "7788990017"
NA = "car_registry_na"
INFUSED = TODAY - timedelta(days=100)


def everything_stored() -> Iterator[tuple[str, str]]:
    """Every row of every table as text, as the database holds it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from ((table, str([bytes(v) if isinstance(v, memoryview) else v for v in r])) for r in cursor)


def holding(*values: str) -> set[str]:
    """The tables that hold one of these values in clear."""
    return {table for table, row in everything_stored() if any(v in row for v in values)}


def agree_to_be_named(program: str) -> None:
    """The patient lets this program have identifying data."""
    enrolled = Enrollment.objects.get(program__code=program)
    enrolling.give_consent(enrolled, ConsentGiven("v1", INFUSED, data_class="identifiers"), actor=AT, reason="asked")


@pytest.fixture
def told(car_world: World, settings: Any, tmp_path: Path) -> World:
    """Alice has typed the date of birth and the programs' numbers into the baselines; one program may be told."""
    settings.DELIVERY_DIR = tmp_path
    agree_to_be_named(NA)
    for visit in Visit.objects.filter(kind="baseline"):
        submit(visit, car_world.actor("alice"), {"date-of-birth": BORN, "subject-id": NUMBER})
    return car_world


def test_after_a_submit_no_table_holds_the_value(told: World) -> None:
    assert Response.objects.get(element="date-of-birth").value == BORN
    assert Response.objects.filter(element="subject-id", value__startswith=PREFIX).count() == 3
    assert {r.value for r in Response.objects.filter(element="subject-id")} == {NUMBER}
    assert holding(BORN, NUMBER) == set()


def test_while_it_is_typed_no_table_holds_the_value(car_world: World) -> None:
    visit = Visit.objects.filter(kind="baseline", timepoints__enrollment__program__code=NA).get()
    typed = Typed(answers_for(visit, {"date-of-birth": BORN}).entered, {})
    drafts.save(visit, car_world.alice, sequence=1, typed=typed, active_centiseconds=0)
    assert BORN in str(Typed.load(Draft.objects.get().values))
    assert holding(BORN) == set()


def test_a_correction_stays_ciphertext_and_is_read_as_given(told: World) -> None:
    answer = Response.objects.get(element="date-of-birth")
    correcting.correct(answer, Correction("1964-05-04"), actor=told.actor("alice"), reason="misread", today=TODAY)
    facts = load.for_patients([answer.patient_id])[answer.patient_id]
    assert [a.value for a in facts.answers if a.element == "date-of-birth"] == ["1964-05-04"]
    assert holding(BORN, "1964-05-04") == set()


def test_the_frozen_sheet_counts_the_ask_without_its_value(told: World) -> None:
    sheets = [s.sheet["sheet"] for s in Submission.objects.all()]
    asked = [line["state"] for s in sheets for line in s["lines"] if "date-of-birth" in line["elements"]]
    assert "shown" in asked
    assert BORN not in str(sheets)


def test_a_kept_identifier_is_frozen_without_its_value() -> None:
    release = small(ask(fields("member")[0], "payer-member-id"))
    before = Answer("payer-member-id", "", "v6", NUMBER, observed_on=day(90), visit_id=6, id="a-member")
    facts = visit_of(release, occasion(release, "study", "M6", 180), patient=PatientFacts(PATIENT, (before,)))
    key = sheet.build(facts).questions[0].key
    made = sheet.build(facts, Entered({key: Entry(NUMBER, confirmed=True)}), final=True)
    frozen = str(charges.frozen(made, {}))
    assert NUMBER in str(made)
    assert NUMBER not in frozen
    assert "Kept with one key." in frozen


def test_the_file_of_the_program_entitled_holds_it_and_no_other(told: World, settings: Any) -> None:
    for pk in sending.pending():
        sending.send_one(pk)
    files = {path.relative_to(settings.DELIVERY_DIR).parts[0]: path for path in settings.DELIVERY_DIR.rglob("*.csv")}
    assert {program for program, path in files.items() if BORN in path.read_text()} == {NA}
    assert not [path for path in settings.DELIVERY_DIR.rglob("*.txt") if BORN in path.read_text()]
    assert holding(BORN, NUMBER) == set()


def test_without_a_consent_that_names_it_no_file_holds_it(car_world: World, settings: Any, tmp_path: Path) -> None:
    settings.DELIVERY_DIR = tmp_path
    for visit in Visit.objects.filter(kind="baseline"):
        submit(visit, car_world.actor("alice"), {"date-of-birth": BORN, "subject-id": NUMBER})
    for pk in sending.pending():
        sending.send_one(pk)
    text = "".join(path.read_text() for path in tmp_path.rglob("*.csv"))
    assert NUMBER in text
    assert BORN not in text


def test_a_consent_to_identifying_data_alone_is_none(car_world: World) -> None:
    treatment = Enrollment.objects.all()[0].treatment
    only = [ConsentGiven("v1", INFUSED, data_class="identifiers")]
    with pytest.raises(EnrollingError, match="No consent"):
        enrolling.enrol(treatment, car_world.programs[NA], enrolled_on=INFUSED, consents=only, actor=AT, today=TODAY)
    agree = ConsentGiven("v1", INFUSED, data_class="genome")
    with pytest.raises(EnrollingError, match="one kind of data: clinical, identifiers"):
        enrolling.give_consent(Enrollment.objects.all()[0], agree, actor=AT)


def test_a_tick_in_the_copy_helper_keeps_it_as_ciphertext(told: World) -> None:
    delivery = Delivery.objects.get(timepoint__enrollment__program__code=NA)
    row = next(r for r in copied.copy_rows(delivery) if r.cell.value == BORN)
    copied.tick(delivery, row=row.row.key, path=row.cell.path, value=BORN, actor=AT)
    assert CopiedField.objects.get().value == BORN
    assert next(r for r in copied.copy_rows(delivery) if r.cell.value == BORN).ticked
    assert holding(BORN) == set()


def test_neither_worklist_nor_mail_nor_log_holds_it(told: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client()
    client.force_login(told.alice, "django.contrib.auth.backends.ModelBackend")
    pages = [client.get(reverse(name), follow=True).content.decode() for name in ("home", "worklist", "patients")]
    call_command("send_reminders", verbosity=0)
    call_command("deliver_pending", verbosity=0)
    seen = "".join(pages) + caplog.text + "".join(str(m.body) for m in mail.outbox)
    assert BORN not in seen
    assert NUMBER not in seen


def test_text_that_looks_like_ciphertext_is_kept_as_typed(told: World) -> None:
    answer = Response.objects.filter(element="contact-method").first() or Response.objects.all()[0]
    with behind_its_back(Response):
        Response.objects.filter(pk=answer.pk).update(as_entered="sealed:hello")
    assert Response.objects.get(pk=answer.pk).as_entered == "sealed:hello"


def test_a_repeat_is_recognised_by_a_hash_that_nobody_can_try_values_against(told: World, settings: Any) -> None:
    entered = answers_for(Visit.objects.filter(kind="followup")[0]).entered
    post = recording.Post(Submission.objects.all()[0].client_uuid, 1, entered, {})
    before = post.sha256
    settings.IDENTITY_KEY = Fernet.generate_key().decode()
    assert post.sha256 != before


def test_the_key_can_be_changed_without_losing_a_value(told: World, settings: Any) -> None:
    old, new = settings.IDENTITY_KEY, Fernet.generate_key().decode()
    settings.IDENTITY_KEY = f"{new},{old}"
    call_command("reseal_identifiers", verbosity=0)
    settings.IDENTITY_KEY = new
    assert Response.objects.get(element="date-of-birth").value == BORN
    assert BORN in str(Delivery.objects.get(timepoint__enrollment__program__code=NA).payload)
    assert TrailEntry.objects.get(action="reseal_identifiers").details["answers"] >= 4
    settings.IDENTITY_KEY = old
    with pytest.raises(UnknownKey, match="ASKONCE_IDENTITY_KEY"):
        Response.objects.get(element="date-of-birth")


def test_identifiers_that_were_kept_in_clear_are_sealed_by_the_same_command(told: World) -> None:
    answer = Response.objects.get(element="date-of-birth")
    with behind_its_back(Response):
        Response.objects.filter(pk=answer.pk).update(value=str.__str__(BORN), as_entered=BORN)
    assert holding(BORN) == {"capture_response"}
    call_command("reseal_identifiers", verbosity=0)
    assert Response.objects.get(pk=answer.pk).value == BORN
    assert holding(BORN) == set()
